//! What the application keeps beside messages, in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use wk_store::model::{ClientSeq, MessageLocal, Written};
use wk_store::{MessageLocalRead, MessageLocalWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::message;
use crate::number::number_list;

impl<A: Access> MessageLocalRead for View<A> {
    fn message_locals(&mut self, rows: &[ClientSeq]) -> Result<Vec<(ClientSeq, MessageLocal)>, StoreError> {
        self.0.with(|link| by_rows(link, rows))
    }
}

impl MessageLocalWrite for View<Writing<'_>> {
    fn set_message_local(&mut self, row: ClientSeq, local: &MessageLocal) -> Result<Written, StoreError> {
        self.0.with(|link| {
            if message::by_client_seq(link, row)?.is_none() {
                return Ok(Written::Missing);
            }
            let before = by_rows(link, &[row])?.pop();
            if before.as_ref().is_some_and(|(_, before)| before == local) {
                return Ok(Written::Unchanged);
            }
            let values = [row.get().into(), local.played.into(), (&local.extra).into()];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map_err(failed("writes what is kept beside a message"))?;
            Ok(if before.is_some() { Written::Updated } else { Written::Inserted })
        })
    }
}

/// In the order of the rows' numbers.
pub(crate) fn by_rows(
    link: &mut Link,
    rows: &[ClientSeq],
) -> Result<Vec<(ClientSeq, MessageLocal)>, StoreError> {
    let numbers = number_list(rows.iter().map(|row| row.get()));
    let found: Vec<(i64, bool, String)> = Fetch::new(ByRows, [(&numbers).into()])
        .load(&mut link.connection)
        .map_err(failed("reads what is kept beside messages"))?;
    let local = |(row, played, extra)| (ClientSeq::new(row), MessageLocal { played, extra });
    Ok(found.into_iter().map(local).collect())
}

sql!(
    ByRows -> (BigInt, Bool, Text),
    "SELECT client_seq, played, extra FROM json_each(?) CROSS JOIN message_local \
     ON client_seq = json_each.value"
);
sql!(
    Put,
    "INSERT INTO message_local (client_seq, played, extra) VALUES (?, ?, ?) \
     ON CONFLICT (client_seq) DO UPDATE SET played = excluded.played, extra = excluded.extra"
);
