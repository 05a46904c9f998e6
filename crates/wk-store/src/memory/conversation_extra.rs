//! What a user leaves in conversations, in memory.

use wk_model::{ChannelId, ConversationExtra};

use super::{Access, View, Writing};
use crate::{ConversationExtraRead, ConversationExtraWrite, StoreError};

impl<A: Access> ConversationExtraRead for View<A> {
    fn conversation_extra(&mut self, channel: &ChannelId) -> Result<Option<ConversationExtra>, StoreError> {
        Ok(self.0.read(|state| state.tables.conversation_extras.get(channel).cloned()))
    }

    fn conversation_extras_pending(&mut self) -> Result<Vec<ConversationExtra>, StoreError> {
        Ok(self.0.read(|state| {
            let all = state.tables.conversation_extras.values();
            all.filter(|extra| extra.pending.is_some()).cloned().collect()
        }))
    }
}

impl ConversationExtraWrite for View<Writing<'_>> {
    fn put_conversation_extra(&mut self, extra: &ConversationExtra) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.conversation_extras, extra.channel.clone(), Some(extra.clone()));
        Ok(())
    }
}
