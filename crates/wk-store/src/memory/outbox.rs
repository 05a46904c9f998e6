//! The outbox in memory.

use wk_model::{ClientSeq, OutboxEntry};

use super::state::Undo;
use super::{Access, View, Writing};
use crate::{OutboxRead, OutboxWrite, StoreError};

impl<A: Access> OutboxRead for View<A> {
    fn outbox(&mut self) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(self.0.read(|state| state.outbox.values().cloned().collect()))
    }
}

impl OutboxWrite for View<Writing<'_>> {
    fn put_outbox(&mut self, entry: &OutboxEntry) -> Result<(), StoreError> {
        let Writing { state, undo } = &mut self.0;
        let before = state.outbox.insert(entry.client_seq, entry.clone());
        undo.push(Undo::Outbox(entry.client_seq, before));
        Ok(())
    }

    fn remove_outbox(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError> {
        let Writing { state, undo } = &mut self.0;
        let removed = state.outbox.remove(&client_seq);
        let was_there = removed.is_some();
        if was_there {
            undo.push(Undo::Outbox(client_seq, removed));
        }
        Ok(was_there)
    }
}
