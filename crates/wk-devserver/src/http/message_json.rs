//! A message in an HTTP answer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use wkproto::Flags;

use crate::world::message::Message;

/// The fields in the server's order.
#[derive(Debug, Serialize)]
pub(super) struct MessageJson {
    header: HeaderJson,
    setting: u8,
    message_id: i64,
    message_idstr: String,
    client_msg_no: Arc<str>,
    message_seq: u64,
    from_uid: String,
    channel_id: String,
    channel_type: u8,
    #[serde(skip_serializing_if = "str::is_empty")]
    topic: Arc<str>,
    expire: u32,
    timestamp: i32,
    payload: String,
}

#[derive(Debug, Default, Serialize)]
struct HeaderJson {
    no_persist: u8,
    red_dot: u8,
    sync_once: u8,
}

impl MessageJson {
    pub(super) fn new(message: &Message) -> Self {
        let bit = |flag| u8::from(message.flags.contains(flag));
        Self {
            header: HeaderJson {
                no_persist: bit(Flags::NO_PERSIST),
                red_dot: bit(Flags::RED_DOT),
                sync_once: bit(Flags::SYNC_ONCE),
            },
            setting: message.setting.bits(),
            message_id: message.id.get(),
            message_idstr: message.id.to_string(),
            client_msg_no: message.client_msg_no.clone(),
            message_seq: message.seq.get(),
            from_uid: message.visible_from().to_owned(),
            channel_id: message.http_channel().to_owned(),
            channel_type: message.channel_type.value(),
            topic: message.topic.clone(),
            expire: message.expire,
            timestamp: message.timestamp,
            payload: STANDARD.encode(&message.payload),
        }
    }

    /// A single message, or the first of a page: the server loses its flags (docs/servers.md T44).
    pub(super) fn without_header(message: &Message) -> Self {
        Self { header: HeaderJson::default(), ..Self::new(message) }
    }

    /// A page in ascending order.
    pub(super) fn page(messages: impl IntoIterator<Item = Arc<Message>>) -> Vec<Self> {
        let mut messages = messages.into_iter();
        let first = messages.next().map(|message| Self::without_header(&message));
        first.into_iter().chain(messages.map(|message| Self::new(&message))).collect()
    }
}
