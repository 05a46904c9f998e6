//! Sending messages and reading history.

use wk_sync::store::StoreReader;
use wk_sync::store::model::{
    ChannelId, ClientMsgNo, Message, NewMessage, Page, PageQuery, Uid, text_payload,
};

use crate::request::Request;
use crate::{Client, Error};

/// Messages of a client, from [`Client::messages`].
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a> {
    client: &'a Client,
}

impl<'a> Messages<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Sends a text. See [`Messages::send`].
    ///
    /// # Errors
    /// As [`Messages::send`].
    pub async fn send_text(&self, channel: &ChannelId, text: &str) -> Result<Message, Error> {
        self.send(NewMessage::new(channel.clone(), text_payload(text))).await
    }

    /// Stores a message and returns it as it is stored. It is sent from then on, after a restart too, until the server
    /// answers: [`Event::Refreshed`](crate::Event::Refreshed) then carries its status and reason code.
    ///
    /// # Errors
    /// [`Error::Send`] if the message can be sent to no server; [`Error::Store`], [`Error::Stopped`].
    pub async fn send(&self, message: NewMessage) -> Result<Message, Error> {
        self.client.ask(|answer| Request::Send(message, answer)).await
    }

    /// A page of a channel's history. What is stored without a hole is served at once; what is missing is pulled from the
    /// data source first. Where that fails, the page ends at the hole and [`Page::incomplete`] names it.
    ///
    /// # Errors
    /// [`Error::Query`] for a limit out of bounds; [`Error::Store`], [`Error::Stopped`].
    pub async fn history(&self, query: PageQuery) -> Result<Page, Error> {
        self.client.ask(|answer| Request::Page(query, answer)).await
    }

    /// The message with this number of its sender's, if it is stored.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_client_msg_no(
        &self,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Option<Message>, Error> {
        let (channel, from_uid, number) = (channel.clone(), from_uid.clone(), client_msg_no.clone());
        let read =
            move |reader: &mut dyn StoreReader| reader.message_by_client_msg_no(&channel, &from_uid, &number);
        self.client.read(read).await
    }
}
