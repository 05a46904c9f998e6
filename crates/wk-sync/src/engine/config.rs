//! What an account is told once: who it is, and how patient to be.

use std::time::Duration;

use wk_store::model::{ClientSeq, DeviceFlag, PageQuery, Uid};

use crate::topic::Offers;

/// Settings of one account.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The user.
    pub uid: Uid,
    /// The token that the application's backend registered for this user and device, possibly empty.
    pub token: String,
    /// The kind of device.
    pub device_flag: DeviceFlag,
    /// How long to wait between the opening of a connection and CONNECT: v2 servers sometimes miss one that is written
    /// at once (docs/servers.md T59). 10 ms.
    pub settle_time: Duration,
    /// How long to wait for a connection to open. 15 s.
    pub connect_timeout: Duration,
    /// How long to wait for CONNACK. 3 s.
    pub handshake_timeout: Duration,
    /// How often to send PING, whatever else is sent (docs/servers.md T18). 25 s.
    pub ping_interval: Duration,
    /// How long a connection may be silent before it counts as dead. 37.5 s, one and a half ping intervals.
    pub silence_limit: Duration,
    /// How long a SEND may wait for its answer, without a byte from the server, before a PING asks whether it is still
    /// there. 3 s.
    pub probe_after: Duration,
    /// How long after such a PING the connection may stay silent before it counts as dead. 5 s.
    pub probe_timeout: Duration,
    /// The first longest wait before a reconnect; it doubles with each failure, and begins anew after a session of a ping
    /// interval. 0.5 s.
    pub backoff_min: Duration,
    /// The longest wait before a reconnect. 30 s.
    pub backoff_max: Duration,
    /// How long to wait for a SENDACK before asking or sending again. 10 s (docs/servers.md T14).
    pub ack_timeout: Duration,
    /// How long to wait for the data source. 15 s.
    pub source_timeout: Duration,
    /// How long to wait for an upload before it is begun again. 10 minutes.
    pub upload_timeout: Duration,
    /// How long after it was written a message may still be sent; then it is given up as
    /// [`Expired`](wk_store::model::MessageStatus::Expired). For ever.
    pub send_expiry: Option<Duration>,
    /// How long a page may wait for the data source while there is no connection, if there is something to show. 2 s.
    pub offline_patience: Duration,
    /// How long what a push left out may still come by itself, before it is pulled where its channel is open. 0.5 s.
    pub hole_wait: Duration,
    /// How many of its newest messages to fetch for each conversation with news after a connect. 20.
    pub sync_message_count: u32,
    /// The most SENDs without an answer on one connection. 128 (docs/servers.md T55).
    pub send_window: usize,
    /// The largest payload in bytes. 24,559, which every known server can pass on (docs/servers.md T10).
    pub max_payload: usize,
    /// How the list of conversations is asked for. As the server's generation wants it.
    pub conversation_source: ConversationSource,
    /// How often to ask for commands on servers that do not push all of them (v3, docs/servers.md T49), where the data
    /// source offers them. 60 s.
    pub command_interval: Duration,
    /// What the data source offers besides messages and conversations. Nothing.
    pub offers: Offers,
}

impl Config {
    /// The settings for a user, everything else as documented.
    pub fn new(uid: Uid) -> Self {
        let ping_interval = Duration::from_secs(25);
        Self {
            uid,
            token: String::new(),
            device_flag: DeviceFlag::APP,
            settle_time: Duration::from_millis(10),
            connect_timeout: Duration::from_secs(15),
            handshake_timeout: Duration::from_secs(3),
            ping_interval,
            silence_limit: ping_interval * 3 / 2,
            probe_after: Duration::from_secs(3),
            probe_timeout: Duration::from_secs(5),
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            ack_timeout: Duration::from_secs(10),
            source_timeout: Duration::from_secs(15),
            upload_timeout: Duration::from_secs(600),
            send_expiry: None,
            offline_patience: Duration::from_secs(2),
            hole_wait: Duration::from_millis(500),
            sync_message_count: PageQuery::DEFAULT_LIMIT,
            send_window: 128,
            max_payload: 24_559,
            conversation_source: ConversationSource::ByServer,
            command_interval: Duration::from_secs(60),
            offers: Offers::NONE,
        }
    }
}

/// How the list of conversations is asked for after a connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConversationSource {
    /// As CONNACK tells: by pages from v3 servers, at once from v2 servers and from sources without pages.
    ByServer,
    /// At once, with the newest messages: [`DataSource::sync_conversations`](crate::DataSource::sync_conversations).
    AtOnce,
    /// Page by page: [`DataSource::list_conversations`](crate::DataSource::list_conversations).
    ByPages,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("uid", &self.uid)
            .field("device_flag", &self.device_flag)
            .finish_non_exhaustive()
    }
}

/// Randomness, from outside so that a simulation can repeat itself.
///
/// Session keys come from here: an application's source must be fit for cryptography.
pub trait Entropy: Send {
    /// Fills the bytes.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8]) + Send> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// An application's question, to find its answer among the outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

impl Ticket {
    /// A number of the caller's choice.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// One attempt at a connection. Numbers are never used twice, so late news of an old one is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(crate) u64);

/// One question to the data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub(crate) u64);

/// A message of this store and where it was sent.
pub(crate) type Settled = (wk_store::model::ChannelId, ClientSeq);
