//! Finding messages in SQLite.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use wk_store::model::{
    ChannelId, ClientMsgNo, ClientSeq, Direction, Message, MessageId, MessageSeq, Uid, UnixMillis,
};
use wk_store::{MessageRead, MessageScan, StoreError};

use super::row::MessageRow;
use crate::fixed::{Fixed, Sql};
use crate::link::{Access, Link, View, failed};
use crate::schema::message;

impl<A: Access> MessageRead for View<A> {
    fn message(&mut self, client_seq: ClientSeq) -> Result<Option<Message>, StoreError> {
        self.0.with(|link| by_client_seq(link, client_seq))
    }

    fn message_by_id(&mut self, message_id: MessageId) -> Result<Option<Message>, StoreError> {
        self.0.with(|link| by_id(link, message_id))
    }

    fn message_by_seq(
        &mut self,
        channel: &ChannelId,
        seq: MessageSeq,
    ) -> Result<Option<Message>, StoreError> {
        if seq.is_zero() {
            return Ok(None);
        }
        self.0.with(|link| by_position(link, channel, seq.get(), 0))
    }

    fn message_by_client_msg_no(
        &mut self,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Option<Message>, StoreError> {
        self.0.with(|link| by_client_msg_no(link, channel, from_uid, client_msg_no))
    }

    fn scan_messages(&mut self, query: &MessageScan<'_>) -> Result<Vec<Message>, StoreError> {
        self.0.with(|link| scan(link, query))
    }
}

pub(crate) fn by_client_seq(link: &mut Link, client_seq: ClientSeq) -> Result<Option<Message>, StoreError> {
    let row = message::table
        .find(client_seq.get())
        .select(MessageRow::as_select())
        .get_result(&mut link.connection)
        .optional()
        .map_err(failed("reads a message by its row"))?;
    row.map(|row| row.into_message(link)).transpose()
}

pub(super) fn by_id(link: &mut Link, message_id: MessageId) -> Result<Option<Message>, StoreError> {
    // The column is NULL where there is no id, so zero finds nothing.
    let row = message::table
        .filter(message::message_id.eq(message_id.get()))
        .select(MessageRow::as_select())
        .get_result(&mut link.connection)
        .optional()
        .map_err(failed("reads a message by its id"))?;
    row.map(|row| row.into_message(link)).transpose()
}

pub(super) fn by_position(
    link: &mut Link,
    channel: &ChannelId,
    seq: u64,
    local_index: u32,
) -> Result<Option<Message>, StoreError> {
    // A seq beyond the column's range was never written.
    let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
    let Some(number) = link.find_channel(channel)? else { return Ok(None) };
    let row = message::table
        .filter(message::channel.eq(number))
        .filter(message::seq.eq(seq))
        .filter(message::local_index.eq(i64::from(local_index)))
        .select(MessageRow::as_select())
        .get_result(&mut link.connection)
        .optional()
        .map_err(failed("reads a message by its position"))?;
    row.map(|row| row.into_message_of(channel.clone(), link)).transpose()
}

pub(super) fn by_client_msg_no(
    link: &mut Link,
    channel: &ChannelId,
    from_uid: &Uid,
    client_msg_no: &ClientMsgNo,
) -> Result<Option<Message>, StoreError> {
    let Some(number) = link.find_channel(channel)? else { return Ok(None) };
    let Some(sender) = link.find_user(from_uid)? else { return Ok(None) };
    // The column is NULL where there is no number, so the empty text finds nothing.
    let row = message::table
        .filter(message::channel.eq(number))
        .filter(message::sender.eq(sender))
        .filter(message::client_msg_no.eq(client_msg_no.as_str()))
        .select(MessageRow::as_select())
        .get_result(&mut link.connection)
        .optional()
        .map_err(failed("reads a message by its client number"))?;
    row.map(|row| row.into_message_of(channel.clone(), link)).transpose()
}

/// Messages whose life is over, those that expired first before others.
pub(super) fn expired(link: &mut Link, now: UnixMillis, limit: usize) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<i64> = Fixed::new(Expired, [now.get().into()])
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(limit).collect())
        .map_err(failed("looks for expired messages"))?;
    let rows = rows.into_iter().map(|row| by_client_seq(link, ClientSeq::new(row)));
    rows.filter_map(Result::transpose).collect()
}

#[derive(Clone, Copy)]
struct Expired;

impl Sql for Expired {
    // The expression is written as in the index.
    const TEXT: &'static str = "\
        SELECT client_seq FROM message WHERE expire > 0 AND timestamp + expire * 1000 <= ? \
        ORDER BY timestamp + expire * 1000, client_seq";
}

pub(crate) fn scan(link: &mut Link, query: &MessageScan<'_>) -> Result<Vec<Message>, StoreError> {
    let Some(channel) = link.find_channel(query.channel)? else { return Ok(Vec::new()) };
    // A bound beyond the column's range lies behind every row.
    let Ok(first_seq) = i64::try_from(query.from.seq.get()) else { return Ok(Vec::new()) };
    let (last_seq, last_index) = match i64::try_from(query.to.seq.get()) {
        Ok(seq) => (seq, query.to.index),
        Err(_) => (i64::MAX, u32::MAX),
    };
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let rows = within(channel, first_seq, query.from.index.into(), last_seq, last_index.into())
        .select(MessageRow::as_select());
    let connection = &mut link.connection;
    // Four statements, so that each has one fixed text. They have no LIMIT: SQLite prepares a statement anew when a
    // value in that place is bound again, and rows that are not asked for cost nothing.
    let rows = match (query.direction, query.visible_only) {
        (Direction::Older, false) => rows.order(downwards()).load_iter(connection).and_then(take(limit)),
        (Direction::Older, true) => {
            rows.order(downwards()).filter(visible()).load_iter(connection).and_then(take(limit))
        }
        (Direction::Newer, false) => rows.order(upwards()).load_iter(connection).and_then(take(limit)),
        (Direction::Newer, true) => {
            rows.order(upwards()).filter(visible()).load_iter(connection).and_then(take(limit))
        }
    };
    let rows = rows.map_err(failed("scans messages"))?;
    rows.into_iter().map(|row| row.into_message_of(query.channel.clone(), link)).collect()
}

fn take<I: Iterator<Item = QueryResult<MessageRow>>>(
    limit: usize,
) -> impl FnOnce(I) -> QueryResult<Vec<MessageRow>> {
    move |rows| rows.take(limit).collect()
}

/// Rows between two positions. The seqs are the range of the index; the local indexes only cut off at its ends.
#[auto_type(no_type_alias)]
fn within(channel: i64, first_seq: i64, first_index: i64, last_seq: i64, last_index: i64) -> _ {
    message::table
        .filter(message::channel.eq(channel))
        .filter(message::seq.ge(first_seq))
        .filter(message::seq.le(last_seq))
        .filter(message::seq.gt(first_seq).or(message::local_index.ge(first_index)))
        .filter(message::seq.lt(last_seq).or(message::local_index.le(last_index)))
}

#[auto_type(no_type_alias)]
fn visible() -> _ {
    message::hidden.is_null()
}

#[auto_type(no_type_alias)]
fn upwards() -> _ {
    (message::seq.asc(), message::local_index.asc())
}

#[auto_type(no_type_alias)]
fn downwards() -> _ {
    (message::seq.desc(), message::local_index.desc())
}
