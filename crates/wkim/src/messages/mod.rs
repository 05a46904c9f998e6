//! Sending messages and reading history.

mod changes;
mod listen;
mod query;
mod send;
mod sent;

use wk_sync::store::StoreReader;
use wk_sync::store::model::{
    ChannelId, ClientMsgNo, IntoPayload, MergeForward, Message, MessageSeq, NewMessage, Page, PageQuery,
    PayloadDraft, Quoted, TipName, Uid,
};

pub use self::send::SendBuilder;
pub use self::sent::{NotSent, SendHandle};
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

    /// Sends a content: a text, an image, one of the application's own. Await what is returned, after setting what else is
    /// wanted:
    ///
    /// ```no_run
    /// # use wkim::{ChannelId, Client, Error, Uid, content::Image};
    /// # async fn example(client: &Client) -> Result<(), Error> {
    /// let team = ChannelId::group("team");
    /// client.messages().send(&team, "good morning").await?;
    /// client.messages().send(&team, "@Bob lunch?").mention([Uid::new("bob")]).expire(3600).await?;
    /// client.messages().send(&team, Image::new("https://example.org/cat.jpg", 640, 480)).topic("cats").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send(&self, channel: &ChannelId, content: impl IntoPayload) -> SendBuilder<'a> {
        SendBuilder::new(self.client, channel.clone(), PayloadDraft::new(content))
    }

    /// Sends a text, as [`Messages::send`] does with a `&str`.
    ///
    /// # Errors
    /// As [`SendBuilder`].
    pub async fn send_text(&self, channel: &ChannelId, text: &str) -> Result<SendHandle, Error> {
        self.send(channel, text).await
    }

    /// Sends a payload as it is, byte for byte. See [`SendBuilder`] for what is promised.
    ///
    /// # Errors
    /// As [`SendBuilder`].
    pub async fn send_message(&self, message: NewMessage) -> Result<SendHandle, Error> {
        let stored = self.client.ask(|answer| Request::Send(message, answer)).await?;
        Ok(SendHandle::new(self.client.clone(), stored))
    }

    /// Sends what a message says to another channel: the content and every key that nobody here knows, but not whom it
    /// called, answered, asked or was kept from. For an edited message, give it the payload of the edit.
    pub fn forward(&self, message: &Message, to: &ChannelId) -> SendBuilder<'a> {
        SendBuilder::new(self.client, to.clone(), PayloadDraft::copy_of(&message.parse()))
    }

    /// Sends messages of one channel to another as one message, with the names of who wrote them.
    pub fn merge_forward(
        &self,
        messages: &[Message],
        names: impl IntoIterator<Item = TipName>,
        to: &ChannelId,
    ) -> SendBuilder<'a> {
        let draft = match MergeForward::new(messages, names) {
            Ok(content) => PayloadDraft::new(content),
            Err(error) => PayloadDraft::failed(error),
        };
        SendBuilder::new(self.client, to.clone(), draft)
    }

    /// Takes a message back that waits to be sent. What became of it comes as [`Event::Refreshed`](crate::Event::Refreshed):
    /// one that was never handed to a connection is [`Cancelled`](crate::MessageStatus::Cancelled) at once (or
    /// [`NotUploaded`](crate::MessageStatus::NotUploaded)); of one that was, the server's answer decides, and it may end as
    /// [`Sent`](crate::MessageStatus::Sent).
    ///
    /// # Errors
    /// [`Error::Query`] if the message does not wait; [`Error::Store`], [`Error::Stopped`].
    pub async fn cancel(&self, message: &Message) -> Result<(), Error> {
        self.client.ask(|answer| Request::Cancel(message.client_seq, answer)).await
    }

    /// Sends a message again that was given up ([`MessageStatus::is_given_up`](crate::MessageStatus::is_given_up)): the
    /// same message with the same number, so a server that has it after all stores it once.
    ///
    /// # Errors
    /// [`Error::Query`] if the message was not given up; [`Error::Store`], [`Error::Stopped`].
    pub async fn retry(&self, message: &Message) -> Result<(), Error> {
        self.client.ask(|answer| Request::Retry(message.client_seq, answer)).await
    }

    /// Removes the messages of a channel here, up to a seq or all that are known. They never come back; the server keeps
    /// them.
    ///
    /// # Errors
    /// [`Error::Query`] for a channel that no server may be asked about; [`Error::Store`], [`Error::Stopped`].
    pub async fn clear(&self, channel: &ChannelId, up_to: Option<MessageSeq>) -> Result<(), Error> {
        let channel = channel.clone();
        self.client.ask(|answer| Request::Clear { channel, up_to, answer }).await
    }

    /// The application shows a channel: messages whose push does not come are pulled within a second. To be closed as often
    /// as it was opened.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn open(&self, channel: &ChannelId) -> Result<(), Error> {
        self.client.tell(Request::OpenChannel(channel.clone())).await
    }

    /// The application does not show a channel any more.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn close(&self, channel: &ChannelId) -> Result<(), Error> {
        self.client.tell(Request::CloseChannel(channel.clone())).await
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

    /// The message that a message answers, as it is now: edited, taken back or deleted since. Nothing if it answers none.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn quoted(&self, message: &Message) -> Result<Option<Quoted>, Error> {
        let Some(reply) = message.parse().reply else { return Ok(None) };
        let id = reply.message_id();
        let extra = self.client.read(move |reader| reader.message_extra(id)).await?;
        Ok(Some(reply.quoted(extra.as_ref())))
    }

    /// A line for a list of conversations: what the application's own contents say of themselves, if they were
    /// [registered](crate::ClientBuilder::content), and [`Content::display_text`](crate::Content::display_text) for all others.
    pub fn display_text(&self, message: &Message) -> String {
        self.client.contents().display_text(&message.parse()).into_owned()
    }
}
