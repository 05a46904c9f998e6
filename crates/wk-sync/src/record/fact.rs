//! What a server said of one message, wherever it said it.

use bytes::Bytes;
use wk_store::MAX_SEQ;
use wk_store::model::{
    ChannelId, ClientMsgNo, ClientSeq, Message, MessageHeader, MessageId, MessageSeq, MessageStatus,
    PayloadHead, Position, Setting, Uid, UnixMillis, Visibility,
};

use crate::source::PulledMessage;

/// The sender of system messages, where servers name one.
pub(crate) const SYSTEM_UID: &str = "____system";

/// How far a timestamp may lie from the time in the message id before the id is taken for no snowflake.
const SNOWFLAKE_TOLERANCE_MS: i64 = 24 * 3600 * 1000;

/// What a server said of one message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fact {
    pub(crate) channel: ChannelId,
    pub(crate) message_id: MessageId,
    pub(crate) message_seq: MessageSeq,
    pub(crate) client_msg_no: ClientMsgNo,
    pub(crate) from_uid: Uid,
    pub(crate) timestamp: UnixMillis,
    pub(crate) header: MessageHeader,
    pub(crate) setting: Setting,
    pub(crate) topic: String,
    pub(crate) expire: u32,
    /// The plain payload; an empty one where it could not be decrypted.
    pub(crate) payload: Bytes,
}

impl Fact {
    pub(crate) fn pulled(channel: &ChannelId, message: PulledMessage) -> Self {
        Self {
            channel: channel.clone(),
            message_id: message.message_id,
            message_seq: message.message_seq,
            client_msg_no: message.client_msg_no,
            from_uid: sender(message.from_uid),
            timestamp: message.timestamp,
            header: message.header,
            setting: message.setting,
            topic: message.topic,
            expire: message.expire,
            payload: message.payload,
        }
    }

    /// The row that this fact alone would make.
    pub(crate) fn into_message(self, reader: &Uid) -> Message {
        let head = PayloadHead::read(&self.payload);
        let listed = head.content_type.is_listed() && head.is_visible_to(reader, &self.from_uid);
        Message {
            client_seq: ClientSeq::NONE,
            message_id: self.message_id,
            position: Position::server(self.message_seq),
            client_msg_no: self.client_msg_no,
            channel: self.channel,
            from_uid: self.from_uid,
            timestamp: server_time(self.message_id, self.timestamp),
            header: self.header,
            setting: self.setting,
            topic: self.topic,
            expire: self.expire,
            content_type: head.content_type,
            payload: self.payload,
            status: MessageStatus::Sent,
            reason_code: None,
            visibility: if listed { Visibility::Visible } else { Visibility::Hidden },
        }
    }
}

/// Whether a log can reach this seq. One beyond could not even be stored: what a server says of it is no fact.
pub(crate) fn is_possible(seq: MessageSeq) -> bool {
    let possible = seq <= MAX_SEQ;
    if !possible {
        tracing::warn!(%seq, "a server names a seq that no log can have; it is ignored");
    }
    possible
}

/// Whether a message of a log can stand there.
pub(crate) fn is_in_log(seq: MessageSeq) -> bool {
    !seq.is_zero() && is_possible(seq)
}

/// v2 names the system by an empty sender, v3 by its name (docs/servers.md T40).
pub(crate) fn sender(uid: Uid) -> Uid {
    if uid.is_empty() { Uid::new(SYSTEM_UID) } else { uid }
}

/// When the server took a message. Its id tells (docs/servers.md T66), the same whoever says it: a RECV carries the
/// time of its delivery and v3's history none at all. An id that is far from the time given is no snowflake.
pub(crate) fn server_time(id: MessageId, said: UnixMillis) -> UnixMillis {
    let Some(minted) = id.unix_ms() else { return said };
    if said.get() == 0 || (minted - said.get()).abs() <= SNOWFLAKE_TOLERANCE_MS {
        UnixMillis::new(minted)
    } else {
        said
    }
}
