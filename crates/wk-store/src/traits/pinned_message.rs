//! Messages pinned to channels.

use wk_model::{ChannelId, MessageId, PinnedMessage, Written};

use super::change::change;
use crate::StoreError;

/// Reads pinned messages.
pub trait PinnedMessageRead {
    /// What is known of the pinning of a message, even that it is no longer pinned.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn pinned_message(&mut self, message_id: MessageId) -> Result<Option<PinnedMessage>, StoreError>;

    /// The messages pinned to a channel, the highest seq first (ties by message id, the highest first).
    ///
    /// # Errors
    /// As [`PinnedMessageRead::pinned_message`].
    fn pinned_messages(&mut self, channel: &ChannelId) -> Result<Vec<PinnedMessage>, StoreError>;
}

/// Writes pinned messages.
pub trait PinnedMessageWrite: PinnedMessageRead {
    /// Writes a pinned message, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_pinned_message(&mut self, pinned: &PinnedMessage) -> Result<(), StoreError>;

    /// Takes what the server says, unless newer is known.
    ///
    /// # Errors
    /// As [`PinnedMessageWrite::put_pinned_message`].
    fn save_pinned_message(&mut self, pinned: &PinnedMessage) -> Result<Written, StoreError> {
        let stored = self.pinned_message(pinned.message_id)?;
        let (row, written) = change(stored, || pinned.clone(), |row| row.merge(pinned.clone()));
        if written.is_change() {
            self.put_pinned_message(&row)?;
        }
        Ok(written)
    }
}
