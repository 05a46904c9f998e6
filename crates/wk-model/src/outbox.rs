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
    /// When the application handed it over.
    pub queued_at: UnixMillis,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutboxState {
    /// Never handed to a connection.
    Ready,
    /// Handed to a connection this many times without an answer: the server may have it.
    Sent(u32),
}

impl OutboxState {
    /// How often it was handed to a connection.
    pub const fn attempts(self) -> u32 {
        match self {
            Self::Ready => 0,
            Self::Sent(attempts) => attempts,
        }
    }

    /// The state after so many attempts.
    pub const fn from_attempts(attempts: u32) -> Self {
        match attempts {
            0 => Self::Ready,
            more => Self::Sent(more),
        }
    }
}
