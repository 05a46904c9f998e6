//! Names, settings and presence of channels.

use wk_sync::store::model::{Channel, ChannelFilter, ChannelId, ChannelLocal};
use wk_sync::{Change, Topic};

use crate::{Client, Error, Event, Events};

/// Channels of a client, from [`Client::channels`].
#[derive(Debug, Clone, Copy)]
pub struct Channels<'a> {
    client: &'a Client,
}

impl<'a> Channels<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The channels of which something else is known, from now on: names, settings, presence.
    pub fn events(&self) -> Events<ChannelId> {
        self.client.events().filter_map(|event| match event {
            Event::Channel(channel) => Some(channel),
            _ => None,
        })
    }

    /// What is known of a channel here. See [`Channels::refresh`].
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_id(&self, channel: &ChannelId) -> Result<Option<Channel>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.channel(&channel)).await
    }

    /// The channels that a filter matches, by type and then by id.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn list(&self, filter: &ChannelFilter) -> Result<Vec<Channel>, Error> {
        let filter = filter.clone();
        self.client.read(move |reader| reader.channels(&filter)).await
    }

    /// Fetches a channel, now or when there is a connection again; [`Event::Channel`] tells that
    /// something changed.
    ///
    /// # Errors
    /// [`Error::Query`] if the data source does not offer channels; [`Error::Stopped`].
    pub async fn refresh(&self, channel: &ChannelId) -> Result<(), Error> {
        self.client.change(Change::Fetch(Topic::Channel(channel.clone()))).await
    }

    /// Sets what is known of a channel only here: settings before the server has them, the application's own data.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn set_local(&self, channel: &ChannelId, local: ChannelLocal) -> Result<(), Error> {
        self.client.change(Change::Channel { channel: channel.clone(), local }).await
    }
}
