//! Searches: candidates are looked at in order until the page is full or the work of one call is done.

use wk_store::model::{
    ChannelHit, MemberHit, NameQuery, SearchCounts, SearchCursor, SearchHit, SearchPage, SearchPattern,
    SearchQuery,
};
use wk_store::{SearchRead, SearchWrite, StoreError};

use super::candidates::{self, Candidate};
use super::tokens::Lookup;
use super::{index, names};
use crate::link::{Access, Link, View, Writing};

impl<A: Access> SearchRead for View<A> {
    fn search_messages(&mut self, query: &SearchQuery) -> Result<SearchPage, StoreError> {
        let found = self.0.with(|link| search(link, query, query.page_len()))?;
        Ok(SearchPage::new(found.hits, found.next))
    }

    fn search_counts(&mut self, query: &SearchQuery) -> Result<SearchCounts, StoreError> {
        let found = self.0.with(|link| search(link, query, usize::MAX))?;
        Ok(SearchCounts::of(found.hits, found.next))
    }

    fn search_channels(&mut self, query: &NameQuery) -> Result<Vec<ChannelHit>, StoreError> {
        self.0.with(|link| names::channels(link, query))
    }

    fn search_members(&mut self, query: &NameQuery) -> Result<Vec<MemberHit>, StoreError> {
        self.0.with(|link| names::members(link, query))
    }
}

impl SearchWrite for View<Writing<'_>> {
    fn index_messages(&mut self, limit: u32) -> Result<u64, StoreError> {
        self.0.with(|link| index::index_some(link, limit))
    }
}

/// What one call has found so far.
struct Found<'a> {
    query: &'a SearchQuery,
    pattern: SearchPattern,
    hits: Vec<SearchHit>,
    most: usize,
    looked_at: usize,
    last: Option<SearchCursor>,
    next: Option<SearchCursor>,
}

impl Found<'_> {
    /// Looks at the next row in the order of the search; says whether to go on.
    fn look(&mut self, (row, (edit, taken_back)): Candidate, link: &mut Link) -> Result<bool, StoreError> {
        let message = row.into_message(link)?;
        let payload = edit.as_deref().unwrap_or(&message.payload);
        let hit = if taken_back { None } else { self.query.hit(&self.pattern, &message, payload) };
        if self.looked_at == MOST_LOOKED_AT || (hit.is_some() && self.hits.len() == self.most) {
            self.next = self.last;
            return Ok(false);
        }
        self.looked_at += 1;
        self.last = Some(self.query.cursor(&message));
        self.hits.extend(hit);
        Ok(true)
    }
}

fn search<'a>(link: &mut Link, query: &'a SearchQuery, most: usize) -> Result<Found<'a>, StoreError> {
    let pattern = SearchPattern::new(&query.text);
    let mut found =
        Found { query, pattern, hits: Vec::new(), most, looked_at: 0, last: query.after, next: None };
    // All statements see one state.
    link.snapshot(|link| gather(link, &mut found))?;
    Ok(found)
}

fn gather(link: &mut Link, found: &mut Found<'_>) -> Result<(), StoreError> {
    let query = found.query;
    let mut lookup = Lookup::of(&found.pattern);
    lookup.content_types(&query.content_types);
    if let Some(uid) = &query.from_uid {
        let Some(number) = link.find_user(uid)? else { return Ok(()) };
        lookup.sender(number);
    }
    let channel = match &query.channel {
        Some(channel) => {
            let Some(number) = link.find_channel(channel)? else { return Ok(()) };
            Some(number)
        }
        None => None,
    };
    if !lookup.is_empty()
        && let Some(next_row) = index::next_row(link)?
    {
        if let Some(number) = channel {
            lookup.channel(number);
        }
        let expression = lookup.expression();
        if let Some(candidates) = candidates::found(link, query, channel, &expression, next_row)? {
            for client_seq in candidates {
                let Some(row) = candidates::row(link, client_seq)? else { continue };
                if !found.look(row, link)? {
                    break;
                }
            }
            return Ok(());
        }
    }
    loop {
        let rows = candidates::walk(link, query, channel, found.last)?;
        let end = rows.len() < candidates::WALK;
        for row in rows {
            if !found.look(row, link)? {
                return Ok(());
            }
        }
        if end {
            return Ok(());
        }
    }
}

/// How many messages one call looks at. In a store where it takes this many to fill a page, the page ends before.
pub(super) const MOST_LOOKED_AT: usize = 10_000;
