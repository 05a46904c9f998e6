//! What a WuKongIM application sees, as plain values.
//!
//! Messages, channels, conversations, pages and the set of sequence numbers a client knows for certain.
//! Nothing here does IO, reads a clock or knows a database; every layer above speaks in these types.

mod account;
mod channel;
mod content;
mod conversation;
mod ids;
mod message;
mod outbox;
mod page;
mod position;
mod search;
mod seq_set;
mod time;

pub use account::Account;
pub use channel::ChannelId;
pub use content::{
    Content, ContentType, ParsedPayload, image_payload, json_payload, parse_payload, text_payload,
};
pub use conversation::Conversation;
pub use ids::{ClientMsgNo, ClientSeq, IdError, Uid};
pub use message::{Message, MessageHeader, MessageStatus, NewMessage, Visibility};
pub use outbox::{OutboxEntry, OutboxState};
pub use page::{Anchor, Direction, Gap, GapCause, Page, PageQuery};
pub use position::{ORDER_SEQ_FACTOR, OrderSeq, Position};
pub use search::{
    ChannelHits, CharClass, FoldedText, SearchCounts, SearchCursor, SearchHit, SearchPage, SearchPattern,
    SearchQuery,
};
pub use seq_set::{SeqRange, SeqSet};
pub use time::{Instant, Now, UnixMillis};
pub use wkproto as proto;
pub use wkproto::{ChannelType, DeviceFlag, MessageId, MessageSeq, ReasonCode, Setting};
