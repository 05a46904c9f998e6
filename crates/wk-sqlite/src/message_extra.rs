//! What happened to messages, in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use wk_store::model::{
    ClientSeq, MessageEdit, MessageExtra, MessageExtraInfo, MessageId, MessageWithExtra, Uid, UnixMillis,
    Version,
};
use wk_store::{MessageExtraRead, MessageExtraWrite, MessageScan, StoreError};

use crate::fixed::{Fetch, Fixed, Value, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::message::scan;
use crate::number::{from_db, id_list, to_db};
use crate::{message_local, reaction};

impl<A: Access> MessageExtraRead for View<A> {
    fn message_extra(&mut self, message_id: MessageId) -> Result<Option<MessageExtra>, StoreError> {
        self.0.with(|link| {
            // The question is asked of every message that comes, and those are newer than what anything happened to.
            if A::WRITES_ALONE && link.newest_extra()?.is_none_or(|newest| newest < message_id.get()) {
                return Ok(None);
            }
            let row: Option<ExtraRow> = Fetch::new(ById, [message_id.get().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads what happened to a message"))?;
            row.map(|row| row.into_extra(link)).transpose()
        })
    }

    fn message_extras(&mut self, message_ids: &[MessageId]) -> Result<Vec<MessageExtra>, StoreError> {
        self.0.with(|link| by_ids(link, message_ids))
    }

    fn message_edits_pending(&mut self) -> Result<Vec<MessageExtra>, StoreError> {
        self.0.with(|link| {
            let rows: Vec<ExtraRow> = Fetch::new(Pending, [])
                .load(&mut link.connection)
                .map_err(failed("reads edits that were not uploaded"))?;
            rows.into_iter().map(|row| row.into_extra(link)).collect()
        })
    }

    fn scan_messages_with_extras(
        &mut self,
        query: &MessageScan<'_>,
    ) -> Result<Vec<MessageWithExtra>, StoreError> {
        self.0.with(|link| {
            link.snapshot(|link| {
                let messages = scan(link, query)?;
                let ids: Vec<MessageId> = messages.iter().map(|message| message.message_id).collect();
                let rows: Vec<ClientSeq> = messages.iter().map(|message| message.client_seq).collect();
                let (extras, locals) = (by_ids(link, &ids)?, message_local::by_rows(link, &rows)?);
                Ok(MessageWithExtra::join(messages, extras, reaction::by_ids(link, &ids)?, locals))
            })
        })
    }
}

/// The greatest id of a message to which anything happened: no message with a greater one has an extra. Looked up once in a
/// transaction. Where that row is removed, the answer stays true.
#[derive(Debug, Default)]
pub(crate) enum NewestExtra {
    #[default]
    Unknown,
    /// Nothing where nothing happened to any.
    Known(Option<i64>),
}

impl NewestExtra {
    fn raise(&mut self, message_id: MessageId) {
        if let Self::Known(newest) = self {
            *newest = (*newest).max(Some(message_id.get()));
        }
    }
}

impl Link {
    fn newest_extra(&mut self) -> Result<Option<i64>, StoreError> {
        if let NewestExtra::Known(newest) = self.newest_extra {
            return Ok(newest);
        }
        let newest: Option<i64> = Fetch::new(Newest, [])
            .get_result(&mut self.connection)
            .map_err(failed("looks for the newest message to which anything happened"))?;
        self.newest_extra = NewestExtra::Known(newest);
        Ok(newest)
    }
}

impl MessageExtraWrite for View<Writing<'_>> {
    fn put_message_extra(&mut self, extra: &MessageExtra) -> Result<(), StoreError> {
        let info = &extra.info;
        self.0.with(|link| {
            let version = to_db("version of a message's extra", info.version.get())?;
            let pinned_version = to_db("version of a pinned message", extra.pinned_version.get())?;
            let values = [
                extra.message_id.get().into(),
                link.intern_channel(&extra.channel)?.into(),
                version.into(),
                info.read.into(),
                i64::from(info.read_count).into(),
                i64::from(info.unread_count).into(),
                info.revoked.into(),
                info.revoker.as_ref().map(Uid::as_str).into(),
                info.mutual_deleted.into(),
                payload(info.edit.as_ref()),
                time(info.edit.as_ref()),
                info.pinned.into(),
                pinned_version.into(),
                payload(extra.pending_edit.as_ref()),
                time(extra.pending_edit.as_ref()),
            ];
            link.newest_extra.raise(extra.message_id);
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes what happened to a message"))
        })
    }
}

fn by_ids(link: &mut Link, message_ids: &[MessageId]) -> Result<Vec<MessageExtra>, StoreError> {
    let ids = id_list(message_ids);
    let rows: Vec<ExtraRow> = Fetch::new(ByIds, [(&ids).into()])
        .load(&mut link.connection)
        .map_err(failed("reads what happened to messages"))?;
    rows.into_iter().map(|row| row.into_extra(link)).collect()
}

fn payload(edit: Option<&MessageEdit>) -> Value<'_> {
    edit.map_or(Value::Int(None), |edit| Value::Blob(&edit.payload))
}

fn time(edit: Option<&MessageEdit>) -> Value<'_> {
    edit.map_or(0, |edit| edit.edited_at.get()).into()
}

type Columns = (
    BigInt,
    BigInt,
    BigInt,
    Bool,
    BigInt,
    BigInt,
    Bool,
    Nullable<Text>,
    Bool,
    Nullable<Binary>,
    BigInt,
    Nullable<Bool>,
    BigInt,
    Nullable<Binary>,
    BigInt,
);

macro_rules! columns {
    () => {
        "message_id, channel, version, read, read_count, unread_count, revoked, revoker, mutual_deleted, \
        edit, edited_at, pinned, pinned_version, pending_edit, pending_edited_at"
    };
}

sql!(ById -> Columns, "SELECT ", columns!(), " FROM message_extra WHERE message_id = ?");
sql!(Newest -> Nullable<BigInt>, "SELECT max(message_id) FROM message_extra");
sql!(
    ByIds -> Columns,
    "SELECT ", columns!(), " FROM json_each(?) CROSS JOIN message_extra ON message_id = json_each.value"
);
sql!(
    Pending -> Columns,
    "SELECT ", columns!(), " FROM message_extra WHERE pending_edit IS NOT NULL ORDER BY message_id"
);
sql!(
    Put,
    "INSERT INTO message_extra (message_id, channel, version, read, read_count, unread_count, revoked, \
    revoker, mutual_deleted, edit, edited_at, pinned, pinned_version, pending_edit, pending_edited_at) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO UPDATE SET channel = \
    excluded.channel, version = excluded.version, read = excluded.read, read_count = excluded.read_count, \
    unread_count = excluded.unread_count, revoked = excluded.revoked, revoker = excluded.revoker, \
    mutual_deleted = excluded.mutual_deleted, edit = excluded.edit, edited_at = excluded.edited_at, pinned \
    = excluded.pinned, pinned_version = excluded.pinned_version, pending_edit = excluded.pending_edit, \
    pending_edited_at = excluded.pending_edited_at"
);

#[derive(Queryable)]
struct ExtraRow {
    message_id: i64,
    channel: i64,
    version: i64,
    read: bool,
    read_count: i64,
    unread_count: i64,
    revoked: bool,
    revoker: Option<String>,
    mutual_deleted: bool,
    edit: Option<Vec<u8>>,
    edited_at: i64,
    pinned: Option<bool>,
    pinned_version: i64,
    pending_edit: Option<Vec<u8>>,
    pending_edited_at: i64,
}

impl ExtraRow {
    fn into_extra(self, link: &mut Link) -> Result<MessageExtra, StoreError> {
        let edit = |payload: Option<Vec<u8>>, edited_at| {
            let edited_at = UnixMillis::new(edited_at);
            payload.map(|payload| MessageEdit { payload: payload.into(), edited_at })
        };
        Ok(MessageExtra {
            message_id: MessageId::new(self.message_id),
            channel: link.channel(self.channel)?,
            info: MessageExtraInfo {
                version: Version::new(from_db("version of a message's extra", self.version)?),
                read: self.read,
                read_count: from_db("read count", self.read_count)?,
                unread_count: from_db("unread count", self.unread_count)?,
                revoked: self.revoked,
                revoker: self.revoker.map(Uid::from),
                mutual_deleted: self.mutual_deleted,
                edit: edit(self.edit, self.edited_at),
                pinned: self.pinned,
            },
            pinned_version: Version::new(from_db("version of a pinned message", self.pinned_version)?),
            pending_edit: edit(self.pending_edit, self.pending_edited_at),
        })
    }
}

#[cfg(test)]
mod tests {
    use wk_store::Store;
    use wk_store::model::{ChannelId, MessageExtra, MessageId};

    use crate::statement_tests::traced;

    fn extra(id: i64) -> MessageExtra {
        MessageExtra::new(MessageId::new(id), ChannelId::group("team"))
    }

    #[test]
    fn messages_that_are_newer_than_every_extra_are_not_looked_for() {
        let (mut store, statements) = traced();
        let reads = || {
            let run = std::mem::take(&mut statements.lock().unwrap().run);
            run.iter().filter(|sql| sql.starts_with("SELECT") && sql.contains("FROM message_extra")).count()
        };
        let mut tx = store.begin().unwrap();
        for id in 1..=50 {
            assert_eq!(tx.message_extra(MessageId::new(id)).unwrap(), None);
        }
        assert_eq!(reads(), 1);
        // What the transaction writes itself counts, in any order.
        for written in [70, 60, -5] {
            tx.put_message_extra(&extra(written)).unwrap();
        }
        for id in [-6, 60, 65, 70, 71, -5] {
            let known = [-5, 60, 70].contains(&id).then(|| extra(id));
            assert_eq!(tx.message_extra(MessageId::new(id)).unwrap(), known, "{id}");
        }
        assert_eq!(reads(), 5);
        tx.commit().unwrap();
        // The next transaction asks anew: another process may have written meanwhile.
        let mut tx = store.begin().unwrap();
        for id in 71..=120 {
            assert_eq!(tx.message_extra(MessageId::new(id)).unwrap(), None);
        }
        assert_eq!(tx.message_extra(MessageId::new(70)).unwrap(), Some(extra(70)));
        assert_eq!(reads(), 2);
        tx.put_message_extra(&extra(90)).unwrap();
        drop(tx);
        let mut tx = store.begin().unwrap();
        assert_eq!(tx.message_extra(MessageId::new(90)).unwrap(), None);
        assert_eq!(tx.message_extra(MessageId::new(60)).unwrap(), Some(extra(60)));
    }

    #[test]
    fn a_transaction_sees_what_another_store_on_the_file_wrote_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = || crate::SqliteStore::open(folder.path().join("wk.db")).unwrap();
        let (mut one, mut other) = (open(), open());
        let mut tx = one.begin().unwrap();
        assert_eq!(tx.message_extra(MessageId::new(7)).unwrap(), None);
        tx.commit().unwrap();
        let mut tx = other.begin().unwrap();
        tx.put_message_extra(&extra(7)).unwrap();
        tx.commit().unwrap();
        let mut tx = one.begin().unwrap();
        assert_eq!(tx.message_extra(MessageId::new(7)).unwrap(), Some(extra(7)));
    }
}
