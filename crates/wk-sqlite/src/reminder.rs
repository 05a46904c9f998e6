//! Reminders in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use wk_store::model::{
    MessageId, MessageSeq, Reminder, ReminderFilter, ReminderId, ReminderKind, Uid, Version,
};
use wk_store::{ReminderRead, ReminderWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> ReminderRead for View<A> {
    fn reminder(&mut self, id: ReminderId) -> Result<Option<Reminder>, StoreError> {
        self.0.with(|link| {
            let row: Option<ReminderRow> = Fetch::new(ById, [id.get().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a reminder"))?;
            row.map(|row| row.into_reminder(link)).transpose()
        })
    }

    fn reminders(&mut self, filter: &ReminderFilter) -> Result<Vec<Reminder>, StoreError> {
        self.0.with(|link| {
            let rows: QueryResult<Vec<ReminderRow>> = match &filter.channel {
                Some(channel) => {
                    let Some(number) = link.find_channel(channel)? else { return Ok(Vec::new()) };
                    Fetch::new(OfChannel, [number.into()]).load(&mut link.connection)
                }
                None => Fetch::new(All, []).load(&mut link.connection),
            };
            let rows = rows.map_err(failed("reads reminders"))?;
            let all: Result<Vec<Reminder>, _> = rows.into_iter().map(|row| row.into_reminder(link)).collect();
            let mut found = all?;
            found.retain(|reminder| filter.matches(reminder));
            Ok(found)
        })
    }

    fn reminders_done_unsent(&mut self) -> Result<Vec<Reminder>, StoreError> {
        self.0.with(|link| {
            let rows: Vec<ReminderRow> = Fetch::new(Unsent, [])
                .load(&mut link.connection)
                .map_err(failed("reads reminders that were done and not uploaded"))?;
            rows.into_iter().map(|row| row.into_reminder(link)).collect()
        })
    }
}

impl ReminderWrite for View<Writing<'_>> {
    fn put_reminder(&mut self, reminder: &Reminder) -> Result<(), StoreError> {
        self.0.with(|link| {
            let seq = to_db("seq of a reminder", reminder.seq.get())?;
            let version = to_db("version of a reminder", reminder.version.get())?;
            let values = [
                reminder.id.get().into(),
                link.intern_channel(&reminder.channel)?.into(),
                reminder.message_id.get().into(),
                seq.into(),
                reminder.kind.code().into(),
                reminder.uid.as_ref().map(Uid::as_str).into(),
                reminder.publisher.as_ref().map(Uid::as_str).into(),
                (&reminder.text).into(),
                (&reminder.data).into(),
                reminder.locate.into(),
                version.into(),
                reminder.done.into(),
                reminder.done_unsent.into(),
            ];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a reminder"))
        })
    }
}

type Columns = (
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Text,
    Bool,
    BigInt,
    Bool,
    Bool,
);

macro_rules! columns {
    () => {
        "reminder_id, channel, message_id, seq, kind, uid, publisher, text, data, locate, version, done, \
        done_unsent"
    };
}

sql!(ById -> Columns, "SELECT ", columns!(), " FROM reminder WHERE reminder_id = ?");
sql!(OfChannel -> Columns, "SELECT ", columns!(), " FROM reminder WHERE channel = ? ORDER BY reminder_id");
sql!(All -> Columns, "SELECT ", columns!(), " FROM reminder ORDER BY reminder_id");
sql!(Unsent -> Columns, "SELECT ", columns!(), " FROM reminder WHERE done_unsent = 1 ORDER BY reminder_id");
sql!(
    Put,
    "INSERT INTO reminder (reminder_id, channel, message_id, seq, kind, uid, publisher, text, data, locate, \
    version, done, done_unsent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reminder_id) DO \
    UPDATE SET channel = excluded.channel, message_id = excluded.message_id, seq = excluded.seq, kind = \
    excluded.kind, uid = excluded.uid, publisher = excluded.publisher, text = excluded.text, data = \
    excluded.data, locate = excluded.locate, version = excluded.version, done = excluded.done, done_unsent \
    = excluded.done_unsent"
);

#[derive(Queryable)]
struct ReminderRow {
    reminder_id: i64,
    channel: i64,
    message_id: i64,
    seq: i64,
    kind: i64,
    uid: Option<String>,
    publisher: Option<String>,
    text: String,
    data: String,
    locate: bool,
    version: i64,
    done: bool,
    done_unsent: bool,
}

impl ReminderRow {
    fn into_reminder(self, link: &mut Link) -> Result<Reminder, StoreError> {
        Ok(Reminder {
            id: ReminderId::new(self.reminder_id),
            channel: link.channel(self.channel)?,
            message_id: MessageId::new(self.message_id),
            seq: MessageSeq::new(from_db("seq of a reminder", self.seq)?),
            kind: ReminderKind::new(from_db("kind of a reminder", self.kind)?),
            uid: self.uid.map(Uid::from),
            publisher: self.publisher.map(Uid::from),
            text: self.text,
            data: self.data,
            locate: self.locate,
            version: Version::new(from_db("version of a reminder", self.version)?),
            done: self.done,
            done_unsent: self.done_unsent,
        })
    }
}
