//! Messages of another conversation in one.

use std::borrow::Cow;

use wkproto::{ChannelType, MessageId};

use super::{BuiltIn, ContentError, ContentType, JsonObject, ParsedPayload, TipName};
use crate::{Message, Uid};

/// Messages of another conversation in one: `{"type":11,"channel_type":2,"users":[{"uid":"a","name":"Alice"},…],
/// "msgs":[{"message_id":"…","from_uid":"a","timestamp":1700000000,"payload":{…}},…]}`, which is how the Android
/// application of WuKongIM's makers writes it; the SDKs only know the number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MergeForward {
    /// The kind of channel they come from.
    pub channel_type: ChannelType,
    /// The names of who wrote them.
    pub users: Vec<TipName>,
    /// The messages.
    pub messages: Vec<ForwardedMessage>,
}

/// One of the messages of a [`MergeForward`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ForwardedMessage {
    /// Its id.
    pub message_id: MessageId,
    /// Who wrote it.
    pub from_uid: Uid,
    /// When, in Unix seconds.
    pub timestamp: u64,
    /// What it says. It may be of any type, and forward messages itself.
    pub payload: JsonObject,
}

impl MergeForward {
    /// Messages of one channel, with the names of who wrote them.
    ///
    /// # Errors
    /// [`ContentError::NotSentYet`] if the server has not accepted one of them.
    pub fn new(messages: &[Message], users: impl IntoIterator<Item = TipName>) -> Result<Self, ContentError> {
        let channel_type = messages.first().map_or(ChannelType::PERSON, |first| first.channel.channel_type());
        let messages: Result<_, _> = messages.iter().map(ForwardedMessage::of).collect();
        Ok(Self { channel_type, users: users.into_iter().collect(), messages: messages? })
    }
}

impl BuiltIn for MergeForward {
    const TYPE: ContentType = ContentType::MERGE_FORWARD;

    fn read(keys: &JsonObject) -> Self {
        let channel_type = keys.unsigned("channel_type").and_then(|number| u8::try_from(number).ok());
        Self {
            channel_type: ChannelType::new(channel_type.unwrap_or_default()),
            users: TipName::read_all(keys, "users"),
            messages: keys.objects("msgs").iter().map(ForwardedMessage::read).collect(),
        }
    }

    fn write(&self, keys: &mut JsonObject) {
        let known = Self::read(keys);
        if known.channel_type != self.channel_type || !keys.contains("channel_type") {
            keys.set("channel_type", self.channel_type.value());
        }
        TipName::write_all(&self.users, keys, "users");
        if known.messages != self.messages || !keys.contains("msgs") {
            let messages: Vec<JsonObject> = self.messages.iter().map(ForwardedMessage::to_object).collect();
            keys.set_objects("msgs", &messages);
        }
    }

    fn display_text(&self) -> Cow<'_, str> {
        "[chat history]".into()
    }
}

impl ForwardedMessage {
    /// What it says, read.
    pub fn parse(&self) -> ParsedPayload {
        ParsedPayload::of(Some(self.payload.clone()))
    }

    fn of(message: &Message) -> Result<Self, ContentError> {
        if message.message_id == MessageId::ZERO {
            return Err(ContentError::NotSentYet);
        }
        let mut payload = JsonObject::parse(&message.payload).unwrap_or_default();
        super::draft::remove_local_paths(&mut payload);
        Ok(Self {
            message_id: message.message_id,
            from_uid: message.from_uid.clone(),
            timestamp: u64::try_from(message.timestamp.get() / 1000).unwrap_or_default(),
            payload,
        })
    }

    fn read(keys: &JsonObject) -> Self {
        Self {
            message_id: MessageId::new(keys.integer("message_id").unwrap_or_default()),
            from_uid: keys.id("from_uid").unwrap_or_default().into(),
            timestamp: keys.unsigned("timestamp").unwrap_or_default(),
            payload: keys.object("payload").unwrap_or_default(),
        }
    }

    fn to_object(&self) -> JsonObject {
        let mut keys = JsonObject::new();
        keys.set_object("payload", &self.payload);
        keys.set("timestamp", self.timestamp);
        keys.set("message_id", self.message_id.get().to_string());
        keys.set("from_uid", self.from_uid.as_str());
        keys
    }
}
