//! A receipt: a message that was read and whose sender has to be told.

use wkproto::{MessageId, MessageSeq};

use crate::ChannelId;

/// A message that was read and whose sender has to be told. It leaves the store only when the server was told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Receipt {
    /// The channel.
    pub channel: ChannelId,
    /// The message's seq.
    pub seq: MessageSeq,
    /// The message.
    pub message_id: MessageId,
}
