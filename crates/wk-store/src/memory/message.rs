//! Messages in memory.

use wk_model::{
    ChannelId, ClientMsgNo, ClientSeq, Direction, Message, MessageId, MessageSeq, Position, Uid, UnixMillis,
};

use super::state::{State, Undo, has_number_of};
use super::{Access, View, Writing};
use crate::{Insert, MessageRead, MessageScan, MessageWrite, OutboxWrite, StoreError};

impl<A: Access> MessageRead for View<A> {
    fn message(&mut self, client_seq: ClientSeq) -> Result<Option<Message>, StoreError> {
        Ok(self.0.read(|state| state.row(client_seq).cloned()))
    }

    fn message_by_id(&mut self, message_id: MessageId) -> Result<Option<Message>, StoreError> {
        Ok(self.0.read(|state| state.row_by_id(message_id).cloned()))
    }

    fn message_by_seq(
        &mut self,
        channel: &ChannelId,
        seq: MessageSeq,
    ) -> Result<Option<Message>, StoreError> {
        if seq.is_zero() {
            return Ok(None);
        }
        Ok(self.0.read(|state| {
            let client_seq = state.channels.get(channel)?.order.get(&Position::server(seq))?;
            state.row(*client_seq).cloned()
        }))
    }

    fn message_by_client_msg_no(
        &mut self,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Option<Message>, StoreError> {
        let key = (from_uid.clone(), client_msg_no.clone());
        Ok(self.0.read(|state| {
            let client_seq = state.channels.get(channel)?.numbers.get(&key)?;
            state.row(*client_seq).cloned()
        }))
    }

    fn scan_messages(&mut self, scan: &MessageScan<'_>) -> Result<Vec<Message>, StoreError> {
        Ok(self.0.read(|state| state.scan(scan)))
    }
}

impl MessageWrite for View<Writing<'_>> {
    fn insert_message(&mut self, message: &Message) -> Result<Insert, StoreError> {
        let Writing { state, undo } = &mut self.0;
        let clash = match state.insert_row(message) {
            Ok(client_seq) => {
                undo.push(Undo::Row(client_seq, None));
                return Ok(Insert::Inserted(client_seq));
            }
            Err(clash) => clash,
        };
        let known = state.row(clash).cloned();
        known.map(Insert::Clash).ok_or(StoreError::NoSuchMessage(clash))
    }

    fn update_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let Writing { state, undo } = &mut self.0;
        let client_seq = message.client_seq;
        let Some(known) = state.row(client_seq) else { return Err(StoreError::NoSuchMessage(client_seq)) };
        let renamed = !has_number_of(known, message);
        if state.clash(message, renamed).is_some() {
            return Err(StoreError::Duplicate(client_seq));
        }
        let before = if renamed {
            let before = state.take_row(client_seq);
            state.put_row(message.clone());
            before
        } else {
            state.replace_row(message.clone())
        };
        undo.push(Undo::Row(client_seq, before.map(Box::new)));
        Ok(())
    }

    fn remove_message(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError> {
        let Writing { state, undo } = &mut self.0;
        let removed = state.take_row(client_seq);
        let was_there = removed.is_some();
        if let Some(message) = removed {
            undo.push(Undo::Row(client_seq, Some(Box::new(message))));
            if self.0.state.tables.message_locals.contains_key(&client_seq) {
                self.0.put_row(|tables| &mut tables.message_locals, client_seq, None);
            }
        }
        Ok(was_there)
    }

    fn remove_messages_from(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
        let Some(found) = self.0.state.channels.get(channel) else { return Ok(0) };
        let rows: Vec<ClientSeq> = found
            .order
            .range(Position::server(seq)..)
            .filter(|(position, _)| !position.is_local())
            .map(|(_, client_seq)| *client_seq)
            .collect();
        for client_seq in &rows {
            self.remove_message(*client_seq)?;
        }
        Ok(rows.len() as u64)
    }

    fn remove_messages_to(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
        let scan = MessageScan {
            channel,
            from: Position::MIN,
            to: Position::last_behind(seq),
            direction: Direction::Newer,
            limit: u32::MAX,
            visible_only: false,
        };
        let rows = self.0.state.scan(&scan);
        self.remove_with_all(&rows)?;
        Ok(rows.len() as u64)
    }

    fn remove_expired(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Message>, StoreError> {
        let mut expired: Vec<Message> =
            self.0.state.rows().filter(|message| message.is_expired(now)).cloned().collect();
        expired.sort_by_key(|message| (message.expires_at(), message.client_seq));
        expired.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        self.remove_with_all(&expired)?;
        Ok(expired)
    }
}

impl View<Writing<'_>> {
    /// Removes messages with what hangs on them.
    fn remove_with_all(&mut self, messages: &[Message]) -> Result<(), StoreError> {
        for message in messages {
            self.remove_message(message.client_seq)?;
            self.remove_outbox(message.client_seq)?;
            let id = message.message_id;
            if id.is_zero() {
                continue;
            }
            self.0.put_row(|tables| &mut tables.message_extras, id, None);
            self.0.put_row(|tables| &mut tables.pinned_messages, id, None);
            let reactions = self.0.state.tables.reactions.range((id, Uid::new(""))..);
            let keys: Vec<_> =
                reactions.map(|(key, _)| key.clone()).take_while(|(of, _)| *of == id).collect();
            for key in keys {
                self.0.put_row(|tables| &mut tables.reactions, key, None);
            }
        }
        Ok(())
    }
}

impl State {
    pub(super) fn scan(&self, scan: &MessageScan<'_>) -> Vec<Message> {
        let Some(channel) = self.channels.get(scan.channel) else { return Vec::new() };
        if scan.from > scan.to {
            return Vec::new();
        }
        let range = channel.order.range(scan.from..=scan.to).map(|(_, client_seq)| *client_seq);
        match scan.direction {
            Direction::Older => self.collect(range.rev(), scan),
            Direction::Newer => self.collect(range, scan),
        }
    }

    fn collect(&self, rows: impl Iterator<Item = ClientSeq>, scan: &MessageScan<'_>) -> Vec<Message> {
        rows.filter_map(|client_seq| self.row(client_seq))
            .filter(|message| !scan.visible_only || message.is_visible())
            .take(usize::try_from(scan.limit).unwrap_or(usize::MAX))
            .cloned()
            .collect()
    }

    /// The newest message of a channel that lists show.
    pub(super) fn newest_visible(&self, channel: &ChannelId) -> Option<Message> {
        let scan = MessageScan {
            channel,
            from: Position::MIN,
            to: Position::MAX,
            direction: Direction::Older,
            limit: 1,
            visible_only: true,
        };
        self.scan(&scan).pop()
    }
}
