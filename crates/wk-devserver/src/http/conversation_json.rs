//! A conversation in an HTTP answer (docs/servers.md §6).

use std::sync::Arc;

use serde::Serialize;
use wk_model::ChannelType;

use super::message_json::MessageJson;
use crate::world::channel::Channel;
use crate::world::conversation::Conversation;
use crate::world::message::Message;
use crate::world::stream::Streams;

/// The fields in the server's order.
#[derive(Serialize)]
pub(super) struct ConversationJson {
    channel_id: String,
    channel_type: u8,
    unread: u64,
    timestamp: i64,
    last_msg_seq: u64,
    last_client_msg_no: String,
    offset_msg_seq: i64,
    readed_to_msg_seq: u32,
    version: i64,
    recents: Vec<MessageJson>,
}

impl ConversationJson {
    /// A conversation of `uid` with the newest `messages` of its channel, which come in ascending order.
    pub(super) fn new(
        uid: &str,
        channel_type: ChannelType,
        shown_channel: &str,
        channel: Option<&Channel>,
        conversation: Option<&Conversation>,
        messages: Vec<Arc<Message>>,
        streams: &Streams,
    ) -> Self {
        let newest = messages.last().cloned();
        let newest = newest.as_deref();
        let (unread, read_to) = unread(uid, channel, conversation, newest);
        let version = match newest {
            Some(newest) => i64::from(newest.timestamp).saturating_mul(1_000_000_000),
            None => conversation.map_or(0, |known| known.changed_ms.saturating_mul(1_000_000)),
        };
        let mut recents = MessageJson::page(messages);
        if let Some(channel) = channel {
            MessageJson::add_streams(&mut recents, streams, &(channel.id.clone(), channel_type));
        }
        recents.reverse();
        Self {
            channel_id: shown_channel.to_owned(),
            channel_type: channel_type.value(),
            unread,
            timestamp: newest.map_or(0, |newest| newest.timestamp.into()),
            last_msg_seq: newest.map_or(0, |newest| newest.seq.get()),
            last_client_msg_no: newest.map(|newest| newest.client_msg_no.to_string()).unwrap_or_default(),
            offset_msg_seq: 0,
            // The server keeps 64 bits and tells 32.
            readed_to_msg_seq: u32::try_from(read_to).unwrap_or(u32::MAX),
            version,
            recents,
        }
    }

    /// How many messages it carries.
    pub(super) fn messages(&self) -> u64 {
        self.recents.len() as u64
    }
}

/// The difference of seqs from the read position or from the last own message, whichever is later, and that seq.
fn unread(
    uid: &str,
    channel: Option<&Channel>,
    conversation: Option<&Conversation>,
    newest: Option<&Message>,
) -> (u64, u64) {
    let read_to = conversation.map_or(0, Conversation::known_read_to);
    let (Some(channel), Some(newest)) = (channel, newest) else { return (0, read_to) };
    let last_seq = channel.log.last_seq();
    if *newest.from == *uid {
        return (0, last_seq);
    }
    let unread = last_seq.saturating_sub(read_to);
    match channel.last_sent_by(uid) {
        Some(own) if own > read_to && last_seq - own < unread => (last_seq - own, own),
        _ => (unread, read_to),
    }
}
