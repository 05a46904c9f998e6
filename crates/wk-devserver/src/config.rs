//! What a server is told before it starts: the generation, the timings, the quirks and the limits.

use std::time::Duration;

/// Which server's behaviour is reproduced (docs/servers.md §1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Generation {
    /// WuKongIM 2, as measured on 2.2.5.
    #[default]
    V2,
    /// WuKongIM 3, as measured on a beta (b249d3a).
    V3,
}

/// The waiting times of the server. The defaults are those of WuKongIM 2.2.5; tests shorten them. A server of generation 3
/// reads of these `idle`, which is its limit before CONNECT too, the two graces, and those that say so.
///
/// The three idle limits are looked at every half limit and so close a connection after up to one and a half
/// times the limit, exactly that where nothing arrives at all (docs/servers.md §2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// The idle limit of a connection that has not sent a whole first packet.
    pub before_connect: Duration,
    /// The idle limit of a connection whose CONNECT was not accepted: it is never told.
    pub before_auth: Duration,
    /// The idle limit of a session.
    pub idle: Duration,
    /// From the CONNECT that displaces a session, or from `device_quit`, to the session's silence.
    pub displaced_grace: Duration,
    /// From a `/user/token` of a master device to the silence of the user's running sessions.
    pub token_grace: Duration,
    /// The age at which a RECV that was not acknowledged is sent again.
    pub resend_after: Duration,
    /// How often RECVs that are due are looked for.
    pub resend_scan: Duration,
    /// How often a RECV is sent again at most.
    pub resend_limit: u32,
    /// How long a person's new conversation lives in the server's cache only.
    pub conversation_flush: Duration,
    /// v3: how long after its first message the two of a person's channel are no members of it yet (docs/servers.md T65).
    pub membership: Duration,
    /// v3: how long after a PING, or the login, a session is delivered to (docs/servers.md T18).
    pub presence: Duration,
    /// v3: how long the first message of a channel takes, with [`Quirks::slow_first_send`].
    pub first_send: Duration,
    /// v3: how long SENDs that were taken together may take, with [`Quirks::slow_first_send`].
    pub send_deadline: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            before_connect: Duration::from_secs(2),
            before_auth: Duration::from_secs(4),
            idle: Duration::from_secs(180),
            displaced_grace: Duration::from_secs(2),
            token_grace: Duration::from_secs(10),
            resend_after: Duration::from_secs(60),
            resend_scan: Duration::from_millis(57_200),
            resend_limit: 5,
            conversation_flush: Duration::from_secs(60),
            membership: Duration::from_millis(700),
            presence: Duration::from_secs(90),
            first_send: Duration::from_millis(520),
            send_deadline: Duration::from_secs(5),
        }
    }
}

/// Surprises of a real server that a test may want to be free of: the last is of v3, the others are of v2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quirks {
    /// SENDs of one connection that are in flight together may be stored in another order (docs/servers.md T54).
    /// On by default, as in the real server; the order follows from the seed of the random numbers.
    pub reorder_pipelined_sends: bool,
    /// A RECV may overtake the CONNACK that it needs (docs/servers.md T3). Off by default.
    pub recv_before_connack: bool,
    /// One CONNECT in this many is never answered (docs/servers.md T59); 0, the default, is never.
    pub silent_connect_one_in: u32,
    /// WebSocket messages that reach the server in one read kill the connection if the last one is not whole, and
    /// so does a fragmented one (docs/servers.md T30, T58). On by default, as in the real server.
    pub websocket_burst_loss: bool,
    /// v3: the first SEND to a channel takes [`Timings::first_send`], and what the connection sends meanwhile waits behind it.
    /// Of what was taken together, what has had no turn after [`Timings::send_deadline`] is refused with reason 18; what came
    /// later is stored (docs/servers.md T71). Off by default, because tests make many channels; the real server does it.
    pub slow_first_send: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            reorder_pipelined_sends: true,
            recv_before_connack: false,
            silent_connect_one_in: 0,
            websocket_burst_loss: true,
            slow_first_send: false,
        }
    }
}

/// Bounds that keep a wild client from filling the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many packets may wait for a client that reads slowly before it is disconnected.
    pub outbound_queue: usize,
    /// How many RECVs without RECVACK are remembered for a resend, per session. The oldest are forgotten.
    pub unacked: usize,
    /// How many bytes the body of an HTTP request may have.
    pub http_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { outbound_queue: 65_536, unacked: 8_192, http_body: 8 * 1024 * 1024 }
    }
}

/// Everything together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) generation: Generation,
    pub(crate) timings: Timings,
    pub(crate) quirks: Quirks,
    pub(crate) limits: Limits,
    pub(crate) token_auth: bool,
    pub(crate) random_seed: u64,
}
