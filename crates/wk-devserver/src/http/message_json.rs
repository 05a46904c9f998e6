//! A message in an HTTP answer.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use wk_model::Setting;
use wkproto::Flags;

use super::stream_json::StreamJson;
use crate::world::conversation::ChannelKey;
use crate::world::message::Message;
use crate::world::stream::Streams;

/// The fields in the server's order.
#[derive(Debug, Serialize)]
pub(super) struct MessageJson {
    header: HeaderJson,
    setting: u8,
    message_id: i64,
    message_idstr: String,
    client_msg_no: Arc<str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    stream: Option<StreamJson>,
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
pub(super) struct HeaderJson {
    pub(super) no_persist: u8,
    pub(super) red_dot: u8,
    pub(super) sync_once: u8,
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
            stream: None,
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

    fn is_stream(&self) -> bool {
        Setting::from_bits(self.setting).contains(Setting::STREAM) && !self.client_msg_no.is_empty()
    }

    /// Adds to the stream messages of a page what was written of them.
    pub(super) fn add_streams(page: &mut [Self], streams: &Streams, channel: &ChannelKey) {
        for message in page.iter_mut().filter(|message| message.is_stream()) {
            let lanes = streams.shown(channel, &message.client_msg_no, true);
            message.stream = StreamJson::of(lanes, &message.client_msg_no, true);
        }
    }

    /// The same as `/channel/messagesync` does it: once the page has a stream message, all others are looked up in
    /// memory too. Snapshots are told if `is_full`.
    pub(super) fn add_streams_to_all(
        page: &mut [Self],
        streams: &Streams,
        channel: &ChannelKey,
        is_full: bool,
    ) {
        if !page.iter().any(Self::is_stream) {
            return;
        }
        for message in page {
            let lanes = streams.shown(channel, &message.client_msg_no, message.is_stream());
            message.stream = StreamJson::of(lanes, &message.client_msg_no, is_full);
        }
    }
}
