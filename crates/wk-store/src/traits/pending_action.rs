//! What has still to be done.

use wk_model::{ActionId, ActionKind, ChannelId, MessageId, PendingAction};

use crate::StoreError;

/// Reads what has still to be done.
pub trait PendingActionRead {
    /// Everything, in the order in which it was added.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn pending_actions(&mut self) -> Result<Vec<(ActionId, PendingAction)>, StoreError>;

    /// One action; nothing after it was removed or replaced.
    ///
    /// # Errors
    /// As [`PendingActionRead::pending_actions`].
    fn pending_action(&mut self, id: ActionId) -> Result<Option<PendingAction>, StoreError>;

    /// What has to be done of one kind for a message of a channel (for [`MessageId::ZERO`], for the channel).
    ///
    /// # Errors
    /// As [`PendingActionRead::pending_actions`].
    fn pending_action_for(
        &mut self,
        kind: ActionKind,
        channel: &ChannelId,
        message_id: MessageId,
    ) -> Result<Option<(ActionId, PendingAction)>, StoreError>;
}

/// Writes what has still to be done.
pub trait PendingActionWrite: PendingActionRead {
    /// Adds an action in place of one of the same kind for the same message (for [`MessageId::ZERO`],
    /// the same channel). It always gets a new number, so what is said of the replaced one says nothing of it.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn add_pending_action(&mut self, action: &PendingAction) -> Result<ActionId, StoreError>;

    /// Removes an action that is done; says whether it was there.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_pending_action(&mut self, id: ActionId) -> Result<bool, StoreError>;
}
