//! A message in a v3 server's answers.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use wk_model::ChannelId;

use crate::world::message::Message;
use crate::world::v3::send::channel_for;

#[derive(Serialize)]
pub(super) struct MessageJson {
    header: HeaderJson,
    setting: u8,
    message_id: i64,
    message_idstr: String,
    client_msg_no: Arc<str>,
    message_seq: u64,
    from_uid: Arc<str>,
    channel_id: Arc<str>,
    channel_type: u8,
    expire: u32,
    timestamp: i32,
    payload: Option<String>,
}

#[derive(Default, Serialize)]
struct HeaderJson {
    no_persist: u8,
    red_dot: u8,
    sync_once: u8,
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
            message_seq: message.seq.get(),
            from_uid: message.from.clone(),
            channel_id: channel_for(message, reader),
            channel_type: message.channel_type.value(),
            expire: 0,
            timestamp: 0,
            payload: (!message.payload.is_empty()).then(|| STANDARD.encode(&message.payload)),
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
