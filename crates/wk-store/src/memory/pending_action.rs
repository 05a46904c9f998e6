//! What has still to be done, in memory.

use wk_model::{ActionId, PendingAction};

use super::{Access, View, Writing};
use crate::{PendingActionRead, PendingActionWrite, StoreError};

impl<A: Access> PendingActionRead for View<A> {
    fn pending_actions(&mut self) -> Result<Vec<(ActionId, PendingAction)>, StoreError> {
        Ok(self.0.read(|state| {
            state.tables.pending_actions.iter().map(|(id, action)| (*id, action.clone())).collect()
        }))
    }

    fn pending_action(&mut self, id: ActionId) -> Result<Option<PendingAction>, StoreError> {
        Ok(self.0.read(|state| state.tables.pending_actions.get(&id).cloned()))
    }
}

impl PendingActionWrite for View<Writing<'_>> {
    fn add_pending_action(&mut self, action: &PendingAction) -> Result<ActionId, StoreError> {
        let same = |(_, known): &(&ActionId, &PendingAction)| {
            (known.kind, &known.channel, known.message_id)
                == (action.kind, &action.channel, action.message_id)
        };
        let replaced = self.0.state.tables.pending_actions.iter().find(same).map(|(id, _)| *id);
        if let Some(id) = replaced {
            self.0.put_row(|tables| &mut tables.pending_actions, id, None);
        }
        let id = self.0.state.next_action_id();
        self.0.put_row(|tables| &mut tables.pending_actions, id, Some(action.clone()));
        Ok(id)
    }

    fn remove_pending_action(&mut self, id: ActionId) -> Result<bool, StoreError> {
        if !self.0.state.tables.pending_actions.contains_key(&id) {
            return Ok(false);
        }
        self.0.put_row(|tables| &mut tables.pending_actions, id, None);
        Ok(true)
    }
}
