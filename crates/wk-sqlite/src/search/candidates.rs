//! The messages that a search has to look at, in its order: found by their tokens, or one after the other.

use std::cmp::Reverse;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable};
use wk_store::StoreError;
use wk_store::model::{SearchCursor, SearchQuery, UnixMillis};

use crate::fixed::{Fetch, sql};
use crate::link::{Link, failed};
use crate::message::{MessageColumns, MessageRow};

/// A message, what it was edited to, and whether it was taken back.
pub(super) type Candidate = (MessageRow, (Option<Vec<u8>>, bool));

/// The rows that have all tokens of an expression and those that may have them though the index does not say so (new
/// and changed ones), behind the cursor of the query in its order. Nothing if they are more than [`MOST_FOUND`]: then
/// one is met soon enough without the index.
pub(super) fn found(
    link: &mut Link,
    query: &SearchQuery,
    channel: Option<i64>,
    expression: &str,
    next_row: i64,
) -> Result<Option<Vec<i64>>, StoreError> {
    let not_indexed = [channel.into(), channel.into(), next_row.into(), channel.into(), channel.into()];
    let mut rows: Vec<Place> = Fetch::new(NotIndexed, not_indexed)
        .load_iter(&mut link.connection)
        .and_then(|rows| rows.take(MOST_FOUND + 1).collect())
        .map_err(failed("reads what is not indexed"))?;
    let indexed = Fetch::new(Indexed, [expression.into()])
        .load_iter::<Place, _>(&mut link.connection)
        .map_err(failed("searches the index"))?;
    for row in indexed {
        if rows.len() > MOST_FOUND {
            break;
        }
        rows.push(row.map_err(failed("searches the index"))?);
    }
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
    places.sort_unstable_by_key(|place| Reverse(*place));
    // A row that changed may be in the index too.
    places.dedup();
    Ok(Some(places.into_iter().map(|(_, client_seq)| client_seq).collect()))
}

/// A candidate by its row.
pub(super) fn row(link: &mut Link, client_seq: i64) -> Result<Option<Candidate>, StoreError> {
    Fetch::new(One, [client_seq.into()])
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
) -> Result<Vec<Candidate>, StoreError> {
    let after = after.unwrap_or(SearchCursor { major: i64::MAX, minor: i64::MAX });
    let (major, minor) = (after.major.into(), after.minor.into());
    let connection = &mut link.connection;
    // Two statements of fixed text. They have no LIMIT: rows that are not asked for cost nothing.
    let rows = match channel {
        Some(channel) => Fetch::new(WalkChannel, [channel.into(), major, after.major.into(), minor])
            .load_iter(connection)
            .and_then(|rows| rows.take(WALK).collect()),
        None => {
            let since = query.since.map_or(i64::MIN, UnixMillis::get);
            Fetch::new(WalkAll, [major, since.into(), after.major.into(), minor])
                .load_iter(connection)
                .and_then(|rows| rows.take(WALK).collect())
        }
    };
    rows.map_err(failed("goes through messages"))
}

/// How many rows are read at a time.
pub(super) const WALK: usize = 200;

/// With more rows than this the index is of no use.
const MOST_FOUND: usize = 50_000;

/// A row with all that its place in any order depends on.
type Place = (i64, i64, i64, i64);
type PlaceColumns = (BigInt, BigInt, BigInt, BigInt);

// CROSS fixes the order: the index first, then each row by its number.
sql!(
    Indexed -> PlaceColumns,
    "SELECT client_seq, timestamp, seq, local_index FROM search CROSS JOIN message ON client_seq = search.rowid \
     WHERE search MATCH ?"
);
sql!(
    NotIndexed -> PlaceColumns,
    "SELECT message.client_seq, timestamp, seq, local_index FROM search_queue CROSS JOIN message \
     ON message.client_seq = search_queue.client_seq WHERE hidden IS NULL AND (? IS NULL OR channel = ?) \
     UNION ALL SELECT client_seq, timestamp, seq, local_index FROM message \
     WHERE client_seq >= ? AND hidden IS NULL AND (? IS NULL OR channel = ?)"
);

/// The types of a [`Candidate`].
type Columns = (MessageColumns, (Nullable<Binary>, Bool));

macro_rules! candidates {
    () => {
        "SELECT client_seq, message.channel, seq, local_index, message.message_id, sender, client_msg_no, timestamp, \
         flags, hidden, content_type, expire, topic, payload, ifnull(pending_edit, edit), \
         ifnull(revoked OR mutual_deleted, 0) \
         FROM message LEFT JOIN message_extra ON message_extra.message_id = message.message_id"
    };
}

sql!(One -> Columns, candidates!(), " WHERE client_seq = ?");
sql!(
    WalkChannel -> Columns,
    candidates!(), " WHERE message.channel = ? AND hidden IS NULL AND seq <= ? AND (seq < ? OR local_index < ?) \
     ORDER BY seq DESC, local_index DESC"
);
sql!(
    WalkAll -> Columns,
    candidates!(), " WHERE hidden IS NULL AND timestamp <= ? AND timestamp >= ? \
     AND (timestamp < ? OR client_seq < ?) ORDER BY timestamp DESC, client_seq DESC"
);
