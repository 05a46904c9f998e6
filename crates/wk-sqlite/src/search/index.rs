//! Bringing messages into the index of tokens, when there is time for it.
//!
//! Writes of messages leave the index alone: new rows are those from a number on, changed ones are in a queue that
//! triggers fill (see the migration). All of it is in the same transactions as the rows themselves.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable};
use wk_store::StoreError;

use super::tokens::{Source, VERSION};
use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Link, failed};
use crate::schema::search_index;

/// The first row that is not in the index; nothing where there is no index by the present rules.
pub(super) fn next_row(link: &mut Link) -> Result<Option<i64>, StoreError> {
    let (version, next_row): (i64, i64) = search_index::table
        .select((search_index::version, search_index::next_row))
        .get_result(&mut link.connection)
        .map_err(failed("reads how far the index is"))?;
    Ok(Some(next_row).filter(|_| version == VERSION))
}

/// Brings up to so many rows in; says how many may be left.
pub(super) fn index_some(link: &mut Link, limit: u32) -> Result<u64, StoreError> {
    let next_row = match next_row(link)? {
        Some(next_row) => next_row,
        None => begin_anew(link)?,
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let changed = changed_rows(link, limit)?;
    let new = new_rows(link, next_row, limit.saturating_sub(changed))?;
    let next_row = new.map_or(next_row, |last| last.saturating_add(1));
    let left: i64 = Fetch::new(Left, [next_row.into()])
        .get_result(&mut link.connection)
        .map_err(failed("counts what is not indexed"))?;
    Ok(u64::try_from(left).unwrap_or(0))
}

/// Begins an index by the present rules, with nothing in it. Says where.
fn begin_anew(link: &mut Link) -> Result<i64, StoreError> {
    // Merging sixteen parts of the index at a time and not four makes writing a seventh faster.
    let begin = "INSERT INTO search (search) VALUES ('delete-all'); \
                 INSERT INTO search (search, rank) VALUES ('automerge', 16); DELETE FROM search_queue";
    link.connection.batch_execute(begin).map_err(failed("begins the index anew"))?;
    Fixed::new(Begin, [VERSION.into()])
        .execute(&mut link.connection)
        .map_err(failed("begins the index anew"))?;
    Ok(1)
}

/// Brings rows that changed up to date; says how many.
fn changed_rows(link: &mut Link, limit: usize) -> Result<usize, StoreError> {
    let queued: Vec<i64> = Fetch::new(Queued, [])
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(limit).collect())
        .map_err(failed("reads what has changed"))?;
    for client_seq in &queued {
        let row: Option<Row> = Fetch::new(OneRow, [(*client_seq).into()])
            .get_result(&mut link.connection)
            .optional()
            .map_err(failed("reads what has changed"))?;
        let connection = &mut link.connection;
        let written = match row.as_ref().and_then(source) {
            Some(source) => {
                let tokens = source.tokens();
                Fixed::new(Replace, [(*client_seq).into(), (&tokens).into()]).execute(connection)
            }
            None => Fixed::new(Forget, [(*client_seq).into()]).execute(connection),
        };
        written.map_err(failed("brings the index up to date"))?;
    }
    if let Some(last) = queued.last() {
        Fixed::new(Dequeue, [(*last).into()])
            .execute(&mut link.connection)
            .map_err(failed("brings the index up to date"))?;
    }
    Ok(queued.len())
}

/// Brings rows in from a number on; says the last.
fn new_rows(link: &mut Link, next_row: i64, limit: usize) -> Result<Option<i64>, StoreError> {
    let rows: Vec<Row> = Fetch::new(NewRows, [next_row.into()])
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(limit).collect())
        .map_err(failed("reads what is not indexed"))?;
    for row in &rows {
        if let Some(source) = source(row) {
            let tokens = source.tokens();
            Fixed::new(Add, [row.0.into(), (&tokens).into()])
                .execute(&mut link.connection)
                .map_err(failed("indexes a message"))?;
        }
    }
    let Some(last) = rows.last().map(|row| row.0) else { return Ok(None) };
    Fixed::new(Advance, [last.saturating_add(1).into()])
        .execute(&mut link.connection)
        .map_err(failed("writes how far the index is"))?;
    Ok(Some(last))
}

/// What a row is found by; nothing if lists do not show it or it was taken back.
fn source(row: &Row) -> Option<Source<'_>> {
    let (_, channel, sender, content_type, hidden, payload, edit, taken_back) = row;
    let payload = edit.as_ref().unwrap_or(payload);
    (hidden.is_none() && !taken_back).then_some(Source {
        channel: *channel,
        sender: *sender,
        content_type: *content_type,
        payload,
    })
}

type Row = (i64, i64, i64, i64, Option<i64>, Vec<u8>, Option<Vec<u8>>, bool);
type Columns = (BigInt, BigInt, BigInt, BigInt, Nullable<BigInt>, Binary, Nullable<Binary>, Bool);

macro_rules! rows {
    () => {
        "SELECT client_seq, message.channel, sender, content_type, hidden, payload, \
         ifnull(pending_edit, edit), ifnull(revoked OR mutual_deleted, 0) \
         FROM message LEFT JOIN message_extra ON message_extra.message_id = message.message_id"
    };
}

sql!(OneRow -> Columns, rows!(), " WHERE client_seq = ?");
sql!(NewRows -> Columns, rows!(), " WHERE client_seq >= ? ORDER BY client_seq");
sql!(Queued -> BigInt, "SELECT client_seq FROM search_queue ORDER BY client_seq");
sql!(Dequeue, "DELETE FROM search_queue WHERE client_seq <= ?");
sql!(Add, "INSERT INTO search (rowid, tokens) VALUES (?, ?)");
sql!(Replace, "INSERT OR REPLACE INTO search (rowid, tokens) VALUES (?, ?)");
sql!(Forget, "DELETE FROM search WHERE rowid = ?");
sql!(Begin, "UPDATE search_index SET next_row = 1, version = ?");
sql!(Advance, "UPDATE search_index SET next_row = ?");
// Row numbers have no gaps worth counting.
sql!(
    Left -> BigInt,
    "SELECT (SELECT count(*) FROM search_queue) + max(0, 1 + (SELECT ifnull(max(client_seq), 0) FROM message) - ?)"
);
