//! Questions about conversations, in memory.

use wk_model::Channel;

use super::{Access, View};
use crate::{ConversationItem, ConversationOrder, ConversationQueryRead, StoreError, UnreadTotal};

impl<A: Access> ConversationQueryRead for View<A> {
    fn conversation_list(&mut self, order: ConversationOrder) -> Result<Vec<ConversationItem>, StoreError> {
        Ok(self.0.read(|state| {
            let items = state.listed().map(|stored| ConversationItem {
                conversation: state.with_last_message(stored),
                extra: state.tables.conversation_extras.get(&stored.channel).cloned(),
                channel: state.tables.channels.get(&stored.channel).cloned(),
            });
            let mut items: Vec<ConversationItem> = items.collect();
            order.sort(&mut items);
            items
        }))
    }

    fn unread_total(&mut self) -> Result<UnreadTotal, StoreError> {
        Ok(self.0.read(|state| {
            let mut total = UnreadTotal::default();
            for stored in state.listed() {
                total.add(stored, state.tables.channels.get(&stored.channel).is_some_and(Channel::is_muted));
            }
            total
        }))
    }
}
