//! Writing messages to SQLite.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use wk_store::model::{ChannelId, ClientSeq, Message, MessageSeq, UnixMillis};
use wk_store::{Insert, MessageWrite, StoreError};

use super::{read, remove, row};
use crate::fixed::{Fixed, Sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::corrupt;

impl MessageWrite for View<Writing<'_>> {
    fn insert_message(&mut self, message: &Message) -> Result<Insert, StoreError> {
        self.0.with(|link| {
            // Most messages are new: write first, and ask what was in the way only if something was.
            let values = row::values(message, None, link)?;
            let written = Fixed::new(InsertMessage, values)
                .execute(&mut link.connection)
                .map_err(failed("inserts a message"))?;
            if written == 0 {
                return clash(link, message).map(Insert::Clash);
            }
            let client_seq = Fixed::new(LastRow, [])
                .get_result(&mut link.connection)
                .map_err(failed("reads the number of a new row"))?;
            Ok(Insert::Inserted(ClientSeq::new(client_seq)))
        })
    }

    fn update_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let client_seq = message.client_seq;
        self.0.with(|link| {
            let values = row::values(message, Some(client_seq), link)?;
            match Fixed::new(UpdateMessage, values).execute(&mut link.connection) {
                Ok(0) => Err(StoreError::NoSuchMessage(client_seq)),
                Ok(_) => Ok(()),
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                    Err(StoreError::Duplicate(client_seq))
                }
                Err(other) => Err(failed("updates a message")(other)),
            }
        })
    }

    fn remove_message(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError> {
        self.0.with(|link| remove::row(link, client_seq))
    }

    fn remove_messages_from(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
        self.0.with(|link| remove::from(link, channel, seq))
    }

    fn remove_messages_to(&mut self, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
        self.0.with(|link| remove::to(link, channel, seq))
    }

    fn remove_expired(&mut self, now: UnixMillis, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.0.with(|link| remove::expired(link, now, limit))
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
