//! Finding messages by what they say.

use wk_model::{SearchCounts, SearchPage, SearchQuery};

use crate::StoreError;

/// Finds messages by what they say. The rules of finding are [`SearchQuery::hit`]; a backend only finds faster.
pub trait SearchRead {
    /// A page of what a search finds, in the order of [`SearchQuery::cursor`], the newest first. The pages that
    /// follow each other by [`SearchPage::next`] have every hit once.
    ///
    /// The work of one call is bounded, so a page may have fewer hits than asked for, and a next one.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn search_messages(&mut self, query: &SearchQuery) -> Result<SearchPage, StoreError>;

    /// How much a search finds per channel; [`SearchQuery::limit`] is not looked at. The work is bounded as in
    /// [`SearchRead::search_messages`].
    ///
    /// # Errors
    /// As [`SearchRead::search_messages`].
    fn search_counts(&mut self, query: &SearchQuery) -> Result<SearchCounts, StoreError>;
}

/// Keeps what searches need. The writes of messages keep it up to date themselves, in their transaction.
pub trait SearchWrite: SearchRead {
    /// Brings up to so many messages into the index that an older version stored without one, and says how many may
    /// be left. Until none are left searches find the same, but slower.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn index_messages(&mut self, limit: u32) -> Result<u64, StoreError>;
}
