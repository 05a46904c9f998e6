//! Finding messages by what they say, and channels and members by their names.

use wk_sync::store::model::{ChannelHit, MemberHit, NameQuery, SearchCounts, SearchPage, SearchQuery};

use crate::{Client, Error};

/// Searches of what is stored, from [`Client::search`]. They find all that is committed, however new: what is not in the
/// index yet is looked at itself, and a client indexes by itself when it has nothing else to do.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    client: &'a Client,
}

impl<'a> Search<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// A page of the messages that a search finds, the newest first. A page may have fewer hits than asked for, even
    /// none, and still a [`SearchPage::next`]: the work of one call is bounded.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn messages(&self, query: SearchQuery) -> Result<SearchPage, Error> {
        self.client.read(move |reader| reader.search_messages(&query)).await
    }

    /// How many messages a search finds in each channel, that with the newest hit first.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn counts(&self, query: SearchQuery) -> Result<SearchCounts, Error> {
        self.client.read(move |reader| reader.search_counts(&query)).await
    }

    /// The first channels that are found by one of their names, by type and then by id.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn channels(&self, query: NameQuery) -> Result<Vec<ChannelHit>, Error> {
        self.client.read(move |reader| reader.search_channels(&query)).await
    }

    /// The first members that are found by one of their names, by channel and then by uid.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn members(&self, query: NameQuery) -> Result<Vec<MemberHit>, Error> {
        self.client.read(move |reader| reader.search_members(&query)).await
    }
}
