//! A message that is being written, and is sent when it is awaited.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use wk_sync::store::model::{
    ChannelId, Entity, JsonObject, Message, NewMessage, Ordering, PayloadDraft, Uid,
};

use crate::messages::SendHandle;
use crate::{Client, Error};

/// A message that is being written, from [`Messages::send`](crate::Messages::send). Nothing happens before it is awaited.
/// Then it is checked and stored, and from then on it is sent, after a restart too, until the server answers:
/// [`Event::Refreshed`](crate::Event::Refreshed) carries its status and reason code.
///
/// # Errors
/// [`Error::Content`] if the content cannot be written; [`Error::Send`] if no server could take it: an id that is empty, too
/// long or reserved, a channel that is the sender, a payload or a topic over its limit (docs/servers.md T63). In both cases
/// nothing was stored. [`Error::Store`], [`Error::Stopped`].
#[derive(Debug, Clone)]
#[must_use = "a message is not sent before it is awaited"]
pub struct SendBuilder<'a> {
    client: &'a Client,
    draft: PayloadDraft,
    /// What is sent, with the payload still to be built.
    message: NewMessage,
    local_path: Option<String>,
}

impl<'a> SendBuilder<'a> {
    pub(super) fn new(client: &'a Client, channel: ChannelId, draft: PayloadDraft) -> Self {
        Self { client, draft, message: NewMessage::new(channel, bytes::Bytes::new()), local_path: None }
    }

    /// Calls these users, beside those called already.
    pub fn mention(self, uids: impl IntoIterator<Item = Uid>) -> Self {
        self.draft(|draft| draft.mention(uids))
    }

    /// Calls everybody.
    pub fn mention_all(self) -> Self {
        self.draft(PayloadDraft::mention_all)
    }

    /// Answers a message.
    pub fn reply_to(self, message: &Message) -> Self {
        self.reply_to_as(message, "")
    }

    /// Answers a message whose sender has this name, for readers who do not know them.
    pub fn reply_to_as(self, message: &Message, from_name: &str) -> Self {
        self.draft(|draft| draft.reply_to(message, from_name))
    }

    /// Says what stretches of the text are.
    pub fn entities(self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.draft(|draft| draft.entities(entities))
    }

    /// Lets only these users, and the sender, see the message. It is a request to their clients: the server delivers it to
    /// everybody.
    pub fn visibles(self, uids: impl IntoIterator<Item = Uid>) -> Self {
        self.draft(|draft| draft.visibles(uids))
    }

    /// Burns the message so many seconds after it was seen.
    pub fn flame(self, seconds: u32) -> Self {
        self.draft(|draft| draft.flame(seconds))
    }

    /// Asks a robot.
    pub fn robot(self, robot_id: &str) -> Self {
        self.draft(|draft| draft.robot(robot_id))
    }

    /// Adds a key of the application's own beside the content.
    pub fn key(self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.draft(|draft| draft.key(key, value))
    }

    /// Puts the message under a topic, at most 65,535 bytes.
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.message.topic = topic.into();
        self
    }

    /// Ends the message's life so many seconds after it was sent. Default: it lives for ever.
    pub const fn expire(mut self, seconds: u32) -> Self {
        self.message.expire = seconds;
        self
    }

    /// Whether it counts as unread at its receivers. Default: it does.
    pub const fn red_dot(mut self, red_dot: bool) -> Self {
        self.message.header.red_dot = red_dot;
        self
    }

    /// Is not stored by the server: who is not connected does not get it.
    pub const fn no_persist(mut self) -> Self {
        self.message.header.no_persist = true;
        self
    }

    /// Is a command: delivered once and kept out of history.
    pub const fn sync_once(mut self) -> Self {
        self.message.header.sync_once = true;
        self
    }

    /// Asks its receivers to say when they have read it.
    pub const fn receipt(mut self) -> Self {
        self.message.receipt = true;
        self
    }

    /// Waits for no other message of its channel, and no other waits for it. On v2 servers, which swap what is in flight
    /// together, that is faster (docs/servers.md T54).
    pub const fn relaxed(mut self) -> Self {
        self.message.ordering = Ordering::Relaxed;
        self
    }

    /// Has something to upload first: the data source's [`upload`](crate::DataSource::upload) gives the final payload. Goes on
    /// after a restart.
    pub const fn needs_upload(mut self) -> Self {
        self.message.needs_upload = true;
        self
    }

    /// Has a file of this device to upload first, as [`SendBuilder::needs_upload`]. The path stands in the payload as `localPath` until
    /// the final payload is there, so that the file can be shown meanwhile; no path of this device is ever sent.
    pub fn upload(self, path: impl Into<String>) -> Self {
        Self { local_path: Some(path.into()), ..self.needs_upload() }
    }

    /// The message with its payload.
    fn build(self) -> Result<NewMessage, Error> {
        let (mut message, mut payload) = (self.message, self.draft.build()?);
        if let Some(path) = self.local_path {
            let mut keys = JsonObject::parse(&payload).unwrap_or_default();
            keys.set(JsonObject::LOCAL_PATH, path);
            payload = keys.to_bytes();
        }
        message.payload = payload;
        Ok(message)
    }

    fn draft(self, change: impl FnOnce(PayloadDraft) -> PayloadDraft) -> Self {
        Self { draft: change(self.draft), ..self }
    }
}

impl<'a> IntoFuture for SendBuilder<'a> {
    type Output = Result<SendHandle, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        let client = self.client;
        // Built before there is a future, which would have to hold the draft too.
        let message = self.build();
        Box::pin(async move { client.messages().send_message(message?).await })
    }
}
