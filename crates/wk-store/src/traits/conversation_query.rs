//! Questions about conversations that need no server: the list as it is shown, and unread totals.

use std::cmp::Reverse;

use wk_model::{Channel, Conversation, ConversationExtra, UnixMillis};

use crate::StoreError;

/// A conversation as its list shows it.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a row of a list")]
pub struct ConversationItem {
    /// The conversation with its newest visible message.
    pub conversation: Conversation,
    /// The draft and the reading position, if there are any.
    pub extra: Option<ConversationExtra>,
    /// What is known of the channel, if anything is.
    pub channel: Option<Channel>,
}

impl ConversationItem {
    /// The time it is sorted by: the later of the newest message's and the draft's.
    pub fn time(&self) -> UnixMillis {
        let draft = self.extra.as_ref().and_then(ConversationExtra::draft_time);
        draft.map_or(self.conversation.timestamp, |draft| draft.max(self.conversation.timestamp))
    }

    /// Whether it stands first in the list.
    pub fn is_top(&self) -> bool {
        self.channel.as_ref().is_some_and(Channel::is_top)
    }

    /// Whether it does not count as unread.
    pub fn is_muted(&self) -> bool {
        self.channel.as_ref().is_some_and(Channel::is_muted)
    }
}

/// How many messages are unread in the conversations that are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "channels are muted or they are not")]
pub struct UnreadTotal {
    /// In channels that are not muted.
    pub counted: u64,
    /// In muted channels.
    pub muted: u64,
}

impl UnreadTotal {
    /// Adds a conversation.
    pub fn add(&mut self, conversation: &Conversation, muted: bool) {
        let total = if muted { &mut self.muted } else { &mut self.counted };
        *total = total.saturating_add(conversation.unread());
    }
}

/// In which order conversations are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConversationOrder {
    /// By time alone.
    #[default]
    Time,
    /// Those that the user put on top first, each part by time.
    TopFirst,
}

impl ConversationOrder {
    /// Sorts a list: the newest first, ties by channel type, then id.
    pub fn sort(self, items: &mut [ConversationItem]) {
        // An item is large, so keys are sorted and each item is moved once.
        items.sort_by_cached_key(|item| self.key(item));
    }

    fn key(self, item: &ConversationItem) -> impl Ord + use<> {
        let top = self == Self::TopFirst && item.is_top();
        let channel = &item.conversation.channel;
        (!top, Reverse(item.time()), channel.channel_type(), channel.clone())
    }
}

/// Answers questions about conversations.
pub trait ConversationQueryRead {
    /// All conversations that are listed, with what the list shows.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn conversation_list(&mut self, order: ConversationOrder) -> Result<Vec<ConversationItem>, StoreError>;

    /// How many messages are unread, muted channels apart.
    ///
    /// # Errors
    /// As [`ConversationQueryRead::conversation_list`].
    fn unread_total(&mut self) -> Result<UnreadTotal, StoreError>;
}
