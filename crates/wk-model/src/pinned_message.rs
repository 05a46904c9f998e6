//! A message that is pinned to its channel.

use wkproto::{MessageId, MessageSeq};

use crate::version::set;
use crate::{ChannelId, Version, Written};

/// A message that is, or was, pinned to its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct PinnedMessage {
    /// The message.
    pub message_id: MessageId,
    /// Its channel.
    pub channel: ChannelId,
    /// Its seq.
    pub seq: MessageSeq,
    /// The server's number of the last change.
    pub version: Version,
    /// No longer pinned.
    pub deleted: bool,
}

impl PinnedMessage {
    /// Takes what the server says of the same message, unless newer is known.
    pub fn merge(&mut self, news: Self) -> Written {
        news.version.refused_by(self.version).unwrap_or_else(|| set(self, news))
    }
}
