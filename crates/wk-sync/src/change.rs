//! What an application changes, besides sending and reading.

use bytes::Bytes;
use wk_store::model::{
    ActionId, ChannelId, ChannelLocal, ClientSeq, ConversationExtraState, MessageId, MessageLocal,
    MessageSeq, ReminderId,
};

use crate::topic::Topic;

/// A change that an application makes. It is written down at once; what a server has to be told is told when there is
/// a connection, also after a restart.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Give a message another payload. It shows at once.
    Edit {
        /// Which.
        message_id: MessageId,
        /// The payload's plain bytes.
        payload: Bytes,
    },
    /// Take a message back. It shows when the server has taken it, like the three below.
    Revoke(MessageId),
    /// Delete a message for all its readers.
    DeleteForAll(MessageId),
    /// React to a message; the same emoji again takes the reaction back.
    React {
        /// Which.
        message_id: MessageId,
        /// The emoji.
        emoji: String,
    },
    /// Pin a message to its channel, or no longer.
    Pin {
        /// Which.
        message_id: MessageId,
        /// Whether it is to be pinned.
        pinned: bool,
    },
    /// Delete messages here, by their rows. No server is told.
    Delete(Vec<ClientSeq>),
    /// The user viewed a message; one that burns after reading is deleted when its time is over.
    Viewed(ClientSeq),
    /// The user read messages; the senders of those that ask for it are told.
    Receipts {
        /// The channel.
        channel: ChannelId,
        /// The messages' seqs.
        seqs: Vec<MessageSeq>,
    },
    /// The user did what a reminder asks for.
    ReminderDone(ReminderId),
    /// Leave a draft, a reading position.
    Leave {
        /// In which conversation.
        channel: ChannelId,
        /// What.
        state: ConversationExtraState,
    },
    /// Take a conversation out of the list until something newer comes. Its messages stay.
    DeleteConversation(ChannelId),
    /// Set what is known of a channel only here.
    Channel {
        /// Which.
        channel: ChannelId,
        /// What.
        local: ChannelLocal,
    },
    /// Set what is kept beside a message only here.
    Message {
        /// Its row.
        client_seq: ClientSeq,
        /// What.
        local: MessageLocal,
    },
    /// The application is done with a command.
    CommandDone(ActionId),
    /// Fetch something anew.
    Fetch(Topic),
}
