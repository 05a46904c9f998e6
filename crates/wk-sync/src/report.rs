//! What a data source is told of what the user did.

use bytes::Bytes;
use wk_store::model::{
    ChannelId, ConversationExtraState, MessageId, MessageSeq, ReminderId, Uid, UnixMillis,
};

/// Names a message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the names of a message")]
pub struct MessageRef {
    /// Its channel.
    pub channel: ChannelId,
    /// The server's id.
    pub message_id: MessageId,
    /// Its seq.
    pub seq: MessageSeq,
}

/// Something that the user did. Every report may come twice: a source whose answer got lost is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Report {
    /// A message was changed.
    Edit {
        /// Which.
        message: MessageRef,
        /// Its new payload.
        payload: Bytes,
        /// When.
        edited_at: UnixMillis,
    },
    /// A message was taken back.
    Revoke(MessageRef),
    /// A message was deleted for all its readers.
    DeleteForAll(MessageRef),
    /// The user's reaction to a message is now this one.
    React {
        /// Which message.
        message: MessageRef,
        /// The emoji, nothing where the reaction was taken back.
        emoji: Option<String>,
    },
    /// A message was pinned, or is no longer.
    Pin {
        /// Which.
        message: MessageRef,
        /// Whether it is pinned now.
        pinned: bool,
    },
    /// Messages that ask for receipts were read.
    Receipts {
        /// Their channel.
        channel: ChannelId,
        /// Which.
        messages: Vec<(MessageId, MessageSeq)>,
    },
    /// Reminders are done.
    RemindersDone(Vec<ReminderId>),
    /// A draft or a reading position.
    ConversationExtra {
        /// The conversation.
        channel: ChannelId,
        /// What was left there.
        state: ConversationExtraState,
    },
    /// A conversation was deleted, up to this seq.
    DeleteConversation {
        /// Which.
        channel: ChannelId,
        /// Its newest seq then.
        up_to: MessageSeq,
    },
}

impl Report {
    /// Whether both are words about the same, of which the last one counts.
    pub(crate) fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Edit { message, .. }, Self::Edit { message: other, .. })
            | (Self::Revoke(message), Self::Revoke(other))
            | (Self::DeleteForAll(message), Self::DeleteForAll(other))
            | (Self::React { message, .. }, Self::React { message: other, .. })
            | (Self::Pin { message, .. }, Self::Pin { message: other, .. }) => {
                message.message_id == other.message_id
            }
            (Self::DeleteConversation { channel, .. }, Self::DeleteConversation { channel: other, .. }) => {
                channel == other
            }
            _ => false,
        }
    }

    /// Whether only this user sees it, so that it also makes sense without a server.
    pub(crate) const fn is_private(&self) -> bool {
        matches!(
            self,
            Self::RemindersDone(_)
                | Self::ConversationExtra { .. }
                | Self::DeleteConversation { .. }
                | Self::Receipts { .. }
        )
    }
}

/// A report and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct ReportRequest {
    /// Who did it.
    pub uid: Uid,
    /// What.
    pub report: Report,
}
