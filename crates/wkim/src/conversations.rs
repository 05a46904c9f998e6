//! The list of conversations.

use wk_sync::Change;
use wk_sync::store::model::{ChannelId, Conversation, ConversationExtra, ConversationExtraState};
use wk_sync::store::{ConversationItem, ConversationOrder, UnreadTotal};

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

    /// The list as it is shown: with drafts, names and settings, in an order of choice.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn items(&self, order: ConversationOrder) -> Result<Vec<ConversationItem>, Error> {
        self.client.read(move |reader| reader.conversation_list(order)).await
    }

    /// How many messages are unread, those of muted channels apart.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn unread_total(&self) -> Result<UnreadTotal, Error> {
        self.client.read(|reader| reader.unread_total()).await
    }

    /// Takes a conversation out of the list until something newer comes or is written. Its messages stay. The server is told,
    /// now or when there is a connection again.
    ///
    /// # Errors
    /// [`Error::Query`] if there is no such conversation; [`Error::Store`], [`Error::Stopped`].
    pub async fn delete(&self, channel: &ChannelId) -> Result<(), Error> {
        self.client.change(Change::DeleteConversation(channel.clone())).await
    }

    /// Leaves a draft or a reading position, which replaces what was left before. A draft sorts the list. The server is told
    /// when nothing changed for two seconds, now or when there is a connection again.
    ///
    /// # Errors
    /// [`Error::Query`] for an id that no server takes; [`Error::Store`], [`Error::Stopped`].
    pub async fn leave(&self, channel: &ChannelId, state: ConversationExtraState) -> Result<(), Error> {
        self.client.change(Change::Leave { channel: channel.clone(), state }).await
    }

    /// What was left in a conversation.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn left(&self, channel: &ChannelId) -> Result<Option<ConversationExtra>, Error> {
        let channel = channel.clone();
        self.client.read(move |reader| reader.conversation_extra(&channel)).await
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
