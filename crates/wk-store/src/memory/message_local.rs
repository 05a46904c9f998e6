//! What the application keeps beside messages, in memory.

use std::collections::BTreeSet;

use wk_model::{ClientSeq, MessageLocal, Written};

use super::state::State;
use super::{Access, View, Writing};
use crate::{MessageLocalRead, MessageLocalWrite, StoreError};

impl<A: Access> MessageLocalRead for View<A> {
    fn message_locals(&mut self, rows: &[ClientSeq]) -> Result<Vec<(ClientSeq, MessageLocal)>, StoreError> {
        Ok(self.0.read(|state| state.message_locals(rows)))
    }
}

impl MessageLocalWrite for View<Writing<'_>> {
    fn set_message_local(&mut self, row: ClientSeq, local: &MessageLocal) -> Result<Written, StoreError> {
        if self.0.state.row(row).is_none() {
            return Ok(Written::Missing);
        }
        if self.0.state.tables.message_locals.get(&row) == Some(local) {
            return Ok(Written::Unchanged);
        }
        let before = self.0.put_row(|tables| &mut tables.message_locals, row, Some(local.clone()));
        Ok(if before.is_some() { Written::Updated } else { Written::Inserted })
    }
}

impl State {
    pub(super) fn message_locals(&self, rows: &[ClientSeq]) -> Vec<(ClientSeq, MessageLocal)> {
        let rows: BTreeSet<ClientSeq> = rows.iter().copied().collect();
        let kept = |row: ClientSeq| Some((row, self.tables.message_locals.get(&row)?.clone()));
        rows.into_iter().filter_map(kept).collect()
    }
}
