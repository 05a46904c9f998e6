//! Searching in memory: every message is looked at.

use std::cmp::Reverse;

use wk_model::{Message, SearchCounts, SearchHit, SearchPage, SearchPattern, SearchQuery};

use super::state::State;
use super::{Access, View, Writing};
use crate::{SearchRead, SearchWrite, StoreError};

impl<A: Access> SearchRead for View<A> {
    fn search_messages(&mut self, query: &SearchQuery) -> Result<SearchPage, StoreError> {
        let mut hits = self.0.read(|state| state.search(query));
        let more = hits.len() > query.page_len();
        hits.truncate(query.page_len());
        let next = hits.last().filter(|_| more).map(|last| query.cursor(&last.message));
        Ok(SearchPage::new(hits, next))
    }

    fn search_counts(&mut self, query: &SearchQuery) -> Result<SearchCounts, StoreError> {
        Ok(SearchCounts::of(self.0.read(|state| state.search(query)), None))
    }
}

impl SearchWrite for View<Writing<'_>> {
    fn index_messages(&mut self, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

impl State {
    fn search(&self, query: &SearchQuery) -> Vec<SearchHit> {
        let pattern = SearchPattern::new(&query.text);
        let behind = |message: &&Message| query.after.is_none_or(|after| query.cursor(message) < after);
        let mut hits: Vec<SearchHit> =
            self.rows().filter(behind).filter_map(|message| query.hit(&pattern, message)).collect();
        hits.sort_by_key(|hit| Reverse(query.cursor(&hit.message)));
        hits
    }
}
