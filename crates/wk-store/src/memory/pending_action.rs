//! What has still to be done, in memory.

use wk_model::{ActionId, ActionKind, ChannelId, MessageId, PendingAction};

use super::table::ActionSubject;
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

    fn pending_action_for(
        &mut self,
        kind: ActionKind,
        channel: &ChannelId,
        message_id: MessageId,
    ) -> Result<Option<(ActionId, PendingAction)>, StoreError> {
        let subject = (message_id, channel.clone(), kind);
        Ok(self.0.read(|state| {
            let id = *state.tables.action_subjects.get(&subject)?;
            Some((id, state.tables.pending_actions.get(&id)?.clone()))
        }))
    }
}

impl PendingActionWrite for View<Writing<'_>> {
    fn add_pending_action(&mut self, action: &PendingAction) -> Result<ActionId, StoreError> {
        let id = self.0.state.next_action_id();
        if let Some(replaced) =
            self.0.put_row(|tables| &mut tables.action_subjects, subject(action), Some(id))
        {
            self.0.put_row(|tables| &mut tables.pending_actions, replaced, None);
        }
        self.0.put_row(|tables| &mut tables.pending_actions, id, Some(action.clone()));
        Ok(id)
    }

    fn remove_pending_action(&mut self, id: ActionId) -> Result<bool, StoreError> {
        let Some(action) = self.0.put_row(|tables| &mut tables.pending_actions, id, None) else {
            return Ok(false);
        };
        self.0.put_row(|tables| &mut tables.action_subjects, subject(&action), None);
        Ok(true)
    }
}

fn subject(action: &PendingAction) -> ActionSubject {
    (action.message_id, action.channel.clone(), action.kind)
}
