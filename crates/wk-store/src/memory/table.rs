//! Tables in memory that need no index of their own: maps, and how to take changes back.

use std::collections::BTreeMap;
use std::fmt;

use wk_model::{
    ActionId, ActionKind, Channel, ChannelId, ClientSeq, ConversationExtra, Cursor, Member, MessageExtra,
    MessageId, MessageLocal, MessageSeq, PendingAction, PinnedMessage, Reaction, Receipt, Reminder,
    ReminderId, Robot, ServerIdentity, Uid, UnixMillis, Version,
};

use super::Writing;
use super::state::Undo;

/// The tables. They change only through [`Writing::put_row`].
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    pub(super) commands_seen: BTreeMap<CommandKey, UnixMillis>,
    pub(super) conversation_extras: BTreeMap<ChannelId, ConversationExtra>,
    pub(super) cursors: BTreeMap<Cursor, Version>,
    pub(super) members: BTreeMap<(ChannelId, Uid), Member>,
    pub(super) message_extras: BTreeMap<MessageId, MessageExtra>,
    pub(super) message_locals: BTreeMap<ClientSeq, MessageLocal>,
    pub(super) pending_actions: BTreeMap<ActionId, PendingAction>,
    /// Which action each subject has.
    pub(super) action_subjects: BTreeMap<ActionSubject, ActionId>,
    pub(super) pinned_messages: BTreeMap<MessageId, PinnedMessage>,
    pub(super) reactions: BTreeMap<(MessageId, Uid), Reaction>,
    pub(super) receipts: BTreeMap<MessageId, Receipt>,
    pub(super) reminders: BTreeMap<ReminderId, Reminder>,
    pub(super) robots: BTreeMap<Uid, Robot>,
    /// One row.
    pub(super) servers: BTreeMap<(), ServerIdentity>,
}

/// What an action is about; there is never more than one of a kind.
pub(super) type ActionSubject = (MessageId, ChannelId, ActionKind);

/// A name of a command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CommandKey {
    Seq(ChannelId, MessageSeq),
    Id(MessageId),
}

/// Picks one of the tables.
pub(super) type Pick<K, V> = fn(&mut Tables) -> &mut BTreeMap<K, V>;

impl Writing<'_> {
    /// Writes a row, or removes it, and notes how to take that back. Gives what was there.
    pub(super) fn put_row<K, V>(&mut self, pick: Pick<K, V>, key: K, row: Option<V>) -> Option<V>
    where
        K: Ord + Clone + 'static,
        V: Clone + 'static,
    {
        let before = replace(pick(&mut self.state.tables), key.clone(), row);
        let kept = before.clone();
        let undo = move |tables: &mut Tables| {
            replace(pick(tables), key, kept);
        };
        self.undo.push(Undo::Table(TableUndo(Box::new(undo))));
        before
    }
}

fn replace<K: Ord, V>(table: &mut BTreeMap<K, V>, key: K, row: Option<V>) -> Option<V> {
    match row {
        Some(row) => table.insert(key, row),
        None => table.remove(&key),
    }
}

/// How to take back one change of a table.
pub(super) struct TableUndo(Box<dyn FnOnce(&mut Tables)>);

impl TableUndo {
    pub(super) fn take_back(self, tables: &mut Tables) {
        (self.0)(tables);
    }
}

impl fmt::Debug for TableUndo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TableUndo")
    }
}
