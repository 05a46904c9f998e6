//! A conversation: what the list of chats shows of a channel.

use wkproto::MessageSeq;

use crate::{ChannelId, Message, UnixMillis};

/// One row of the conversation list.
///
/// Every number is the largest ever heard, so facts may arrive in any order and more than once, and nothing moves
/// backwards.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Conversation {
    /// The channel.
    pub channel: ChannelId,
    /// The newest seq heard of.
    pub last_seq: MessageSeq,
    /// How far this user has read.
    pub read_to: MessageSeq,
    /// The newest message this user sent himself: all before it counts as read.
    pub own_seq: MessageSeq,
    /// The time of the newest message, the order of the list.
    pub timestamp: UnixMillis,
    /// Whether the server still has to be told of `read_to`.
    pub read_unsent: bool,
    /// Up to which seq the user deleted the conversation. It is listed again when something newer comes.
    pub deleted_to: Option<MessageSeq>,
    /// The newest visible message that is stored. Backends fill it when they read; writing ignores it.
    pub last_message: Option<Message>,
}

impl Conversation {
    /// A conversation of which nothing is known.
    pub const fn new(channel: ChannelId) -> Self {
        Self {
            channel,
            last_seq: MessageSeq::ZERO,
            read_to: MessageSeq::ZERO,
            own_seq: MessageSeq::ZERO,
            timestamp: UnixMillis::new(0),
            read_unsent: false,
            deleted_to: None,
            last_message: None,
        }
    }

    /// Whether the list shows it: it was not deleted, or something came since.
    pub fn is_listed(&self) -> bool {
        self.deleted_to.is_none_or(|deleted_to| deleted_to < self.last_seq)
    }

    /// Messages behind what was read, by the servers' own rule: a difference of seqs (docs/servers.md).
    pub fn unread(&self) -> u64 {
        let seen = self.read_to.max(self.own_seq).max(self.deleted_to.unwrap_or_default());
        self.last_seq.get().saturating_sub(seen.get())
    }
}
