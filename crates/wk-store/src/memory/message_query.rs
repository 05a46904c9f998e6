//! Questions about messages, in memory.

use std::collections::{BTreeMap, BTreeSet};

use wk_model::{ChannelId, Direction, Message, MessageId, MessageSeq, Position, UnixMillis, UtcOffset};

use super::state::State;
use super::{Access, View};
use crate::{MessageDay, MessageFilter, MessageQueryRead, StoreError};

impl<A: Access> MessageQueryRead for View<A> {
    fn messages_by_ids(&mut self, message_ids: &[MessageId]) -> Result<Vec<Message>, StoreError> {
        let ids: BTreeSet<MessageId> = message_ids.iter().copied().collect();
        Ok(self.0.read(|state| ids.iter().filter_map(|id| state.row_by_id(*id)).cloned().collect()))
    }

    fn filter_messages(&mut self, filter: &MessageFilter<'_>) -> Result<Vec<Message>, StoreError> {
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let (sender, types) = (filter.from_uid, filter.content_types);
        Ok(self.0.read(|state| {
            let mut found: Vec<&Message> = state
                .visible(filter.channel)
                .filter(|row| filter.from <= row.position && row.position <= filter.to)
                .filter(|row| sender.is_none_or(|uid| *uid == row.from_uid))
                .filter(|row| types.is_empty() || types.contains(&row.content_type))
                .collect();
            if filter.direction == Direction::Older {
                found.reverse();
            }
            found.into_iter().take(limit).cloned().collect()
        }))
    }

    fn message_days(
        &mut self,
        channel: &ChannelId,
        offset: UtcOffset,
    ) -> Result<Vec<MessageDay>, StoreError> {
        Ok(self.0.read(|state| {
            let mut days: BTreeMap<i64, u64> = BTreeMap::new();
            state.visible(channel).for_each(|row| *days.entry(offset.day(row.timestamp)).or_default() += 1);
            days.into_iter().map(|(day, count)| MessageDay { day, count }).collect()
        }))
    }

    fn first_message_of_day(
        &mut self,
        channel: &ChannelId,
        day: i64,
        offset: UtcOffset,
    ) -> Result<Option<Message>, StoreError> {
        Ok(self.0.read(|state| state.visible(channel).find(|row| offset.day(row.timestamp) == day).cloned()))
    }

    fn next_expiry(&mut self) -> Result<Option<UnixMillis>, StoreError> {
        Ok(self.0.read(|state| state.rows().filter_map(Message::expires_at).min()))
    }

    fn count_messages(&mut self, channel: &ChannelId) -> Result<u64, StoreError> {
        Ok(self.0.read(|state| state.visible(channel).count() as u64))
    }

    fn seq_bounds(&mut self, channel: &ChannelId) -> Result<Option<(MessageSeq, MessageSeq)>, StoreError> {
        Ok(self.0.read(|state| {
            let order = &state.channels.get(channel)?.order;
            let mut seqs = order.keys().filter(|position| !position.is_local()).map(seq_of);
            let first = seqs.next()?;
            Some((first, seqs.next_back().unwrap_or(first)))
        }))
    }
}

const fn seq_of(position: &Position) -> MessageSeq {
    position.seq
}

impl State {
    /// The visible messages of a channel, ascending.
    fn visible(&self, channel: &ChannelId) -> impl Iterator<Item = &Message> {
        let order = self.channels.get(channel).map(|found| found.order.values());
        let rows = order.into_iter().flatten().filter_map(|client_seq| self.row(*client_seq));
        rows.filter(|row| row.is_visible())
    }
}
