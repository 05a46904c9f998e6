//! What a WuKongIM application sees, as plain values.
//!
//! Messages, channels, conversations, pages and the set of sequence numbers a client knows for certain.
//! Nothing here does IO, reads a clock or knows a database; every layer above speaks in these types.

mod account;
mod channel;
mod channel_info;
mod command_seen;
pub mod content;
mod conversation;
mod conversation_extra;
mod cursor;
mod ids;
mod member;
mod message;
mod message_extra;
mod message_local;
mod outbox;
mod page;
mod pending_action;
mod pinned_message;
mod position;
mod reaction;
mod receipt;
mod received_command;
mod reminder;
mod robot;
mod search;
mod seq_set;
mod server;
mod time;
mod version;

pub use account::Account;
pub use channel::ChannelId;
pub use channel_info::{Channel, ChannelFilter, ChannelInfo, ChannelLocal, Presence};
pub use command_seen::CommandSeen;
pub use content::{
    BuiltIn, Card, Command, Content, ContentError, ContentRegistry, ContentType, CustomContent, Entity,
    EntityKind, File, ForwardedMessage, Gif, Image, IntoPayload, JsonObject, Location, Mention, MergeForward,
    Opaque, ParsedPayload, PayloadDraft, PayloadHead, Quoted, Reply, StreamPart, Text, Tip, TipName, Video,
    Voice, byte_range, image_payload, json_payload, parse_payload, text_payload, utf16_range,
    without_local_paths,
};
pub use conversation::Conversation;
pub use conversation_extra::{ConversationExtra, ConversationExtraState};
pub use cursor::Cursor;
pub use ids::{ClientMsgNo, ClientSeq, IdError, Uid};
pub use member::{Member, MemberInfo, MemberQuery, MemberRole};
pub use message::{Message, MessageHeader, MessageStatus, NewMessage, Visibility};
pub use message_extra::{MessageEdit, MessageExtra, MessageExtraInfo, MessageWithExtra};
pub use message_local::MessageLocal;
pub use outbox::{Ordering, OutboxEntry, OutboxState};
pub use page::{Anchor, Direction, Gap, GapCause, Page, PageQuery};
pub use pending_action::{ActionId, ActionKind, PendingAction};
pub use pinned_message::PinnedMessage;
pub use position::{ORDER_SEQ_FACTOR, OrderSeq, Position};
pub use reaction::Reaction;
pub use receipt::Receipt;
pub use received_command::ReceivedCommand;
pub use reminder::{Reminder, ReminderFilter, ReminderId, ReminderKind};
pub use robot::{Robot, RobotMenu};
pub use search::{
    ChannelHit, ChannelHits, CharClass, FoldedText, MemberHit, NameMatch, NameQuery, SearchCounts,
    SearchCursor, SearchHit, SearchPage, SearchPattern, SearchQuery, folded_names,
};
pub use seq_set::{SeqRange, SeqSet};
pub use server::ServerIdentity;
pub use time::{Instant, Now, UnixMillis, UtcOffset};
pub use version::{Version, Written};
pub use wkproto as proto;
pub use wkproto::{ChannelType, DeviceFlag, MessageId, MessageSeq, ReasonCode, Setting};
