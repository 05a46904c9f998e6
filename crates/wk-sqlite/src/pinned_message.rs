//! Pinned messages in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use wk_store::model::{ChannelId, MessageId, MessageSeq, PinnedMessage, Version};
use wk_store::{PinnedMessageRead, PinnedMessageWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> PinnedMessageRead for View<A> {
    fn pinned_message(&mut self, message_id: MessageId) -> Result<Option<PinnedMessage>, StoreError> {
        self.0.with(|link| {
            let row: Option<Row> = Fetch::new(ById, [message_id.get().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a pinned message"))?;
            row.map(|row| into_pinned(row, link)).transpose()
        })
    }

    fn pinned_messages(&mut self, channel: &ChannelId) -> Result<Vec<PinnedMessage>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(Vec::new()) };
            let rows: Vec<Row> = Fetch::new(OfChannel, [number.into()])
                .load(&mut link.connection)
                .map_err(failed("reads pinned messages"))?;
            rows.into_iter().map(|row| into_pinned(row, link)).collect()
        })
    }
}

impl PinnedMessageWrite for View<Writing<'_>> {
    fn put_pinned_message(&mut self, pinned: &PinnedMessage) -> Result<(), StoreError> {
        self.0.with(|link| {
            let seq = to_db("seq of a pinned message", pinned.seq.get())?;
            let version = to_db("version of a pinned message", pinned.version.get())?;
            let channel = link.intern_channel(&pinned.channel)?;
            let id = pinned.message_id.get();
            let values = [id.into(), channel.into(), seq.into(), version.into(), pinned.deleted.into()];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a pinned message"))
        })
    }
}

type Columns = (BigInt, BigInt, BigInt, BigInt, Bool);
type Row = (i64, i64, i64, i64, bool);

macro_rules! columns {
    () => {
        "message_id, channel, seq, version, deleted"
    };
}

sql!(ById -> Columns, "SELECT ", columns!(), " FROM pinned_message WHERE message_id = ?");
sql!(
    OfChannel -> Columns,
    "SELECT ", columns!(), " FROM pinned_message WHERE channel = ? AND deleted = 0 \
     ORDER BY seq DESC, message_id DESC"
);
sql!(
    Put,
    "INSERT INTO pinned_message (message_id, channel, seq, version, deleted) VALUES (?, ?, ?, ?, ?) ON \
    CONFLICT (message_id) DO UPDATE SET channel = excluded.channel, seq = excluded.seq, version = \
    excluded.version, deleted = excluded.deleted"
);

fn into_pinned(row: Row, link: &mut Link) -> Result<PinnedMessage, StoreError> {
    let (message_id, channel, seq, version, deleted) = row;
    Ok(PinnedMessage {
        message_id: MessageId::new(message_id),
        channel: link.channel(channel)?,
        seq: MessageSeq::new(from_db("seq of a pinned message", seq)?),
        version: Version::new(from_db("version of a pinned message", version)?),
        deleted,
    })
}
