//! Cursors in SQLite.

use diesel::prelude::*;
use wk_store::model::{Cursor, Version};
use wk_store::{CursorRead, CursorWrite, StoreError};

use crate::fixed::{Fixed, sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> CursorRead for View<A> {
    fn cursor(&mut self, cursor: &Cursor) -> Result<Version, StoreError> {
        self.0.with(|link| {
            let channel = match cursor.channel() {
                None => WHOLE_ACCOUNT,
                Some(channel) => match link.find_channel(channel)? {
                    Some(number) => number,
                    None => return Ok(Version::ZERO),
                },
            };
            let value: Option<i64> = Fixed::new(Read, [i64::from(cursor.code()).into(), channel.into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a cursor"))?;
            value.map_or(Ok(Version::ZERO), |value| from_db("cursor", value).map(Version::new))
        })
    }
}

impl CursorWrite for View<Writing<'_>> {
    fn put_cursor(&mut self, cursor: &Cursor, value: Version) -> Result<(), StoreError> {
        self.0.with(|link| {
            let value = to_db("cursor", value.get())?;
            let channel = cursor.channel().map(|channel| link.intern_channel(channel)).transpose()?;
            let channel = channel.unwrap_or(WHOLE_ACCOUNT);
            Fixed::new(Put, [i64::from(cursor.code()).into(), channel.into(), value.into()])
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a cursor"))
        })
    }

    fn clear_cursors(&mut self) -> Result<(), StoreError> {
        self.0.with(|link| {
            Fixed::new(Clear, [])
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("clears the cursors"))
        })
    }
}

/// In place of a channel's number.
const WHOLE_ACCOUNT: i64 = 0;

sql!(Read, "SELECT value FROM cursor WHERE kind = ? AND channel = ?");
sql!(
    Put,
    "INSERT INTO cursor (kind, channel, value) VALUES (?, ?, ?) ON CONFLICT (kind, channel) DO UPDATE SET \
    value = excluded.value"
);
sql!(Clear, "DELETE FROM cursor");
