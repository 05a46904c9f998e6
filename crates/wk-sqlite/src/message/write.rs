//! Writing messages to SQLite.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use wk_store::model::{ChannelId, ClientSeq, Message, MessageSeq, UnixMillis};
use wk_store::{Insert, MessageWrite, StoreError};

use super::{read, row};
use crate::fixed::{Fixed, Sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::corrupt;
use crate::schema::message;
use crate::search;

impl MessageWrite for View<Writing<'_>> {
    fn insert_message(&mut self, message: &Message) -> Result<Insert, StoreError> {
        self.0.with(|link| {
            // Most messages are new: write first, and ask what was in the way only if something was.
            let values = row::values(message, None, link)?;
            let source = row::source(&values);
            let written = Fixed::new(InsertMessage, values)
                .execute(&mut link.connection)
                .map_err(failed("inserts a message"))?;
            if written == 0 {
                return clash(link, message).map(Insert::Clash);
            }
            let client_seq = Fixed::new(LastRow, [])
                .get_result(&mut link.connection)
                .map_err(failed("reads the number of a new row"))?;
            if let Some(source) = source {
                search::write(link, client_seq, source)?;
            }
            Ok(Insert::Inserted(ClientSeq::new(client_seq)))
        })
    }

    fn update_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let client_seq = message.client_seq;
        self.0.with(|link| {
            let values = row::values(message, Some(client_seq), link)?;
            let source = row::source(&values);
            match Fixed::new(UpdateMessage, values).execute(&mut link.connection) {
                Ok(0) => Err(StoreError::NoSuchMessage(client_seq)),
                Ok(_) => search::replace(link, client_seq.get(), source),
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                    Err(StoreError::Duplicate(client_seq))
                }
                Err(other) => Err(failed("updates a message")(other)),
            }
        })
    }

    fn remove_message(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError> {
        self.0.with(|link| {
            let removed = diesel::delete(message::table.find(client_seq.get()))
                .execute(&mut link.connection)
                .map_err(failed("removes a message"))?;
            if removed > 0 {
                search::forget(link, client_seq.get())?;
            }
            Ok(removed > 0)
        })
    }

    fn remove_messages_from(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
        // A seq beyond the column's range was never written.
        let Ok(seq) = i64::try_from(seq.get()) else { return Ok(0) };
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(0) };
            search::forget_from(link, number, seq)?;
            let server_messages = message::table
                .filter(message::channel.eq(number))
                .filter(message::seq.ge(seq))
                .filter(message::local_index.eq(0));
            diesel::delete(server_messages)
                .execute(&mut link.connection)
                .map(|removed| removed as u64)
                .map_err(failed("removes the messages above a seq"))
        })
    }

    fn remove_expired(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Message>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let expired = self.0.with(|link| read::expired(link, now, limit))?;
        for message in &expired {
            self.remove_message(message.client_seq)?;
        }
        Ok(expired)
    }
}

#[derive(Clone, Copy)]
struct InsertMessage;

impl Sql for InsertMessage {
    // Without RETURNING: with it, SQLite keeps a journal of every statement, which doubles the time of an insert.
    const TEXT: &'static str = "\
        INSERT INTO message (channel, seq, local_index, message_id, sender, client_msg_no, timestamp, flags, hidden, \
        content_type, expire, topic, payload, client_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT DO NOTHING";
}

#[derive(Clone, Copy)]
struct LastRow;

impl Sql for LastRow {
    const TEXT: &'static str = "SELECT last_insert_rowid()";
}

#[derive(Clone, Copy)]
struct UpdateMessage;

impl Sql for UpdateMessage {
    const TEXT: &'static str = "\
        UPDATE message SET channel = ?, seq = ?, local_index = ?, message_id = ?, sender = ?, client_msg_no = ?, \
        timestamp = ?, flags = ?, hidden = ?, content_type = ?, expire = ?, topic = ?, payload = ? \
        WHERE client_seq = ?";
}

/// The row that kept a message from being inserted.
fn clash(link: &mut Link, message: &Message) -> Result<Message, StoreError> {
    if let Some(row) = read::by_id(link, message.message_id)? {
        return Ok(row);
    }
    if let Some(row) =
        read::by_client_msg_no(link, &message.channel, &message.from_uid, &message.client_msg_no)?
    {
        return Ok(row);
    }
    let position = message.position;
    read::by_position(link, &message.channel, position.seq.get(), position.index)?
        .ok_or_else(|| corrupt("index of messages", format!("no row at {position:?}, and no room for one")))
}
