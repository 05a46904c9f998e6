//! What happened to messages after they were sent.

use wk_model::{
    ChannelId, MessageEdit, MessageExtra, MessageExtraInfo, MessageId, MessageWithExtra, Written,
};

use super::change::change;
use crate::{MessageScan, StoreError};

/// Reads what happened to messages.
pub trait MessageExtraRead {
    /// What happened to one message.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn message_extra(&mut self, message_id: MessageId) -> Result<Option<MessageExtra>, StoreError>;

    /// What happened to those of the messages to which anything did, in the order of their ids.
    ///
    /// # Errors
    /// As [`MessageExtraRead::message_extra`].
    fn message_extras(&mut self, message_ids: &[MessageId]) -> Result<Vec<MessageExtra>, StoreError>;

    /// Those with an edit that the server has not got, in the order of their message ids.
    ///
    /// # Errors
    /// As [`MessageExtraRead::message_extra`].
    fn message_edits_pending(&mut self) -> Result<Vec<MessageExtra>, StoreError>;

    /// The messages of a stretch as [`MessageRead::scan_messages`](crate::MessageRead::scan_messages) gives them, each with what happened to it and the
    /// reactions to it that were not taken back.
    ///
    /// # Errors
    /// As [`MessageExtraRead::message_extra`].
    fn scan_messages_with_extras(
        &mut self,
        scan: &MessageScan<'_>,
    ) -> Result<Vec<MessageWithExtra>, StoreError>;
}

/// Writes what happened to messages.
pub trait MessageExtraWrite: MessageExtraRead {
    /// Writes a whole row, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_message_extra(&mut self, extra: &MessageExtra) -> Result<(), StoreError>;

    /// Takes what the server says, unless newer is known. A pending edit stays on top.
    ///
    /// # Errors
    /// As [`MessageExtraWrite::put_message_extra`].
    fn save_message_extra(
        &mut self,
        message_id: MessageId,
        channel: &ChannelId,
        info: &MessageExtraInfo,
    ) -> Result<Written, StoreError> {
        let stored = self.message_extra(message_id)?;
        let new = || MessageExtra::new(message_id, channel.clone());
        let (row, written) = change(stored, new, |row| row.merge(info.clone()));
        if written.is_change() {
            self.put_message_extra(&row)?;
        }
        Ok(written)
    }

    /// Takes an edit of this user; it is pending until [`MessageExtraWrite::message_edit_uploaded`].
    ///
    /// # Errors
    /// As [`MessageExtraWrite::put_message_extra`].
    fn edit_message(
        &mut self,
        message_id: MessageId,
        channel: &ChannelId,
        edit: &MessageEdit,
    ) -> Result<Written, StoreError> {
        let stored = self.message_extra(message_id)?;
        let new = || MessageExtra::new(message_id, channel.clone());
        let (row, written) = change(stored, new, |row| row.set_pending_edit(edit.clone()));
        if written.is_change() {
            self.put_message_extra(&row)?;
        }
        Ok(written)
    }

    /// The server took `uploaded`. An edit made since then stays pending.
    ///
    /// # Errors
    /// As [`MessageExtraWrite::put_message_extra`].
    fn message_edit_uploaded(
        &mut self,
        message_id: MessageId,
        uploaded: &MessageEdit,
    ) -> Result<Written, StoreError> {
        let Some(mut row) = self.message_extra(message_id)? else { return Ok(Written::Missing) };
        let written = row.edit_uploaded(uploaded);
        if written.is_change() {
            self.put_message_extra(&row)?;
        }
        Ok(written)
    }
}
