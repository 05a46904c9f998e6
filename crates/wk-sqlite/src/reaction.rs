//! Reactions in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use wk_store::model::{ChannelId, MessageId, Reaction, Uid, UnixMillis, Version};
use wk_store::{ReactionRead, ReactionWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{from_db, id_list, to_db};

impl<A: Access> ReactionRead for View<A> {
    fn reaction(&mut self, message_id: MessageId, uid: &Uid) -> Result<Option<Reaction>, StoreError> {
        self.0.with(|link| {
            let row: Option<ReactionRow> = Fetch::new(ByUid, [message_id.get().into(), uid.as_str().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a reaction"))?;
            row.map(|row| row.into_reaction(link)).transpose()
        })
    }

    fn reactions(&mut self, message_ids: &[MessageId]) -> Result<Vec<Reaction>, StoreError> {
        self.0.with(|link| by_ids(link, message_ids))
    }
}

impl ReactionWrite for View<Writing<'_>> {
    fn put_reaction(&mut self, reaction: &Reaction) -> Result<(), StoreError> {
        self.0.with(|link| {
            let seq = to_db("reaction seq", reaction.seq.get())?;
            let values = [
                reaction.message_id.get().into(),
                reaction.uid.as_str().into(),
                link.intern_channel(&reaction.channel)?.into(),
                (&reaction.name).into(),
                (&reaction.emoji).into(),
                seq.into(),
                reaction.deleted.into(),
                reaction.created_at.get().into(),
            ];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a reaction"))
        })
    }

    fn remove_reactions(&mut self, channel: &ChannelId) -> Result<u64, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(0) };
            Fixed::new(Remove, [number.into()])
                .execute(&mut link.connection)
                .map(|removed| removed as u64)
                .map_err(failed("removes the reactions in a channel"))
        })
    }
}

/// The reactions to messages that were not taken back.
pub(crate) fn by_ids(link: &mut Link, message_ids: &[MessageId]) -> Result<Vec<Reaction>, StoreError> {
    let ids = id_list(message_ids);
    let rows: Vec<ReactionRow> =
        Fetch::new(ByIds, [(&ids).into()]).load(&mut link.connection).map_err(failed("reads reactions"))?;
    rows.into_iter().map(|row| row.into_reaction(link)).collect()
}

type Columns = (BigInt, Text, BigInt, Text, Text, BigInt, Bool, BigInt);

macro_rules! columns {
    () => {
        "message_id, uid, channel, name, emoji, seq, deleted, created_at"
    };
}

sql!(ByUid -> Columns, "SELECT ", columns!(), " FROM reaction WHERE message_id = ? AND uid = ?");
sql!(
    ByIds -> Columns,
    "SELECT ", columns!(), " FROM json_each(?) CROSS JOIN reaction ON message_id = json_each.value \
     WHERE deleted = 0"
);
sql!(Remove, "DELETE FROM reaction WHERE channel = ?");
sql!(
    Put,
    "INSERT INTO reaction (message_id, uid, channel, name, emoji, seq, deleted, created_at) VALUES (?, ?, ?, \
    ?, ?, ?, ?, ?) ON CONFLICT (message_id, uid) DO UPDATE SET channel = excluded.channel, name = \
    excluded.name, emoji = excluded.emoji, seq = excluded.seq, deleted = excluded.deleted, created_at = \
    excluded.created_at"
);

#[derive(Queryable)]
struct ReactionRow {
    message_id: i64,
    uid: String,
    channel: i64,
    name: String,
    emoji: String,
    seq: i64,
    deleted: bool,
    created_at: i64,
}

impl ReactionRow {
    fn into_reaction(self, link: &mut Link) -> Result<Reaction, StoreError> {
        Ok(Reaction {
            message_id: MessageId::new(self.message_id),
            uid: Uid::from(self.uid),
            channel: link.channel(self.channel)?,
            name: self.name,
            emoji: self.emoji,
            seq: Version::new(from_db("reaction seq", self.seq)?),
            deleted: self.deleted,
            created_at: UnixMillis::new(self.created_at),
        })
    }
}
