//! The list of conversations as servers with a cursor give it: page by page, without messages but the newest.

use wk_store::model::{ChannelId, MessageSeq, Uid, UnixMillis};

use crate::source::PulledMessage;

/// A question for a page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct ListRequest {
    /// Who asks.
    pub uid: Uid,
    /// Where the page begins: what the page before said, empty for the first.
    pub cursor: String,
    /// The most conversations to look at, 1 to 200.
    pub limit: u32,
    /// What the first page of the last complete list said, 0 for none.
    pub coverage: u64,
}

/// A question for conversations that a page could not tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct RetryRequest {
    /// Who asks.
    pub uid: Uid,
    /// Which, at most 200.
    pub channels: Vec<ChannelId>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct ConversationPage {
    /// The conversations, in any order; a page without any need not be the last.
    pub conversations: Vec<ListedConversation>,
    /// The user's other devices deleted these, or they never had a message (docs/servers.md T64).
    pub deletes: Vec<ChannelId>,
    /// The server cannot tell of these now.
    pub unresolved: Vec<ChannelId>,
    /// Where the next page begins.
    pub next_cursor: String,
    /// Whether this is the last page.
    pub done: bool,
    /// What to say with the first page of the next list.
    pub coverage: u64,
    /// Deletions may be missing: what the last list said was too long ago.
    pub reset_required: bool,
}

/// A conversation of the list.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct ListedConversation {
    /// The channel.
    pub channel: ChannelId,
    /// Its newest message that this user may see.
    pub last_message: Option<PulledMessage>,
    /// How far this user has read.
    pub read_to: MessageSeq,
    /// How many messages are unread, by the server's own reckoning.
    pub unread: u64,
    /// Up to where the user deleted it, or could not see it because he joined later.
    pub deleted_to: MessageSeq,
    /// When the newest message was stored, or 0.
    pub timestamp: UnixMillis,
}
