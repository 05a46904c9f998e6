//! A message in a v3 server's answers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use wk_model::{ChannelId, Setting};

use super::super::message_json::HeaderJson;
use super::super::stream_json::StreamJson;
use crate::world::conversation::ChannelKey;
use crate::world::message::Message;
use crate::world::v3::send::channel_for;
use crate::world::v3::streams::StreamsV3;

#[derive(Serialize)]
pub(super) struct MessageJson {
    header: HeaderJson,
    setting: u8,
    message_id: i64,
    message_idstr: String,
    client_msg_no: Arc<str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    stream: Option<StreamJson>,
    message_seq: u64,
    from_uid: Arc<str>,
    channel_id: Arc<str>,
    channel_type: u8,
    expire: u32,
    timestamp: i32,
    payload: Option<String>,
}

impl MessageJson {
    /// A message of a page, without its flags and its time: history has neither.
    pub(super) fn new(message: &Message, reader: &str) -> Self {
        Self {
            header: HeaderJson::default(),
            setting: message.setting.bits(),
            message_id: message.id.get(),
            message_idstr: message.id.to_string(),
            client_msg_no: message.client_msg_no.clone(),
            stream: None,
            message_seq: message.seq.get(),
            from_uid: message.from.clone(),
            channel_id: channel_for(message, reader),
            channel_type: message.channel_type.value(),
            expire: 0,
            timestamp: 0,
            payload: (!message.payload.is_empty()).then(|| STANDARD.encode(&message.payload)),
        }
    }

    /// Adds what was written of it, if it is a stream message: of so many lanes, with snapshots if `is_full`.
    pub(super) fn add_stream(&mut self, streams: &StreamsV3, channel: &ChannelKey, is_full: bool) {
        const MAX_LANES: usize = 32;
        if Setting::from_bits(self.setting).contains(Setting::STREAM) {
            let lanes = streams.shown(channel, &self.client_msg_no).into_iter().take(MAX_LANES).collect();
            self.stream = StreamJson::of(lanes, &self.client_msg_no, is_full);
        }
    }

    /// A command, with its time, and with the channel that it was sent to.
    pub(super) fn command(message: &Message, reader: &str) -> Self {
        let message_json = Self::new(message, reader);
        let plain = message_json.channel_id.strip_suffix(ChannelId::COMMAND_SUFFIX).map(Arc::from);
        Self {
            header: HeaderJson { sync_once: 1, ..HeaderJson::default() },
            channel_id: plain.unwrap_or_else(|| message_json.channel_id.clone()),
            timestamp: message.timestamp,
            ..message_json
        }
    }
}
