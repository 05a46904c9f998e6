//! A message, as it is stored and shown.

use bytes::Bytes;
use wkproto::{MessageId, MessageSeq, ReasonCode, Setting};

use crate::{
    ChannelId, ClientMsgNo, ClientSeq, ContentError, ContentType, CustomContent, OrderSeq, Ordering,
    ParsedPayload, Position, Uid, UnixMillis, parse_payload,
};

/// One message of one channel.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Message {
    /// Its row in the local store, [`ClientSeq::NONE`] where it is not stored.
    pub client_seq: ClientSeq,
    /// The server's id, [`MessageId::ZERO`] before the server accepted it. It says nothing about order.
    pub message_id: MessageId,
    /// Where it stands in its channel.
    pub position: Position,
    /// The sender's number for it, possibly empty.
    pub client_msg_no: ClientMsgNo,
    /// The channel as the reader names it.
    pub channel: ChannelId,
    /// The sender.
    pub from_uid: Uid,
    /// When the server took it (or, before that, when it was written), in Unix milliseconds.
    pub timestamp: UnixMillis,
    /// How it asked to be delivered.
    pub header: MessageHeader,
    /// The wire's setting bits.
    pub setting: Setting,
    /// The topic, mostly empty.
    pub topic: String,
    /// Its life in seconds, 0 for ever.
    pub expire: u32,
    /// The type of the payload.
    pub content_type: ContentType,
    /// The payload's plain bytes, exactly as they were sent or received.
    pub payload: Bytes,
    /// How far sending it has come.
    pub status: MessageStatus,
    /// What the server said of it, for our own messages.
    pub reason_code: Option<ReasonCode>,
    /// Whether lists show it.
    pub visibility: Visibility,
}

impl Message {
    /// The server's number in the channel, [`MessageSeq::ZERO`] for a local message.
    pub const fn message_seq(&self) -> MessageSeq {
        if self.position.is_local() { MessageSeq::ZERO } else { self.position.seq }
    }

    /// The published order number.
    pub fn order_seq(&self) -> OrderSeq {
        self.position.order_seq()
    }

    /// Reads the payload.
    pub fn parse(&self) -> ParsedPayload {
        parse_payload(&self.payload)
    }

    /// Reads the payload as a content of the application's.
    ///
    /// # Errors
    /// [`ContentError::OtherType`] and [`ContentError::Unreadable`].
    pub fn decode<T: CustomContent>(&self) -> Result<T, ContentError> {
        self.parse().decode()
    }

    /// When its life ends, for one that does not live for ever.
    pub const fn expires_at(&self) -> Option<UnixMillis> {
        if self.expire == 0 {
            return None;
        }
        match self.timestamp.get().checked_add(self.expire as i64 * 1000) {
            Some(end) => Some(UnixMillis::new(end)),
            None => None,
        }
    }

    /// Whether its life is over.
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires_at().is_some_and(|end| end <= now)
    }

    /// Whether lists show it.
    pub const fn is_visible(&self) -> bool {
        matches!(self.visibility, Visibility::Visible)
    }
}

/// How a message asked to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "the wire has these three bits")]
pub struct MessageHeader {
    /// Not stored by the server.
    pub no_persist: bool,
    /// Counts as unread at the receiver.
    pub red_dot: bool,
    /// A command: delivered once and kept out of history.
    pub sync_once: bool,
}

impl Default for MessageHeader {
    fn default() -> Self {
        Self { no_persist: false, red_dot: true, sync_once: false }
    }
}

/// How far sending a message has come. What the server answered is the reason code, apart from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageStatus {
    /// Stored here, not yet accepted by the server.
    Sending,
    /// Accepted by the server, or received from it.
    Sent,
    /// Refused by the server, whose reason code tells why; without a reason code nobody could send it.
    Failed,
    /// Given up because it was not accepted in the time that the account allows. The server may have it all the same.
    Expired,
    /// Cancelled by the application before the server had it.
    Cancelled,
    /// Given up or cancelled before what belongs to it was uploaded: sending it again uploads that again.
    NotUploaded,
}

impl MessageStatus {
    /// Whether sending it was given up; only the application can send it again.
    pub const fn is_given_up(self) -> bool {
        matches!(self, Self::Failed | Self::Expired | Self::Cancelled | Self::NotUploaded)
    }

    /// The number that is stored: 0 to 5.
    pub const fn code(self) -> u8 {
        match self {
            Self::Sending => 0,
            Self::Sent => 1,
            Self::Failed => 2,
            Self::Expired => 3,
            Self::Cancelled => 4,
            Self::NotUploaded => 5,
        }
    }

    /// The status of a stored number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Sending),
            1 => Some(Self::Sent),
            2 => Some(Self::Failed),
            3 => Some(Self::Expired),
            4 => Some(Self::Cancelled),
            5 => Some(Self::NotUploaded),
            _ => None,
        }
    }
}

/// Whether lists show a message. A hidden row still proves what stands at its seq.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Visibility {
    /// Shown.
    Visible,
    /// Not for this reader: a command, nothing to show, or restricted to others.
    Hidden,
    /// Deleted here.
    Deleted,
}

impl Visibility {
    /// The number that is stored: 0, 1 or 2.
    pub const fn code(self) -> u8 {
        match self {
            Self::Visible => 0,
            Self::Hidden => 1,
            Self::Deleted => 2,
        }
    }

    /// The visibility of a stored number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Visible),
            1 => Some(Self::Hidden),
            2 => Some(Self::Deleted),
            _ => None,
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NewMessage {
    /// Where to.
    pub channel: ChannelId,
    /// The payload's plain bytes.
    pub payload: Bytes,
    /// How to deliver it.
    pub header: MessageHeader,
    /// The topic, empty for none.
    pub topic: String,
    /// Its life in seconds, 0 for ever.
    pub expire: u32,
    /// Whether its receivers are asked to say when they have read it.
    pub receipt: bool,
    /// Whether it keeps its place among the channel's messages.
    pub ordering: Ordering,
    /// Whether the payload is a draft: what it names has to be uploaded before it is sent, and the final payload comes
    /// from there.
    pub needs_upload: bool,
}

impl NewMessage {
    /// A message with a red dot that is kept for ever, keeps its place and is ready to be sent.
    pub fn new(channel: ChannelId, payload: Bytes) -> Self {
        Self {
            channel,
            payload,
            header: MessageHeader::default(),
            topic: String::new(),
            expire: 0,
            receipt: false,
            ordering: Ordering::InOrder,
            needs_upload: false,
        }
    }

    /// The same message, with or without a place among the channel's messages.
    #[must_use]
    pub const fn ordering(mut self, ordering: Ordering) -> Self {
        self.ordering = ordering;
        self
    }

    /// The same message, with something to upload first.
    #[must_use]
    pub const fn needs_upload(mut self) -> Self {
        self.needs_upload = true;
        self
    }
}
