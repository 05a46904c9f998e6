//! A reaction to a message.

use wkproto::MessageId;

use crate::version::set;
use crate::{ChannelId, Uid, UnixMillis, Version, Written};

/// One user's reaction to a message. Another emoji replaces it, the same one takes it back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Reaction {
    /// The message.
    pub message_id: MessageId,
    /// Who reacts.
    pub uid: Uid,
    /// The message's channel.
    pub channel: ChannelId,
    /// The user's name at that time.
    pub name: String,
    /// The emoji.
    pub emoji: String,
    /// The server's number of the change, counted per channel.
    pub seq: Version,
    /// Taken back.
    pub deleted: bool,
    /// When.
    pub created_at: UnixMillis,
}

impl Reaction {
    /// Takes what the server says of the same user and message, unless newer is known.
    pub fn merge(&mut self, news: Self) -> Written {
        news.seq.refused_by(self.seq).unwrap_or_else(|| set(self, news))
    }
}
