//! Searching in memory: every message and every name is looked at.

use std::cmp::Reverse;

use wk_model::{
    ChannelHit, MemberHit, Message, MessageExtra, NameQuery, SearchCounts, SearchHit, SearchPage,
    SearchPattern, SearchQuery,
};

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

    fn search_channels(&mut self, query: &NameQuery) -> Result<Vec<ChannelHit>, StoreError> {
        let pattern = SearchPattern::new(&query.text);
        Ok(self.0.read(|state| {
            let all = state.tables.channels.values();
            let mut hits: Vec<_> = all.filter_map(|channel| query.channel_hit(&pattern, channel)).collect();
            // The maps are ordered by id first.
            hits.sort_by_key(|hit| hit.channel.id.channel_type());
            hits.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
            hits
        }))
    }

    fn search_members(&mut self, query: &NameQuery) -> Result<Vec<MemberHit>, StoreError> {
        let pattern = SearchPattern::new(&query.text);
        Ok(self.0.read(|state| {
            let all = state.tables.members.values();
            let mut hits: Vec<_> = all.filter_map(|member| query.member_hit(&pattern, member)).collect();
            hits.sort_by_key(|hit| hit.member.channel.channel_type());
            hits.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
            hits
        }))
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
        let hit = |message: &Message| {
            let extra = self.tables.message_extras.get(&message.message_id);
            if extra.is_some_and(MessageExtra::is_taken_back) {
                return None;
            }
            let edit = extra.and_then(MessageExtra::edit);
            query.hit(&pattern, message, edit.map_or(&message.payload, |edit| &edit.payload))
        };
        let mut hits: Vec<SearchHit> = self.rows().filter(behind).filter_map(hit).collect();
        hits.sort_by_key(|hit| Reverse(query.cursor(&hit.message)));
        hits
    }
}
