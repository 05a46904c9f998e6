//! Searching names in SQLite: rows whose folded names have the longest term are looked at.

use diesel::prelude::*;
use wk_store::StoreError;
use wk_store::model::{ChannelHit, MemberHit, NameQuery, SearchPattern};

use crate::channel::{ChannelColumns, ChannelRow, channel_columns};
use crate::fixed::{Fetch, sql};
use crate::link::{Link, failed};
use crate::member::{MemberColumns, MemberRow, member_columns};

pub(super) fn channels(link: &mut Link, query: &NameQuery) -> Result<Vec<ChannelHit>, StoreError> {
    let pattern = SearchPattern::new(&query.text);
    let term = longest_term(&pattern);
    let rows: Vec<ChannelRow> = Fetch::new(Channels, [(&term).into()])
        .load(&mut link.connection)
        .map_err(failed("searches the names of channels"))?;
    let mut hits = Vec::new();
    for row in rows {
        hits.extend(query.channel_hit(&pattern, &row.into_channel(link)?));
    }
    // Sorted here: the order needs ids, which are not in the rows.
    hits.sort_by(|a, b| {
        let key = |hit: &ChannelHit| hit.channel.id.channel_type();
        (key(a), a.channel.id.id()).cmp(&(key(b), b.channel.id.id()))
    });
    hits.truncate(limit(query));
    Ok(hits)
}

pub(super) fn members(link: &mut Link, query: &NameQuery) -> Result<Vec<MemberHit>, StoreError> {
    let pattern = SearchPattern::new(&query.text);
    let term = longest_term(&pattern);
    let rows: QueryResult<Vec<MemberRow>> = match &query.channel {
        Some(channel) => {
            let Some(number) = link.find_channel(channel)? else { return Ok(Vec::new()) };
            Fetch::new(MembersOf, [number.into(), (&term).into()]).load(&mut link.connection)
        }
        None => Fetch::new(Members, [(&term).into()]).load(&mut link.connection),
    };
    let mut hits = Vec::new();
    for row in rows.map_err(failed("searches the names of members"))? {
        let channel = link.channel(row.channel())?;
        hits.extend(query.member_hit(&pattern, &row.into_member(channel)?));
    }
    hits.sort_by(|a, b| {
        let (one, other) = (&a.member, &b.member);
        (one.channel.channel_type(), one.channel.id(), &one.uid).cmp(&(
            other.channel.channel_type(),
            other.channel.id(),
            &other.uid,
        ))
    });
    hits.truncate(limit(query));
    Ok(hits)
}

/// The rarest term, most likely; empty if there are none.
fn longest_term(pattern: &SearchPattern) -> String {
    pattern.terms().max_by_key(|term| term.len()).unwrap_or_default().iter().collect()
}

fn limit(query: &NameQuery) -> usize {
    usize::try_from(query.limit).unwrap_or(usize::MAX)
}

// Rows that an earlier schema wrote have no folded names. The sign keeps the planner from going through the index of
// roles, row by row.
sql!(
    Channels -> ChannelColumns,
    "SELECT ", channel_columns!(), " FROM channel_info WHERE deleted = 0 AND (folded IS NULL OR instr(folded, ?) > 0)"
);
sql!(
    Members -> MemberColumns,
    "SELECT ", member_columns!(), " FROM member WHERE +deleted = 0 AND (folded IS NULL OR instr(folded, ?) > 0)"
);
sql!(
    MembersOf -> MemberColumns,
    "SELECT ", member_columns!(), " FROM member WHERE channel = ? AND deleted = 0 \
     AND (folded IS NULL OR instr(folded, ?) > 0)"
);
