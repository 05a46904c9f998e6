//! Reactions in memory.

use std::collections::BTreeSet;

use wk_model::{ChannelId, MessageId, Reaction, Uid};

use super::state::State;
use super::{Access, View, Writing};
use crate::{ReactionRead, ReactionWrite, StoreError};

impl<A: Access> ReactionRead for View<A> {
    fn reaction(&mut self, message_id: MessageId, uid: &Uid) -> Result<Option<Reaction>, StoreError> {
        let key = (message_id, uid.clone());
        Ok(self.0.read(|state| state.tables.reactions.get(&key).cloned()))
    }

    fn reactions(&mut self, message_ids: &[MessageId]) -> Result<Vec<Reaction>, StoreError> {
        Ok(self.0.read(|state| state.reactions(message_ids)))
    }
}

impl ReactionWrite for View<Writing<'_>> {
    fn put_reaction(&mut self, reaction: &Reaction) -> Result<(), StoreError> {
        let key = (reaction.message_id, reaction.uid.clone());
        self.0.put_row(|tables| &mut tables.reactions, key, Some(reaction.clone()));
        Ok(())
    }

    fn remove_reactions(&mut self, channel: &ChannelId) -> Result<u64, StoreError> {
        let all = &self.0.state.tables.reactions;
        let keys: Vec<(MessageId, Uid)> =
            all.iter().filter(|(_, row)| row.channel == *channel).map(|(key, _)| key.clone()).collect();
        let removed = keys.len() as u64;
        for key in keys {
            self.0.put_row(|tables| &mut tables.reactions, key, None);
        }
        Ok(removed)
    }
}

impl State {
    /// The reactions to messages that were not taken back.
    pub(super) fn reactions(&self, message_ids: &[MessageId]) -> Vec<Reaction> {
        let ids: BTreeSet<MessageId> = message_ids.iter().copied().collect();
        let of_one = |id: MessageId| {
            let rows = self.tables.reactions.range((id, Uid::new(""))..);
            rows.map(|(_, row)| row).take_while(move |row| row.message_id == id)
        };
        ids.into_iter().flat_map(of_one).filter(|row| !row.deleted).cloned().collect()
    }
}
