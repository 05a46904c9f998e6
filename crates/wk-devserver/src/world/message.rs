//! A message as the server keeps it.

use std::sync::Arc;

use bytes::Bytes;
use wk_model::{ChannelType, MessageId, MessageSeq, Setting};
use wkproto::Flags;

use super::ids::SYSTEM_UID;

/// A message with its place in a log. Shared by the log and by every connection it is pushed to.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    /// Zero if the message is not stored.
    pub(crate) seq: MessageSeq,
    pub(crate) flags: Flags,
    pub(crate) setting: Setting,
    pub(crate) from: Arc<str>,
    pub(crate) client_msg_no: Arc<str>,
    /// The channel as the log names it: the joint id of a person channel, the suffixed one of a command.
    pub(crate) channel: Arc<str>,
    /// The channel as the sender named it, which is what receivers are shown.
    pub(crate) shown_channel: Arc<str>,
    pub(crate) channel_type: ChannelType,
    pub(crate) topic: Arc<str>,
    /// Seconds.
    pub(crate) expire: u32,
    /// Seconds since 1970.
    pub(crate) timestamp: i32,
    pub(crate) payload: Bytes,
}

impl Message {
    /// The sender as clients are told: nobody for the system.
    pub(crate) fn visible_from(&self) -> &str {
        if *self.from == *SYSTEM_UID { "" } else { &self.from }
    }

    /// The channel id in RECV for `receiver` (docs/servers.md §2.5).
    pub(crate) fn channel_for<'a>(&'a self, receiver: &str) -> &'a str {
        if self.channel_type == ChannelType::PERSON && *self.shown_channel == *receiver {
            self.visible_from()
        } else {
            &self.shown_channel
        }
    }

    /// The channel id in HTTP answers: for a person it depends on the sender and not on the reader
    /// (docs/servers.md T39).
    pub(crate) fn http_channel(&self) -> &str {
        if self.channel_type != ChannelType::PERSON {
            return &self.channel;
        }
        let from = self.visible_from();
        self.channel.split('@').rfind(|part| *part != from).unwrap_or(&self.channel)
    }
}
