//! The data of a memory store with its indexes, and how to take changes back.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map};

use wk_model::{
    Account, ActionId, ChannelId, ClientMsgNo, ClientSeq, Conversation, Message, MessageId, OutboxEntry,
    Position, Uid,
};

use super::table::{TableUndo, Tables};
use crate::ChannelLog;

/// Everything. Rows live in one map; the other maps lead to them and are changed only by [`State::insert_row`],
/// [`State::put_row`], [`State::replace_row`] and [`State::take_row`].
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) account: Option<Account>,
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    pub(super) outbox: BTreeMap<ClientSeq, OutboxEntry>,
    pub(super) tables: Tables,
    rows: BTreeMap<ClientSeq, Message>,
    by_id: HashMap<MessageId, ClientSeq>,
    /// The newest number given to a row. It is not taken back: numbers are never used twice.
    last_client_seq: i64,
    /// The newest number given to an action, not taken back either.
    last_action_id: i64,
}

/// What belongs to one channel.
#[derive(Debug, Default)]
pub(super) struct Channel {
    pub(super) order: BTreeMap<Position, ClientSeq>,
    pub(super) numbers: HashMap<(Uid, ClientMsgNo), ClientSeq>,
    pub(super) log: ChannelLog,
    pub(super) conversation: Option<Conversation>,
}

/// What stood at a place before it was changed.
#[derive(Debug)]
pub(super) enum Undo {
    Account(Option<Account>),
    Conversation(Box<(ChannelId, Option<Conversation>)>),
    Log(ChannelId, ChannelLog),
    Outbox(ClientSeq, Option<OutboxEntry>),
    Row(ClientSeq, Option<Box<Message>>),
    Table(TableUndo),
}

impl State {
    pub(super) fn row(&self, client_seq: ClientSeq) -> Option<&Message> {
        self.rows.get(&client_seq)
    }

    /// All rows, in the order of their numbers.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Message> {
        self.rows.values()
    }

    pub(super) fn row_by_id(&self, message_id: MessageId) -> Option<&Message> {
        self.by_id.get(&message_id).and_then(|client_seq| self.row(*client_seq))
    }

    /// The number for the next action.
    pub(super) fn next_action_id(&mut self) -> ActionId {
        self.last_action_id = self.last_action_id.saturating_add(1);
        ActionId::new(self.last_action_id)
    }

    /// The channel, made if it is new.
    pub(super) fn channel_mut(&mut self, channel: &ChannelId) -> &mut Channel {
        self.channels.entry(channel.clone()).or_default()
    }

    /// The row other than `message`'s own that has something unique of it, its number only if `renamed`, in the order that
    /// [`Insert::Clash`](crate::Insert::Clash) promises.
    pub(super) fn clash(&self, message: &Message, renamed: bool) -> Option<&Message> {
        let other = |client_seq: Option<&ClientSeq>| {
            client_seq.filter(|found| **found != message.client_seq).and_then(|found| self.row(*found))
        };
        let channel = self.channels.get(&message.channel);
        other(self.by_id.get(&message.message_id))
            .or_else(|| other(channel?.numbers.get(&renamed.then(|| number_key(message))??)))
            .or_else(|| other(channel?.order.get(&message.position)))
    }

    /// Writes a new row, with one look at each index. Gives its number, or the row that it clashes with, as
    /// [`clash`](Self::clash) does.
    pub(super) fn insert_row(&mut self, message: &Message) -> Result<ClientSeq, ClientSeq> {
        let id = match self.by_id.entry(message.message_id) {
            hash_map::Entry::Occupied(known) => return Err(*known.get()),
            hash_map::Entry::Vacant(place) => place,
        };
        let channel = self.channels.entry(message.channel.clone()).or_default();
        let number = match number_key(message).map(|key| channel.numbers.entry(key)) {
            Some(hash_map::Entry::Occupied(known)) => return Err(*known.get()),
            Some(hash_map::Entry::Vacant(place)) => Some(place),
            None => None,
        };
        let position = match channel.order.entry(message.position) {
            btree_map::Entry::Occupied(known) => return Err(*known.get()),
            btree_map::Entry::Vacant(place) => place,
        };
        self.last_client_seq = self.last_client_seq.saturating_add(1);
        let client_seq = ClientSeq::new(self.last_client_seq);
        if !message.message_id.is_zero() {
            id.insert(client_seq);
        }
        if let Some(number) = number {
            number.insert(client_seq);
        }
        position.insert(client_seq);
        self.rows.insert(client_seq, Message { client_seq, ..message.clone() });
        Ok(client_seq)
    }

    /// Writes a row that clashes with none.
    pub(super) fn put_row(&mut self, message: Message) {
        let client_seq = message.client_seq;
        if !message.message_id.is_zero() {
            self.by_id.insert(message.message_id, client_seq);
        }
        let channel = self.channel_mut(&message.channel);
        channel.order.insert(message.position, client_seq);
        if let Some(key) = number_key(&message) {
            channel.numbers.insert(key, client_seq);
        }
        self.rows.insert(client_seq, message);
    }

    /// Writes over the row of the same client seq, which has the same number; gives what was there.
    pub(super) fn replace_row(&mut self, message: Message) -> Option<Message> {
        let row = self.rows.get_mut(&message.client_seq)?;
        let before = std::mem::replace(row, message);
        if before.message_id != row.message_id {
            self.by_id.remove(&before.message_id);
            if !row.message_id.is_zero() {
                self.by_id.insert(row.message_id, row.client_seq);
            }
        }
        if before.position != row.position
            && let Some(channel) = self.channels.get_mut(&row.channel)
        {
            channel.order.remove(&before.position);
            channel.order.insert(row.position, row.client_seq);
        }
        Some(before)
    }

    /// Removes a row.
    pub(super) fn take_row(&mut self, client_seq: ClientSeq) -> Option<Message> {
        let message = self.rows.remove(&client_seq)?;
        self.by_id.remove(&message.message_id);
        let channel = self.channel_mut(&message.channel);
        channel.order.remove(&message.position);
        if let Some(key) = number_key(&message) {
            channel.numbers.remove(&key);
        }
        Some(message)
    }

    pub(super) fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Account(before) => self.account = before,
            Undo::Conversation(before) => {
                let (channel, conversation) = *before;
                self.channel_mut(&channel).conversation = conversation;
            }
            Undo::Log(channel, log) => self.channel_mut(&channel).log = log,
            Undo::Outbox(client_seq, before) => {
                match before {
                    Some(entry) => self.outbox.insert(client_seq, entry),
                    None => self.outbox.remove(&client_seq),
                };
            }
            Undo::Table(undo) => undo.take_back(&mut self.tables),
            Undo::Row(client_seq, before) => {
                self.take_row(client_seq);
                if let Some(message) = before {
                    self.put_row(*message);
                }
            }
        }
    }
}

/// Whether both rows are found by the same number of the same sender in the same channel.
pub(super) fn has_number_of(one: &Message, other: &Message) -> bool {
    one.client_msg_no == other.client_msg_no && one.from_uid == other.from_uid && one.channel == other.channel
}

/// How a sender's number is looked up; empty numbers are not.
pub(super) fn number_key(message: &Message) -> Option<(Uid, ClientMsgNo)> {
    let number = &message.client_msg_no;
    (!number.is_empty()).then(|| (message.from_uid.clone(), number.clone()))
}
