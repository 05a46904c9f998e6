//! A message as a row.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::Sqlite;
use wk_store::StoreError;
use wk_store::model::{
    ChannelId, ClientMsgNo, ClientSeq, ContentType, Message, MessageId, MessageSeq, Position, UnixMillis,
    Visibility,
};

use super::flags::Flags;
use crate::fixed::Value;
use crate::link::Link;
use crate::number::{corrupt, from_db, to_db};
use crate::schema::message;

/// The columns of a message.
#[derive(Queryable, Selectable)]
#[diesel(table_name = message, check_for_backend(Sqlite))]
pub(crate) struct MessageRow {
    client_seq: i64,
    channel: i64,
    seq: i64,
    local_index: i64,
    message_id: Option<i64>,
    sender: i64,
    client_msg_no: Option<String>,
    timestamp: i64,
    flags: i64,
    hidden: Option<i64>,
    content_type: i64,
    expire: i64,
    topic: String,
    payload: Vec<u8>,
}

/// The types of [`MessageRow`]'s columns.
pub(crate) type MessageColumns = (
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    BigInt,
    Nullable<Text>,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    BigInt,
    BigInt,
    Text,
    Binary,
);

impl MessageRow {
    pub(crate) fn into_message(self, link: &mut Link) -> Result<Message, StoreError> {
        let channel = link.channel(self.channel)?;
        self.into_message_of(channel, link)
    }

    /// The message, whose channel is known already.
    pub(crate) fn into_message_of(self, channel: ChannelId, link: &mut Link) -> Result<Message, StoreError> {
        let Flags { status, header, setting, reason_code } = Flags::from_db(self.flags)?;
        Ok(Message {
            client_seq: ClientSeq::new(self.client_seq),
            message_id: self.message_id.map_or(MessageId::ZERO, MessageId::new),
            position: Position {
                seq: MessageSeq::new(from_db("message seq", self.seq)?),
                index: from_db("local index", self.local_index)?,
            },
            client_msg_no: ClientMsgNo::from(self.client_msg_no.unwrap_or_default()),
            channel,
            from_uid: link.user(self.sender)?,
            timestamp: UnixMillis::new(self.timestamp),
            header,
            setting,
            topic: self.topic,
            expire: from_db("expire", self.expire)?,
            content_type: ContentType::new(from_db("content type", self.content_type)?),
            payload: self.payload.into(),
            status,
            reason_code,
            visibility: visibility(self.hidden)?,
        })
    }
}

/// The values of all columns in the order of the table, but with the row's number last: `None` for a new row.
pub(super) fn values<'a>(
    message: &'a Message,
    client_seq: Option<ClientSeq>,
    link: &mut Link,
) -> Result<[Value<'a>; 14], StoreError> {
    let hidden = Some(i64::from(message.visibility.code())).filter(|code| *code != VISIBLE);
    let message_id = Some(message.message_id.get()).filter(|_| !message.message_id.is_zero());
    let seq = to_db("message seq", message.position.seq.get())?;
    Ok([
        link.intern_channel(&message.channel)?.into(),
        seq.into(),
        i64::from(message.position.index).into(),
        message_id.into(),
        link.intern_user(&message.from_uid)?.into(),
        Some(message.client_msg_no.as_str()).filter(|number| !number.is_empty()).into(),
        message.timestamp.get().into(),
        Flags::of(message).to_db().into(),
        hidden.into(),
        i64::from(message.content_type.value()).into(),
        i64::from(message.expire).into(),
        message.topic.as_str().into(),
        (&*message.payload).into(),
        client_seq.map(ClientSeq::get).into(),
    ])
}

fn visibility(hidden: Option<i64>) -> Result<Visibility, StoreError> {
    let code = hidden.unwrap_or(VISIBLE);
    Visibility::from_code(from_db("visibility", code)?).ok_or_else(|| corrupt("visibility", code))
}

/// The code that is stored as NULL.
const VISIBLE: i64 = Visibility::Visible.code() as i64;
