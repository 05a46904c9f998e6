//! The messages that a search has to look at, in its order: found by their tokens, or one after the other.

use std::cmp::Reverse;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use wk_store::StoreError;
use wk_store::model::{SearchCursor, SearchQuery, UnixMillis};

use crate::link::{Link, failed};
use crate::message::MessageRow;
use crate::schema::message;

/// The rows that have all tokens of an expression, behind the cursor of the query in its order. Nothing if more rows
/// than [`MOST_FOUND`] have them: then one is met soon enough without the index.
pub(super) fn found(
    link: &mut Link,
    query: &SearchQuery,
    expression: &str,
) -> Result<Option<Vec<i64>>, StoreError> {
    let rows: Vec<(i64, i64, i64, i64)> = Found { expression }
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(MOST_FOUND + 1).collect())
        .map_err(failed("searches the index"))?;
    if rows.len() > MOST_FOUND {
        return Ok(None);
    }
    let places = rows.into_iter().map(|(client_seq, timestamp, seq, index)| {
        let cursor = match query.channel {
            Some(_) => SearchCursor { major: seq, minor: index },
            None => SearchCursor { major: timestamp, minor: client_seq },
        };
        (cursor, client_seq)
    });
    let mut places: Vec<_> =
        places.filter(|(cursor, _)| query.after.is_none_or(|after| *cursor < after)).collect();
    places.sort_unstable_by_key(|(cursor, _)| Reverse(*cursor));
    Ok(Some(places.into_iter().map(|(_, client_seq)| client_seq).collect()))
}

/// The row of a candidate.
pub(super) fn row(link: &mut Link, client_seq: i64) -> Result<Option<MessageRow>, StoreError> {
    message::table
        .find(client_seq)
        .select(MessageRow::as_select())
        .get_result(&mut link.connection)
        .optional()
        .map_err(failed("reads a message that was found"))
}

/// The next [`WALK`] rows that lists show, behind a place in the order of the query.
pub(super) fn walk(
    link: &mut Link,
    query: &SearchQuery,
    channel: Option<i64>,
    after: Option<SearchCursor>,
) -> Result<Vec<MessageRow>, StoreError> {
    let after = after.unwrap_or(SearchCursor { major: i64::MAX, minor: i64::MAX });
    let connection = &mut link.connection;
    // Two statements of fixed text. They have no LIMIT: rows that are not asked for cost nothing.
    let rows = match channel {
        Some(channel) => message::table
            .filter(message::channel.eq(channel))
            .filter(message::hidden.is_null())
            .filter(message::seq.le(after.major))
            .filter(message::seq.lt(after.major).or(message::local_index.lt(after.minor)))
            .order((message::seq.desc(), message::local_index.desc()))
            .select(MessageRow::as_select())
            .load_iter(connection)
            .and_then(|rows| rows.take(WALK).collect()),
        None => message::table
            .filter(message::hidden.is_null())
            .filter(message::timestamp.le(after.major))
            .filter(message::timestamp.ge(query.since.map_or(i64::MIN, UnixMillis::get)))
            .filter(message::timestamp.lt(after.major).or(message::client_seq.lt(after.minor)))
            .order((message::timestamp.desc(), message::client_seq.desc()))
            .select(MessageRow::as_select())
            .load_iter(connection)
            .and_then(|rows| rows.take(WALK).collect()),
    };
    rows.map_err(failed("goes through messages"))
}

/// How many rows are read at a time.
pub(super) const WALK: usize = 200;

/// With more rows than this the index is of no use.
pub(super) const MOST_FOUND: usize = 50_000;

/// The statement behind [`found`].
pub(super) struct Found<'a> {
    pub(super) expression: &'a str,
}

impl QueryFragment<Sqlite> for Found<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        // CROSS fixes the order: the index first, then each row by its number.
        out.push_sql(
            "SELECT client_seq, timestamp, seq, local_index FROM search CROSS JOIN message \
             ON client_seq = search.rowid WHERE search MATCH ",
        );
        out.push_bind_param::<Text, _>(self.expression)
    }
}

impl QueryId for Found<'_> {
    type QueryId = Found<'static>;
}

impl Query for Found<'_> {
    type SqlType = (BigInt, BigInt, BigInt, BigInt);
}

impl RunQueryDsl<SqliteConnection> for Found<'_> {}
