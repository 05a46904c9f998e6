//! The list of conversations.

use wk_sync::store::ConversationOrder;
use wk_sync::store::model::{ChannelId, Conversation};

use crate::request::Request;
use crate::{Client, ConversationList, Error, Event, Events};

/// Conversations of a client, from [`Client::conversations`].
#[derive(Debug, Clone, Copy)]
pub struct Conversations<'a> {
    client: &'a Client,
}

impl<'a> Conversations<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// All conversations, the newest first, each with its newest message.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn list(&self) -> Result<Vec<Conversation>, Error> {
        self.client.read(|reader| reader.conversations()).await
    }

    /// The list for a user interface, which keeps itself up to date.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn live(&self, order: ConversationOrder) -> Result<ConversationList, Error> {
        ConversationList::open(self.client.clone(), order).await
    }

    /// The channels whose conversations change from now on, or are new.
    pub fn events(&self) -> Events<Vec<ChannelId>> {
        self.client.events().filter_map(|event| match event {
            Event::Conversations(channels) => Some(channels),
            _ => None,
        })
    }

    /// One conversation, with its newest message.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_channel(&self, channel: &ChannelId) -> Result<Option<Conversation>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.conversation(&channel)).await
    }

    /// Marks a conversation as read. The server is told, now or when there is a connection again.
    ///
    /// # Errors
    /// [`Error::Query`] if there is no such conversation; [`Error::Store`], [`Error::Stopped`].
    pub async fn clear_unread(&self, channel: &ChannelId) -> Result<(), Error> {
        self.set_unread(channel, 0).await
    }

    /// Marks a conversation as read but for so many messages. Like the servers, it never makes more messages unread.
    ///
    /// # Errors
    /// As [`Conversations::clear_unread`].
    pub async fn set_unread(&self, channel: &ChannelId, unread: u32) -> Result<(), Error> {
        let channel = channel.clone();
        self.client.ask(|answer| Request::MarkRead { channel, unread, answer }).await
    }
}
