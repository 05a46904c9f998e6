//! Cursors: how far each kind of data was fetched from the server.

use crate::ChannelId;

/// The name of a cursor. Its value is a [`Version`](crate::Version) and counts in the terms of that kind of data.
///
/// A cursor is apart from the rows: a single row that is told out of turn may be ahead of pages that were not
/// fetched, and removing rows must not fetch all again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cursor {
    /// Conversations, by version.
    Conversations,
    /// Drafts and reading positions, by version.
    ConversationExtras,
    /// Reminders, by version.
    Reminders,
    /// What the application lists as its contacts, by version.
    Contacts,
    /// The members of a channel, by version.
    Members(ChannelId),
    /// What happened to the messages of a channel, by version.
    MessageExtras(ChannelId),
    /// The reactions in a channel, by seq.
    Reactions(ChannelId),
    /// The pinned messages of a channel, by version.
    PinnedMessages(ChannelId),
    /// The log of commands of a channel, by seq.
    Commands(ChannelId),
}

impl Cursor {
    /// The number that is stored for its kind.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Conversations => 1,
            Self::ConversationExtras => 2,
            Self::Reminders => 3,
            Self::Contacts => 4,
            Self::Members(_) => 16,
            Self::MessageExtras(_) => 17,
            Self::Reactions(_) => 18,
            Self::PinnedMessages(_) => 19,
            Self::Commands(_) => 20,
        }
    }

    /// The channel it belongs to, if not to the whole account.
    pub const fn channel(&self) -> Option<&ChannelId> {
        match self {
            Self::Conversations | Self::ConversationExtras | Self::Reminders | Self::Contacts => None,
            Self::Members(channel)
            | Self::MessageExtras(channel)
            | Self::Reactions(channel)
            | Self::PinnedMessages(channel)
            | Self::Commands(channel) => Some(channel),
        }
    }
}
