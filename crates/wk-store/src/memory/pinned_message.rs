//! Pinned messages in memory.

use std::cmp::Reverse;

use wk_model::{ChannelId, MessageId, PinnedMessage};

use super::{Access, View, Writing};
use crate::{PinnedMessageRead, PinnedMessageWrite, StoreError};

impl<A: Access> PinnedMessageRead for View<A> {
    fn pinned_message(&mut self, message_id: MessageId) -> Result<Option<PinnedMessage>, StoreError> {
        Ok(self.0.read(|state| state.tables.pinned_messages.get(&message_id).cloned()))
    }

    fn pinned_messages(&mut self, channel: &ChannelId) -> Result<Vec<PinnedMessage>, StoreError> {
        Ok(self.0.read(|state| {
            let all = state.tables.pinned_messages.values();
            let mut found: Vec<PinnedMessage> =
                all.filter(|row| row.channel == *channel && !row.deleted).cloned().collect();
            found.sort_by_key(|row| Reverse((row.seq, row.message_id)));
            found
        }))
    }
}

impl PinnedMessageWrite for View<Writing<'_>> {
    fn put_pinned_message(&mut self, pinned: &PinnedMessage) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.pinned_messages, pinned.message_id, Some(pinned.clone()));
        Ok(())
    }
}
