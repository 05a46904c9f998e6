//! JSON shapes that several endpoints share.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use wk_sync::store::model::{
    ChannelId, ClientMsgNo, IdError, MessageHeader, MessageId, MessageSeq, PageQuery, Setting, Uid,
    UnixMillis,
};
use wk_sync::{PulledMessage, SourceError};

use crate::exchange::refused;

/// A message as v2 and v3 write it. What no reader needs is left out, the channel too: for a person it depends on
/// the sender and not on the reader (docs/servers.md T39).
#[derive(Deserialize)]
pub(crate) struct MessageBody {
    #[serde(default)]
    header: HeaderBody,
    #[serde(default)]
    setting: u8,
    #[serde(default)]
    message_id: Option<serde_json::Number>,
    #[serde(default)]
    message_idstr: String,
    #[serde(default)]
    client_msg_no: String,
    message_seq: u64,
    from_uid: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    expire: u32,
    #[serde(default)]
    timestamp: i64,
    #[serde(default)]
    payload: Payload,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HeaderBody {
    no_persist: u8,
    red_dot: u8,
    sync_once: u8,
}

impl MessageBody {
    pub(crate) fn into_message(self) -> Result<PulledMessage, SourceError> {
        let HeaderBody { no_persist, red_dot, sync_once } = self.header;
        Ok(PulledMessage {
            message_id: message_id(&self.message_idstr, self.message_id.as_ref())?,
            message_seq: MessageSeq::new(self.message_seq),
            client_msg_no: ClientMsgNo::from(self.client_msg_no),
            from_uid: Uid::from(self.from_uid),
            timestamp: UnixMillis::from_secs(self.timestamp),
            header: MessageHeader {
                no_persist: no_persist != 0,
                red_dot: red_dot != 0,
                sync_once: sync_once != 0,
            },
            setting: Setting::from_bits(self.setting),
            topic: self.topic,
            expire: self.expire,
            payload: self.payload.0,
        })
    }
}

/// The text is exact. The number may have passed through a program that keeps numbers as floats, so it counts only where
/// there is no text, and only if it is a whole number (docs/servers.md T41).
pub(crate) fn message_id(text: &str, number: Option<&serde_json::Number>) -> Result<MessageId, SourceError> {
    let id = if text.is_empty() { number.and_then(serde_json::Number::as_i64) } else { text.parse().ok() };
    let wrong = || SourceError::Malformed(format!("a message has the id {text:?}, as a number {number:?}"));
    id.map(MessageId::new).ok_or_else(wrong)
}

pub(crate) fn into_messages(bodies: Vec<MessageBody>) -> Result<Vec<PulledMessage>, SourceError> {
    bodies.into_iter().map(MessageBody::into_message).collect()
}

/// A payload: base64 with padding; null and "" are empty.
#[derive(Default)]
pub(crate) struct Payload(pub(crate) Bytes);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = Payload;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a payload in base64")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Payload, E> {
                let bytes =
                    STANDARD.decode(text).map_err(|error| E::custom(format!("a payload has {error}")))?;
                Ok(Payload(bytes.into()))
            }

            fn visit_unit<E: Error>(self) -> Result<Payload, E> {
                Ok(Payload::default())
            }
        }

        deserializer.deserialize_any(Base64)
    }
}

/// A list that Go may write as null. A field that is not there at all is an error: an answer without it is not the
/// answer to the question, and must not pass for an empty one.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A channel, as part of a request.
#[derive(Serialize)]
pub(crate) struct ChannelBody<'a> {
    channel_id: &'a str,
    channel_type: u8,
}

impl<'a> ChannelBody<'a> {
    pub(crate) fn new(channel: &'a ChannelId) -> Result<Self, SourceError> {
        check_id("channel id", channel.id())?;
        Ok(Self { channel_id: channel.id(), channel_type: channel.channel_type().value() })
    }
}

/// Refuses what crashes servers or damages their data: an empty or very long id (docs/servers.md T63).
pub(crate) fn check_id(what: &'static str, id: &str) -> Result<(), SourceError> {
    let flaw = match id.len() {
        0 => IdError::Empty { what },
        1..=IdError::MAX_BYTES => return Ok(()),
        len => IdError::TooLong { what, len },
    };
    Err(refused(&flaw.to_string()))
}

/// A number of messages that servers survive (docs/servers.md T35, T63).
pub(crate) fn clamp_count(count: u32) -> u32 {
    count.clamp(1, PageQuery::MAX_LIMIT)
}
