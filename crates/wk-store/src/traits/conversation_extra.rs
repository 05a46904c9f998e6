//! What a user leaves in conversations: drafts and reading positions.

use wk_model::{ChannelId, ConversationExtra, ConversationExtraState, Version, Written};

use super::change::change;
use crate::StoreError;

/// Reads what a user left in conversations.
pub trait ConversationExtraRead {
    /// What the user left in one conversation.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn conversation_extra(&mut self, channel: &ChannelId) -> Result<Option<ConversationExtra>, StoreError>;

    /// What the server has not been told, in any order.
    ///
    /// # Errors
    /// As [`ConversationExtraRead::conversation_extra`].
    fn conversation_extras_pending(&mut self) -> Result<Vec<ConversationExtra>, StoreError>;
}

/// Writes what a user leaves in conversations.
pub trait ConversationExtraWrite: ConversationExtraRead {
    /// Writes a whole row, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_conversation_extra(&mut self, extra: &ConversationExtra) -> Result<(), StoreError>;

    /// Takes what the server says, unless newer is known. What was changed here stays on top.
    ///
    /// # Errors
    /// As [`ConversationExtraWrite::put_conversation_extra`].
    fn save_conversation_extra(
        &mut self,
        channel: &ChannelId,
        version: Version,
        state: &ConversationExtraState,
    ) -> Result<Written, StoreError> {
        let stored = self.conversation_extra(channel)?;
        let new = || ConversationExtra::new(channel.clone());
        let (row, written) = change(stored, new, |row| row.merge(version, state.clone()));
        if written.is_change() {
            self.put_conversation_extra(&row)?;
        }
        Ok(written)
    }

    /// Takes what was changed here; it is pending until [`ConversationExtraWrite::conversation_extra_uploaded`].
    ///
    /// # Errors
    /// As [`ConversationExtraWrite::put_conversation_extra`].
    fn edit_conversation_extra(
        &mut self,
        channel: &ChannelId,
        state: &ConversationExtraState,
    ) -> Result<Written, StoreError> {
        let stored = self.conversation_extra(channel)?;
        let new = || ConversationExtra::new(channel.clone());
        let (row, written) = change(stored, new, |row| row.edit(state.clone()));
        if written.is_change() {
            self.put_conversation_extra(&row)?;
        }
        Ok(written)
    }

    /// The server took `uploaded` as `version`. What was changed since then stays pending.
    ///
    /// # Errors
    /// As [`ConversationExtraWrite::put_conversation_extra`].
    fn conversation_extra_uploaded(
        &mut self,
        channel: &ChannelId,
        version: Version,
        uploaded: &ConversationExtraState,
    ) -> Result<Written, StoreError> {
        let Some(mut row) = self.conversation_extra(channel)? else { return Ok(Written::Missing) };
        let written = row.uploaded(version, uploaded);
        if written.is_change() {
            self.put_conversation_extra(&row)?;
        }
        Ok(written)
    }
}
