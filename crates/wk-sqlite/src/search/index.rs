//! Keeping the index of tokens: with every write of a message, and for what was there before it.

use diesel::prelude::*;
use wk_store::StoreError;

use super::tokens::{Source, VERSION};
use crate::fixed::{Fixed, Sql};
use crate::link::{Link, failed};
use crate::schema::{message, search_index};

/// Adds a new row that lists show.
pub(crate) fn write(link: &mut Link, client_seq: i64, source: Source<'_>) -> Result<(), StoreError> {
    Fixed::new(Write, [client_seq.into(), source.tokens().as_str().into()])
        .execute(&mut link.connection)
        .map(|_| ())
        .map_err(failed("indexes a message"))
}

/// Brings a row up to date: with its tokens if lists show it, otherwise without any.
pub(crate) fn replace(
    link: &mut Link,
    client_seq: i64,
    source: Option<Source<'_>>,
) -> Result<(), StoreError> {
    let Some(source) = source else { return forget(link, client_seq) };
    Fixed::new(Replace, [client_seq.into(), source.tokens().as_str().into()])
        .execute(&mut link.connection)
        .map(|_| ())
        .map_err(failed("indexes a message"))
}

/// Takes a row out.
pub(crate) fn forget(link: &mut Link, client_seq: i64) -> Result<(), StoreError> {
    Fixed::new(Forget, [client_seq.into()])
        .execute(&mut link.connection)
        .map(|_| ())
        .map_err(failed("takes a message out of the index"))
}

/// Takes the server messages of a channel from a seq on out, before they are removed.
pub(crate) fn forget_from(link: &mut Link, channel: i64, seq: i64) -> Result<(), StoreError> {
    Fixed::new(ForgetFrom, [channel.into(), seq.into()])
        .execute(&mut link.connection)
        .map(|_| ())
        .map_err(failed("takes messages out of the index"))
}

/// Takes the messages of a channel up to a seq out, before they are removed.
pub(crate) fn forget_to(link: &mut Link, channel: i64, seq: i64) -> Result<(), StoreError> {
    Fixed::new(ForgetTo, [channel.into(), seq.into()])
        .execute(&mut link.connection)
        .map(|_| ())
        .map_err(failed("takes messages out of the index"))
}

/// Makes the index of a file that was just opened ready: begins it anew if it was made by other rules, and brings the
/// first rows in. Files of usual size are done here.
pub(crate) fn prepare(link: &mut Link) -> Result<(), StoreError> {
    if state(link)?.version == VERSION {
        return Ok(());
    }
    link.alone(|link| {
        // Once more: another process may have done the same.
        if state(link)?.version == VERSION {
            return Ok(());
        }
        // Merging sixteen parts of the index at a time and not four makes writing a seventh faster.
        let begin = "INSERT INTO search (search) VALUES ('delete-all'); \
                     INSERT INTO search (search, rank) VALUES ('automerge', 16); \
                     UPDATE search_index SET next_row = 1, last_row = ifnull((SELECT max(client_seq) FROM message), 0)";
        diesel::connection::SimpleConnection::batch_execute(&mut link.connection, begin)
            .map_err(failed("begins the index anew"))?;
        diesel::update(search_index::table)
            .set(search_index::version.eq(VERSION))
            .execute(&mut link.connection)
            .map_err(failed("begins the index anew"))?;
        index_some(link, AT_ONCE).map(|_| ())
    })
}

/// How many rows may still be without tokens.
pub(super) fn backlog(link: &mut Link) -> Result<u64, StoreError> {
    state(link).map(|state| state.left())
}

/// Brings up to so many rows in; says how many may be left.
pub(super) fn index_some(link: &mut Link, limit: u32) -> Result<u64, StoreError> {
    let state = state(link)?;
    if state.left() == 0 {
        return Ok(0);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let rows: Vec<Row> = message::table
        .filter(message::client_seq.ge(state.next_row))
        .filter(message::client_seq.le(state.last_row))
        .order(message::client_seq)
        .select((
            message::client_seq,
            message::channel,
            message::sender,
            message::content_type,
            message::hidden,
            message::payload,
        ))
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(limit).collect())
        .map_err(failed("reads what is not indexed"))?;
    let next_row = match rows.last() {
        Some((last, ..)) if rows.len() == limit => last.saturating_add(1),
        _ if limit == 0 => state.next_row,
        _ => state.last_row.saturating_add(1),
    };
    for (client_seq, channel, sender, content_type, hidden, payload) in rows {
        if hidden.is_none() {
            replace(link, client_seq, Some(Source { channel, sender, content_type, payload: &payload }))?;
        }
    }
    diesel::update(search_index::table)
        .set(search_index::next_row.eq(next_row))
        .execute(&mut link.connection)
        .map_err(failed("writes how far the index is"))?;
    Ok(State { next_row, ..state }.left())
}

type Row = (i64, i64, i64, i64, Option<i64>, Vec<u8>);

#[derive(Clone, Copy)]
struct State {
    version: i64,
    next_row: i64,
    last_row: i64,
}

impl State {
    fn left(self) -> u64 {
        let rows = self.last_row.saturating_sub(self.next_row).saturating_add(1);
        u64::try_from(rows).unwrap_or(0)
    }
}

fn state(link: &mut Link) -> Result<State, StoreError> {
    let (version, next_row, last_row) = search_index::table
        .select((search_index::version, search_index::next_row, search_index::last_row))
        .get_result(&mut link.connection)
        .map_err(failed("reads how far the index is"))?;
    Ok(State { version, next_row, last_row })
}

/// How many rows are brought in when a file is opened.
const AT_ONCE: u32 = 20_000;

#[derive(Clone, Copy)]
struct Write;

impl Sql for Write {
    const TEXT: &'static str = "INSERT INTO search (rowid, tokens) VALUES (?, ?)";
}

#[derive(Clone, Copy)]
struct Replace;

impl Sql for Replace {
    const TEXT: &'static str = "INSERT OR REPLACE INTO search (rowid, tokens) VALUES (?, ?)";
}

#[derive(Clone, Copy)]
struct Forget;

impl Sql for Forget {
    const TEXT: &'static str = "DELETE FROM search WHERE rowid = ?";
}

#[derive(Clone, Copy)]
struct ForgetFrom;

impl Sql for ForgetFrom {
    const TEXT: &'static str = "\
        DELETE FROM search WHERE rowid IN (SELECT client_seq FROM message \
        WHERE channel = ? AND seq >= ? AND local_index = 0 AND hidden IS NULL)";
}

#[derive(Clone, Copy)]
struct ForgetTo;

impl Sql for ForgetTo {
    const TEXT: &'static str = "\
        DELETE FROM search WHERE rowid IN (SELECT client_seq FROM message \
        WHERE channel = ? AND seq <= ? AND hidden IS NULL)";
}
