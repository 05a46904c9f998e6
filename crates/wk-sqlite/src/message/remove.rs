//! Removing messages from SQLite, alone or with what hangs on them.

use diesel::prelude::*;
use wk_store::StoreError;
use wk_store::model::{ChannelId, ClientSeq, Message, MessageSeq, UnixMillis};

use super::read;
use crate::fixed::{Fixed, Sql, Value, sql};
use crate::link::{Link, failed};
use crate::schema::message;

/// Removes one row and nothing else; says whether it was there.
pub(super) fn row(link: &mut Link, client_seq: ClientSeq) -> Result<bool, StoreError> {
    diesel::delete(message::table.find(client_seq.get()))
        .execute(&mut link.connection)
        .map(|removed| removed > 0)
        .map_err(failed("removes a message"))
}

/// Removes the server messages from a seq on and nothing else; says how many.
pub(super) fn from(link: &mut Link, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
    // A seq beyond the column's range was never written.
    let Ok(seq) = i64::try_from(seq.get()) else { return Ok(0) };
    let Some(number) = link.find_channel(channel)? else { return Ok(0) };
    let server_messages = message::table
        .filter(message::channel.eq(number))
        .filter(message::seq.ge(seq))
        .filter(message::local_index.eq(0));
    diesel::delete(server_messages)
        .execute(&mut link.connection)
        .map(|removed| removed as u64)
        .map_err(failed("removes the messages above a seq"))
}

/// Removes the messages up to a seq, the local ones among them, and what hangs on them; says how many messages.
pub(super) fn to(link: &mut Link, channel: &ChannelId, seq: MessageSeq) -> Result<u64, StoreError> {
    let seq = i64::try_from(seq.get()).unwrap_or(i64::MAX);
    let Some(number) = link.find_channel(channel)? else { return Ok(0) };
    let values = || [number.into(), seq.into()];
    execute(link, OutboxTo, values())?;
    execute(link, ExtrasTo, values())?;
    execute(link, ReactionsTo, values())?;
    execute(link, PinsTo, values())?;
    execute(link, MessagesTo, values())
}

/// Removes messages whose life is over and what hangs on them.
pub(super) fn expired(link: &mut Link, now: UnixMillis, limit: u32) -> Result<Vec<Message>, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let messages = read::expired(link, now, limit)?;
    for message in &messages {
        row(link, message.client_seq)?;
        execute(link, OutboxOf, [message.client_seq.get().into()])?;
        if !message.message_id.is_zero() {
            let id = || [message.message_id.get().into()];
            execute(link, ExtraOf, id())?;
            execute(link, ReactionsOf, id())?;
            execute(link, PinOf, id())?;
        }
    }
    Ok(messages)
}

fn execute<S: Sql + Copy, const N: usize>(
    link: &mut Link,
    sql: S,
    values: [Value<'_>; N],
) -> Result<u64, StoreError> {
    Fixed::new(sql, values)
        .execute(&mut link.connection)
        .map(|removed| removed as u64)
        .map_err(failed("removes messages with what hangs on them"))
}

macro_rules! ids_to {
    () => {
        "(SELECT message_id FROM message WHERE channel = ? AND seq <= ? AND message_id IS NOT NULL)"
    };
}

sql!(MessagesTo, "DELETE FROM message WHERE channel = ? AND seq <= ?");
sql!(
    OutboxTo,
    "DELETE FROM outbox WHERE client_seq IN (SELECT client_seq FROM message WHERE channel = ? AND seq <= ?)"
);
sql!(ExtrasTo, "DELETE FROM message_extra WHERE message_id IN ", ids_to!());
sql!(ReactionsTo, "DELETE FROM reaction WHERE message_id IN ", ids_to!());
sql!(PinsTo, "DELETE FROM pinned_message WHERE message_id IN ", ids_to!());
sql!(OutboxOf, "DELETE FROM outbox WHERE client_seq = ?");
sql!(ExtraOf, "DELETE FROM message_extra WHERE message_id = ?");
sql!(ReactionsOf, "DELETE FROM reaction WHERE message_id = ?");
sql!(PinOf, "DELETE FROM pinned_message WHERE message_id = ?");
