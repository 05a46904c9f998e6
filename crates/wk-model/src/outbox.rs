//! A message on its way to the server.

use crate::{ChannelId, ClientSeq, UnixMillis};

/// One row of the outbox. It leaves only when the server acknowledged the message or sending was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct OutboxEntry {
    /// The message's row; the order of sending.
    pub client_seq: ClientSeq,
    /// The channel, whose messages go out in order.
    pub channel: ChannelId,
    /// How far it has come.
    pub state: OutboxState,
    /// Whether it keeps its place among the channel's messages.
    pub ordering: Ordering,
    /// When the application handed it over.
    pub queued_at: UnixMillis,
    /// How often it failed in a way that may pass: its upload did not get through, or a server refused it for now.
    pub failures: u32,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutboxState {
    /// Its payload is not final: what belongs to it has to be uploaded first.
    Uploading,
    /// Never handed to a connection.
    Ready,
    /// Handed to a connection this many times without an answer: the server may have it.
    Sent(u32),
    /// Cancelled after it was handed to a connection this many times: it is not sent again, and whether the server has it
    /// is to be found out.
    Cancelling(u32),
}

impl OutboxState {
    /// How often it was handed to a connection.
    pub const fn attempts(self) -> u32 {
        match self {
            Self::Uploading | Self::Ready => 0,
            Self::Sent(attempts) | Self::Cancelling(attempts) => attempts,
        }
    }

    /// The state of one that is neither uploading nor cancelled, after so many attempts.
    pub const fn from_attempts(attempts: u32) -> Self {
        match attempts {
            0 => Self::Ready,
            more => Self::Sent(more),
        }
    }

    /// The number that is stored beside the attempts: 1 while uploading, 2 when cancelled, 0 otherwise.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ready | Self::Sent(_) => 0,
            Self::Uploading => 1,
            Self::Cancelling(_) => 2,
        }
    }

    /// The state of two stored numbers.
    pub const fn from_code(code: u8, attempts: u32) -> Option<Self> {
        match code {
            0 => Some(Self::from_attempts(attempts)),
            1 => Some(Self::Uploading),
            2 => Some(Self::Cancelling(attempts)),
            _ => None,
        }
    }
}

/// Whether a message keeps its place among the messages of its channel on the way to the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ordering {
    /// The server gets it after every earlier message of the channel and before every later one.
    #[default]
    InOrder,
    /// It waits for no other message and no other waits for it. On v2 servers, which swap what is in flight together
    /// (docs/servers.md T54), that is faster.
    Relaxed,
}
