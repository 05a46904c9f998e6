//! Finding messages by what they say, and channels and members by their names.

use wk_model::{ChannelHit, MemberHit, NameQuery, SearchCounts, SearchPage, SearchQuery};

use crate::StoreError;

/// Finds messages by what they say, and channels and members by their names. The rules of finding are
/// [`SearchQuery::hit`], [`NameQuery::channel_hit`] and [`NameQuery::member_hit`]; a backend only finds faster.
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

    /// The first channels whose names are found, by type and then by id.
    ///
    /// # Errors
    /// As [`SearchRead::search_messages`].
    fn search_channels(&mut self, query: &NameQuery) -> Result<Vec<ChannelHit>, StoreError>;

    /// The first members whose names are found, by channel type, channel id and uid.
    ///
    /// # Errors
    /// As [`SearchRead::search_messages`].
    fn search_members(&mut self, query: &NameQuery) -> Result<Vec<MemberHit>, StoreError>;
}

/// Keeps what searches need.
pub trait SearchWrite: SearchRead {
    /// Brings up to so many messages into the index that were written or changed since, and says how many may be left.
    ///
    /// The writes of messages leave this for later, because it takes longer than they do: it is to be called when
    /// there is nothing better to do, mostly by [`Store::maintain`](crate::Store::maintain). Searches always find the same; with thousands left they take longer.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn index_messages(&mut self, limit: u32) -> Result<u64, StoreError>;
}
