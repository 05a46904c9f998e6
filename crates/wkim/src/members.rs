//! The members of channels.

use wk_sync::store::model::{ChannelId, Member, MemberQuery, MemberRole, Uid};
use wk_sync::{Change, Topic};

use crate::{Client, Error, Event, Events};

/// Members of a client, from [`Client::members`].
#[derive(Debug, Clone, Copy)]
pub struct Members<'a> {
    client: &'a Client,
}

impl<'a> Members<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The channels whose members change from now on.
    pub fn events(&self) -> Events<ChannelId> {
        self.client.events().filter_map(|event| match event {
            Event::Members(channel) => Some(channel),
            _ => None,
        })
    }

    /// One member, even one who left.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_uid(&self, channel: &ChannelId, uid: &Uid) -> Result<Option<Member>, Error> {
        let (channel, uid) = (channel.clone(), uid.clone());
        self.client.read(move |reader| reader.member(&channel, &uid)).await
    }

    /// A page of members, of one role or of all, in the order of their uids; the next begins behind its last.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn page(
        &self,
        channel: &ChannelId,
        role: Option<MemberRole>,
        after: Option<&Uid>,
        limit: u32,
    ) -> Result<Vec<Member>, Error> {
        let (channel, after) = (channel.clone(), after.cloned());
        let read = move |reader: &mut dyn wk_sync::store::StoreReader| {
            reader.members(&MemberQuery { channel: &channel, role, after: after.as_ref(), limit })
        };
        self.client.read(read).await
    }

    /// How many members a channel has, of one role or of all, as far as they were fetched.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn count(&self, channel: &ChannelId, role: Option<MemberRole>) -> Result<u64, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.count_members(&channel, role)).await
    }

    /// Fetches which members changed, now or when there is a connection again;
    /// [`Event::Members`] tells that some did.
    ///
    /// # Errors
    /// [`Error::Query`] if the data source does not offer members; [`Error::Stopped`].
    pub async fn refresh(&self, channel: &ChannelId) -> Result<(), Error> {
        self.client.change(Change::Fetch(Topic::Members(channel.clone()))).await
    }
}
