//! Conversations in SQLite.

use std::cmp::Reverse;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable};
use diesel::sqlite::Sqlite;
use wk_store::model::{ChannelId, Conversation, MessageSeq, UnixMillis};
use wk_store::{ConversationRead, ConversationWrite, StoreError};

use crate::fixed::{Fetch, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::message::MessageRow;
use crate::number::{from_db, to_db};
use crate::schema::{conversation_last, message};

impl<A: Access> ConversationRead for View<A> {
    fn conversation(&mut self, channel: &ChannelId) -> Result<Option<Conversation>, StoreError> {
        self.0.with(|link| {
            link.write_deferred()?;
            let Some(number) = link.find_channel(channel)? else { return Ok(None) };
            let row = conversation_last::table
                .left_join(message::table.on(is_last_message()))
                .filter(conversation_last::channel.eq(number))
                .select((ConversationRow::as_select(), Option::<MessageRow>::as_select()))
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a conversation"))?;
            row.map(|row| into_conversation(link, row)).transpose()
        })
    }

    fn conversations(&mut self) -> Result<Vec<Conversation>, StoreError> {
        self.0.with(|link| {
            let mut all = all(link)?;
            // Sorted here: the order needs names, which are not in the rows. Keys are sorted and each row is moved once.
            all.sort_by_cached_key(sort_key);
            Ok(all)
        })
    }

    fn conversations_with_read_unsent(&mut self) -> Result<Vec<Conversation>, StoreError> {
        self.0.with(|link| {
            link.write_deferred()?;
            let rows = conversation_last::table
                .filter(conversation_last::read_unsent)
                .select(ConversationRow::as_select())
                .load(&mut link.connection)
                .map_err(failed("reads unsent read positions"))?;
            rows.into_iter().map(|row| into_conversation(link, (row, None))).collect()
        })
    }
}

impl ConversationWrite for View<Writing<'_>> {
    fn put_conversation(&mut self, conversation: &Conversation) -> Result<(), StoreError> {
        self.0.with(|link| {
            let last_seq = to_db("last seq", conversation.last_seq.get())?;
            let read_to = to_db("read seq", conversation.read_to.get())?;
            let own_seq = to_db("own seq", conversation.own_seq.get())?;
            let deleted_to =
                conversation.deleted_to.map(|seq| to_db("deleted seq", seq.get())).transpose()?;
            let row = ConversationRow {
                channel: link.intern_channel(&conversation.channel)?,
                last_seq,
                read_to,
                own_seq,
                timestamp: conversation.timestamp.get(),
                read_unsent: conversation.read_unsent,
                deleted_to,
            };
            link.deferred.put_conversation(row);
            Ok(())
        })
    }
}

/// All conversations that are listed, with their newest visible messages, in any order.
pub(crate) fn all(link: &mut Link) -> Result<Vec<Conversation>, StoreError> {
    link.write_deferred()?;
    let rows = conversation_last::table
        .left_join(message::table.on(is_last_message()))
        .select((ConversationRow::as_select(), Option::<MessageRow>::as_select()))
        .load(&mut link.connection)
        .map_err(failed("reads the conversations"))?;
    let rows = rows.into_iter().map(|row| into_conversation(link, row));
    rows.filter(|row| !row.as_ref().is_ok_and(|row| !row.is_listed())).collect()
}

/// All conversations that are listed, without messages, each with whether its channel is muted.
pub(crate) fn all_with_mute(link: &mut Link) -> Result<Vec<(Conversation, bool)>, StoreError> {
    link.write_deferred()?;
    let rows: Vec<(ConversationRow, bool)> = Fetch::new(AllWithMute, [])
        .load(&mut link.connection)
        .map_err(failed("reads the conversations and which are muted"))?;
    let rows = rows.into_iter().map(|(row, muted)| Ok((into_conversation(link, (row, None))?, muted)));
    rows.filter(|row| !row.as_ref().is_ok_and(|(row, _)| !row.is_listed())).collect()
}

sql!(
    AllWithMute -> ((BigInt, BigInt, BigInt, BigInt, BigInt, Bool, Nullable<BigInt>), Bool),
    "SELECT channel, last_seq, read_to, own_seq, timestamp, read_unsent, deleted_to, coalesce(pending_mute, mute, 0) \
     FROM conversation LEFT JOIN channel_info USING (channel)"
);

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = conversation_last, check_for_backend(Sqlite))]
pub(crate) struct ConversationRow {
    pub(crate) channel: i64,
    pub(crate) last_seq: i64,
    pub(crate) read_to: i64,
    pub(crate) own_seq: i64,
    pub(crate) timestamp: i64,
    pub(crate) read_unsent: bool,
    pub(crate) deleted_to: Option<i64>,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn is_last_message() -> _ {
    message::client_seq.nullable().eq(conversation_last::last_message)
}

fn into_conversation(
    link: &mut Link,
    (row, last): (ConversationRow, Option<MessageRow>),
) -> Result<Conversation, StoreError> {
    let channel = link.channel(row.channel)?;
    let deleted_to = row.deleted_to.map(|seq| from_db("deleted seq", seq)).transpose()?;
    Ok(Conversation {
        last_seq: MessageSeq::new(from_db("last seq", row.last_seq)?),
        read_to: MessageSeq::new(from_db("read seq", row.read_to)?),
        own_seq: MessageSeq::new(from_db("own seq", row.own_seq)?),
        timestamp: UnixMillis::new(row.timestamp),
        read_unsent: row.read_unsent,
        deleted_to: deleted_to.map(MessageSeq::new),
        last_message: last.map(|message| message.into_message_of(channel.clone(), link)).transpose()?,
        channel,
    })
}

fn sort_key(conversation: &Conversation) -> impl Ord + use<> {
    let channel = &conversation.channel;
    (Reverse(conversation.timestamp), channel.channel_type(), channel.clone())
}
