//! The list of conversations.

use wk_model::{ChannelId, Conversation};

use crate::StoreError;

/// Reads conversations.
pub trait ConversationRead {
    /// One conversation, with its newest visible message.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn conversation(&mut self, channel: &ChannelId) -> Result<Option<Conversation>, StoreError>;

    /// All conversations that are listed ([`Conversation::is_listed`]), the newest timestamp first (ties by channel
    /// type, then id), each with its newest visible message.
    ///
    /// # Errors
    /// As [`ConversationRead::conversation`].
    fn conversations(&mut self) -> Result<Vec<Conversation>, StoreError>;

    /// The conversations whose read position the server still has to be told, in any order, without messages.
    ///
    /// # Errors
    /// As [`ConversationRead::conversation`].
    fn conversations_with_read_unsent(&mut self) -> Result<Vec<Conversation>, StoreError>;
}

/// Writes conversations.
pub trait ConversationWrite: ConversationRead {
    /// Writes a conversation, new or known; its `last_message` is not written.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_conversation(&mut self, conversation: &Conversation) -> Result<(), StoreError>;
}
