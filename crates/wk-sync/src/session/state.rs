//! The states of the connection; each that waits has a deadline.

use std::fmt;
use std::time::Duration;

use wk_store::model::Instant;
use wk_store::model::proto::{Cipher, ClientSecret, Frame, Packet, ProtocolVersion};

use crate::engine::{Cx, LinkId, Output};

/// How long after its last PING a client surely counts as present: v3 servers push until 90 s after they read it
/// (docs/servers.md T18), and it may have been on its way for a while.
const PRESENCE: Duration = Duration::from_secs(80);

pub(crate) enum State {
    /// Not wanted, or ended for good.
    Offline,
    /// Until the next attempt.
    Waiting { until: Instant },
    /// The driver opens a connection.
    Connecting { link: LinkId, deadline: Instant },
    /// Open, CONNECT not yet written.
    Settling { link: LinkId, until: Instant },
    /// CONNECT is written.
    Handshaking { link: LinkId, deadline: Instant, secret: ClientSecret, early: Vec<Frame> },
    /// Authenticated.
    Online(Box<Online>),
}

/// An authenticated connection.
pub(crate) struct Online {
    pub(crate) link: LinkId,
    pub(crate) version: ProtocolVersion,
    /// Absent where the server has encryption off.
    pub(crate) cipher: Option<Box<Cipher>>,
    pub(crate) since: Instant,
    pub(crate) last_heard: Instant,
    pub(crate) next_ping: Instant,
    /// Until when the server must be heard, after a PING that asked whether it is still there.
    pub(crate) probe: Option<Instant>,
}

impl Online {
    /// When the connection counts as dead unless a byte comes.
    pub(crate) fn dead_at(&self, silence_limit: Duration) -> Instant {
        let silent = self.last_heard + silence_limit;
        self.probe.map_or(silent, |probe| probe.min(silent))
    }

    /// Whether the server may have taken this client for absent, and pushed nothing, since its last PING.
    pub(crate) fn slept(&self, cx: &Cx<'_>) -> bool {
        self.next_ping + PRESENCE.saturating_sub(cx.core.config.ping_interval) <= cx.now.instant
    }

    /// Writes a PING; the next one of the timer is a whole interval away (docs/servers.md T18).
    pub(crate) fn ping(&mut self, cx: &mut Cx<'_>) {
        self.next_ping = cx.after(cx.core.config.ping_interval);
        if let Ok(bytes) = Packet::Ping.to_bytes(self.version) {
            cx.core.out.push_back(Output::Transmit { link: self.link, bytes });
        }
    }
}

impl State {
    pub(crate) const fn link(&self) -> Option<LinkId> {
        match self {
            Self::Offline | Self::Waiting { .. } => None,
            Self::Connecting { link, .. } | Self::Settling { link, .. } | Self::Handshaking { link, .. } => {
                Some(*link)
            }
            Self::Online(online) => Some(online.link),
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "Offline",
            Self::Waiting { .. } => "Waiting",
            Self::Connecting { .. } => "Connecting",
            Self::Settling { .. } => "Settling",
            Self::Handshaking { .. } => "Handshaking",
            Self::Online(_) => "Online",
        })
    }
}
