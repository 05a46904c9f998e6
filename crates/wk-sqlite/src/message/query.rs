//! Questions about messages, in SQLite.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use wk_store::model::{
    ChannelId, ContentType, Direction, Message, MessageId, MessageSeq, UnixMillis, UtcOffset,
};
use wk_store::{MessageDay, MessageFilter, MessageQueryRead, StoreError};

use super::row::{MessageColumns, MessageRow};
use crate::fixed::{Fetch, Fixed, Rows, Value, sql};
use crate::link::{Access, Link, View, failed};
use crate::number::{from_db, id_list, number_list};

impl<A: Access> MessageQueryRead for View<A> {
    fn messages_by_ids(&mut self, message_ids: &[MessageId]) -> Result<Vec<Message>, StoreError> {
        self.0.with(|link| {
            let ids = id_list(message_ids);
            let rows: Vec<MessageRow> = Fetch::new(ByIds, [(&ids).into()])
                .load(&mut link.connection)
                .map_err(failed("reads messages by their ids"))?;
            rows.into_iter().map(|row| row.into_message(link)).collect()
        })
    }

    fn filter_messages(&mut self, filter: &MessageFilter<'_>) -> Result<Vec<Message>, StoreError> {
        self.0.with(|link| filter_messages(link, filter))
    }

    fn message_days(
        &mut self,
        channel: &ChannelId,
        offset: UtcOffset,
    ) -> Result<Vec<MessageDay>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(Vec::new()) };
            let times = Fetch::new(Times, [number.into()])
                .load_iter::<i64, _>(&mut link.connection)
                .map_err(failed("reads the times of messages"))?;
            // Counted here: SQLite would sort all times to group them by day.
            let mut days: BTreeMap<i64, u64> = BTreeMap::new();
            for time in times {
                let time = time.map_err(failed("reads the times of messages"))?;
                *days.entry(offset.day(UnixMillis::new(time))).or_default() += 1;
            }
            Ok(days.into_iter().map(|(day, count)| MessageDay { day, count }).collect())
        })
    }

    fn first_message_of_day(
        &mut self,
        channel: &ChannelId,
        day: i64,
        offset: UtcOffset,
    ) -> Result<Option<Message>, StoreError> {
        let (start, end) = (offset.start_of(day), offset.start_of(day.saturating_add(1)));
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(None) };
            let values = [number.into(), start.get().into(), end.get().into()];
            let row: Option<MessageRow> = Fetch::new(OfTime, values)
                .load_iter(&mut link.connection)
                .and_then(|mut rows| rows.next().transpose())
                .map_err(failed("reads the first message of a day"))?;
            row.map(|row| row.into_message_of(channel.clone(), link)).transpose()
        })
    }

    fn next_expiry(&mut self) -> Result<Option<UnixMillis>, StoreError> {
        self.0.with(|link| {
            let next: Option<i64> = Fetch::new(NextExpiry, [])
                .get_result(&mut link.connection)
                .map_err(failed("looks for the next message to expire"))?;
            Ok(next.map(UnixMillis::new))
        })
    }

    fn count_messages(&mut self, channel: &ChannelId) -> Result<u64, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(0) };
            let count: i64 = Fixed::new(Count, [number.into()])
                .get_result(&mut link.connection)
                .map_err(failed("counts the messages of a channel"))?;
            from_db("count of messages", count)
        })
    }

    fn seq_bounds(&mut self, channel: &ChannelId) -> Result<Option<(MessageSeq, MessageSeq)>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(None) };
            let bounds: (Option<i64>, Option<i64>) = Fetch::new(Bounds, [number.into(), number.into()])
                .get_result(&mut link.connection)
                .map_err(failed("reads the lowest and the highest seq"))?;
            let seq = |seq: i64| from_db("message seq", seq).map(MessageSeq::new);
            let (Some(first), Some(last)) = bounds else { return Ok(None) };
            Ok(Some((seq(first)?, seq(last)?)))
        })
    }
}

fn filter_messages(link: &mut Link, filter: &MessageFilter<'_>) -> Result<Vec<Message>, StoreError> {
    let Some(channel) = link.find_channel(filter.channel)? else { return Ok(Vec::new()) };
    let sender = match filter.from_uid {
        None => None,
        Some(uid) => match link.find_user(uid)? {
            None => return Ok(Vec::new()),
            found => found,
        },
    };
    // A bound beyond the column's range lies behind every row.
    let Ok(first_seq) = i64::try_from(filter.from.seq.get()) else { return Ok(Vec::new()) };
    let (last_seq, last_index) = match i64::try_from(filter.to.seq.get()) {
        Ok(seq) => (seq, filter.to.index),
        Err(_) => (i64::MAX, u32::MAX),
    };
    let types = number_list(filter.content_types.iter().map(|content_type| content_type.value().into()));
    let values: [Value<'_>; 11] = [
        channel.into(),
        first_seq.into(),
        last_seq.into(),
        first_seq.into(),
        i64::from(filter.from.index).into(),
        last_seq.into(),
        i64::from(last_index).into(),
        sender.into(),
        sender.into(),
        filter.content_types.is_empty().into(),
        (&types).into(),
    ];
    let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let no_text = !filter.content_types.is_empty() && !filter.content_types.contains(&ContentType::TEXT);
    let connection = &mut link.connection;
    let rows = match (filter.direction, no_text) {
        (Direction::Older, false) => load(FilterDown, values, limit, connection),
        (Direction::Newer, false) => load(FilterUp, values, limit, connection),
        (Direction::Older, true) => load(MediaDown, values, limit, connection),
        (Direction::Newer, true) => load(MediaUp, values, limit, connection),
    };
    let rows = rows.map_err(failed("filters messages"))?;
    rows.into_iter().map(|row| row.into_message_of(filter.channel.clone(), link)).collect()
}

fn load<S: Rows<Columns = MessageColumns> + Copy, const N: usize>(
    sql: S,
    values: [Value<'_>; N],
    limit: usize,
    connection: &mut SqliteConnection,
) -> QueryResult<Vec<MessageRow>> {
    Fetch::new(sql, values).load_iter(connection)?.take(limit).collect()
}

macro_rules! columns {
    () => {
        "client_seq, channel, seq, local_index, message_id, sender, client_msg_no, timestamp, flags, hidden, \
         content_type, expire, topic, payload"
    };
}

macro_rules! filtered {
    () => {
        " WHERE channel = ? AND hidden IS NULL AND seq >= ? AND seq <= ? \
         AND (seq > ? OR local_index >= ?) AND (seq < ? OR local_index <= ?) \
         AND (? IS NULL OR sender = ?) AND (? OR content_type IN (SELECT value FROM json_each(?)))"
    };
}

sql!(
    ByIds -> MessageColumns,
    "SELECT ", columns!(), " FROM json_each(?) CROSS JOIN message ON message_id = json_each.value"
);
sql!(
    FilterDown -> MessageColumns,
    "SELECT ", columns!(), " FROM message", filtered!(), " ORDER BY seq DESC, local_index DESC"
);
sql!(
    FilterUp -> MessageColumns,
    "SELECT ", columns!(), " FROM message", filtered!(), " ORDER BY seq ASC, local_index ASC"
);
// The planner prefers a narrower index that has the texts too.
sql!(
    MediaDown -> MessageColumns,
    "SELECT ", columns!(), " FROM message INDEXED BY message_media", filtered!(), " AND content_type <> 1 \
     ORDER BY seq DESC, local_index DESC"
);
sql!(
    MediaUp -> MessageColumns,
    "SELECT ", columns!(), " FROM message INDEXED BY message_media", filtered!(), " AND content_type <> 1 \
     ORDER BY seq ASC, local_index ASC"
);
// The expression is written as in the index.
sql!(
    NextExpiry -> Nullable<BigInt>,
    "SELECT min(timestamp + expire * 1000) FROM message WHERE expire > 0"
);
sql!(Times -> BigInt, "SELECT timestamp FROM message WHERE channel = ? AND hidden IS NULL");
sql!(
    OfTime -> MessageColumns,
    "SELECT ", columns!(), " FROM message WHERE channel = ? AND hidden IS NULL \
     AND timestamp >= ? AND timestamp < ? ORDER BY seq, local_index"
);
sql!(Count, "SELECT count(*) FROM message WHERE channel = ? AND hidden IS NULL");
sql!(
    Bounds -> (Nullable<BigInt>, Nullable<BigInt>),
    "SELECT (SELECT min(seq) FROM message WHERE channel = ? AND local_index = 0), \
     (SELECT max(seq) FROM message WHERE channel = ? AND local_index = 0)"
);
