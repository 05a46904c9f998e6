//! What happened to messages, in memory.

use std::collections::BTreeSet;

use wk_model::{ClientSeq, MessageExtra, MessageId, MessageWithExtra};

use super::state::State;
use super::{Access, View, Writing};
use crate::{MessageExtraRead, MessageExtraWrite, MessageScan, StoreError};

impl<A: Access> MessageExtraRead for View<A> {
    fn message_extra(&mut self, message_id: MessageId) -> Result<Option<MessageExtra>, StoreError> {
        Ok(self.0.read(|state| state.tables.message_extras.get(&message_id).cloned()))
    }

    fn message_extras(&mut self, message_ids: &[MessageId]) -> Result<Vec<MessageExtra>, StoreError> {
        let ids: BTreeSet<MessageId> = message_ids.iter().copied().collect();
        Ok(self
            .0
            .read(|state| ids.iter().filter_map(|id| state.tables.message_extras.get(id)).cloned().collect()))
    }

    fn message_edits_pending(&mut self) -> Result<Vec<MessageExtra>, StoreError> {
        Ok(self.0.read(|state| {
            let all = state.tables.message_extras.values();
            all.filter(|extra| extra.pending_edit.is_some()).cloned().collect()
        }))
    }

    fn scan_messages_with_extras(
        &mut self,
        scan: &MessageScan<'_>,
    ) -> Result<Vec<MessageWithExtra>, StoreError> {
        Ok(self.0.read(|state| {
            let messages = state.scan(scan);
            let ids: Vec<MessageId> = messages.iter().map(|message| message.message_id).collect();
            let rows: Vec<ClientSeq> = messages.iter().map(|message| message.client_seq).collect();
            let locals = state.message_locals(&rows);
            MessageWithExtra::join(messages, state.message_extras(&ids), state.reactions(&ids), locals)
        }))
    }
}

impl MessageExtraWrite for View<Writing<'_>> {
    fn put_message_extra(&mut self, extra: &MessageExtra) -> Result<(), StoreError> {
        self.0.put_row(|tables| &mut tables.message_extras, extra.message_id, Some(extra.clone()));
        Ok(())
    }
}

impl State {
    fn message_extras(&self, message_ids: &[MessageId]) -> Vec<MessageExtra> {
        let ids: BTreeSet<&MessageId> = message_ids.iter().collect();
        ids.into_iter().filter_map(|id| self.tables.message_extras.get(id)).cloned().collect()
    }
}
