//! Reactions to messages.

use wk_model::{ChannelId, MessageId, Reaction, Uid, Written};

use super::change::change;
use crate::StoreError;

/// Reads reactions.
pub trait ReactionRead {
    /// One user's reaction to a message, even one that was taken back.
    ///
    /// # Errors
    /// The backend failed, or the row makes no sense.
    fn reaction(&mut self, message_id: MessageId, uid: &Uid) -> Result<Option<Reaction>, StoreError>;

    /// The reactions to messages that were not taken back, by message id and then by uid.
    ///
    /// # Errors
    /// As [`ReactionRead::reaction`].
    fn reactions(&mut self, message_ids: &[MessageId]) -> Result<Vec<Reaction>, StoreError>;
}

/// Writes reactions.
pub trait ReactionWrite: ReactionRead {
    /// Writes a reaction, new or known, without asking for versions: what the other methods are made of.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn put_reaction(&mut self, reaction: &Reaction) -> Result<(), StoreError>;

    /// Removes all reactions in a channel; says how many. It moves no cursor.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_reactions(&mut self, channel: &ChannelId) -> Result<u64, StoreError>;

    /// Takes what the server says of a user's reaction to a message, unless newer is known.
    ///
    /// # Errors
    /// As [`ReactionWrite::put_reaction`].
    fn save_reaction(&mut self, reaction: &Reaction) -> Result<Written, StoreError> {
        let stored = self.reaction(reaction.message_id, &reaction.uid)?;
        let (row, written) = change(stored, || reaction.clone(), |row| row.merge(reaction.clone()));
        if written.is_change() {
            self.put_reaction(&row)?;
        }
        Ok(written)
    }
}
