//! What is fetched from a data source besides messages and conversations, each kind by its own cursor.

use wk_store::model::{
    ChannelId, ChannelInfo, ClientMsgNo, ConversationExtraState, Cursor, MemberInfo, MessageExtraInfo,
    MessageId, PinnedMessage, Presence, Reaction, Reminder, Robot, Uid, Version,
};

use crate::stream::StreamLane;

/// Something that is fetched when it is needed: when a command says that it changed, when a channel is opened, or after
/// a connect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Topic {
    /// What happened to the messages of a channel.
    MessageExtras(ChannelId),
    /// The reactions in a channel.
    Reactions(ChannelId),
    /// The messages pinned to a channel.
    PinnedMessages(ChannelId),
    /// The members of a channel.
    Members(ChannelId),
    /// A channel's name and settings.
    Channel(ChannelId),
    /// A robot.
    Robot(Uid),
    /// The user's reminders.
    Reminders,
    /// The user's drafts and reading positions.
    ConversationExtras,
    /// The text of a message that is being written: its channel, its sender, and the sender's number for it.
    Stream(ChannelId, Uid, ClientMsgNo),
}

impl Topic {
    /// The cursor that counts how far it was fetched; a channel and a robot are fetched whole.
    pub fn cursor(&self) -> Option<Cursor> {
        match self {
            Self::MessageExtras(channel) => Some(Cursor::MessageExtras(channel.clone())),
            Self::Reactions(channel) => Some(Cursor::Reactions(channel.clone())),
            Self::PinnedMessages(channel) => Some(Cursor::PinnedMessages(channel.clone())),
            Self::Members(channel) => Some(Cursor::Members(channel.clone())),
            Self::Reminders => Some(Cursor::Reminders),
            Self::ConversationExtras => Some(Cursor::ConversationExtras),
            Self::Channel(_) | Self::Robot(_) | Self::Stream(..) => None,
        }
    }
}

/// Which topics a data source offers. Nothing is asked that it does not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "one for each topic")]
#[non_exhaustive]
pub struct Offers {
    /// [`Topic::MessageExtras`].
    pub message_extras: bool,
    /// [`Topic::Reactions`].
    pub reactions: bool,
    /// [`Topic::PinnedMessages`].
    pub pinned_messages: bool,
    /// [`Topic::Members`].
    pub members: bool,
    /// [`Topic::Channel`].
    pub channels: bool,
    /// [`Topic::Robot`].
    pub robots: bool,
    /// [`Topic::Reminders`]. Where they are not offered, mentions are reminded of by what the messages say.
    pub reminders: bool,
    /// [`Topic::ConversationExtras`].
    pub conversation_extras: bool,
    /// [`Topic::Stream`].
    pub streams: bool,
    /// [`DataSource::commands`](crate::DataSource::commands).
    pub commands: bool,
}

impl Offers {
    /// Nothing.
    pub const NONE: Self = Self::every(false);
    /// Everything.
    pub const ALL: Self = Self::every(true);

    const fn every(offered: bool) -> Self {
        Self {
            message_extras: offered,
            reactions: offered,
            pinned_messages: offered,
            members: offered,
            channels: offered,
            robots: offered,
            reminders: offered,
            conversation_extras: offered,
            streams: offered,
            commands: offered,
        }
    }

    pub(crate) const fn has(&self, topic: &Topic) -> bool {
        match topic {
            Topic::MessageExtras(_) => self.message_extras,
            Topic::Reactions(_) => self.reactions,
            Topic::PinnedMessages(_) => self.pinned_messages,
            Topic::Members(_) => self.members,
            Topic::Channel(_) => self.channels,
            Topic::Robot(_) => self.robots,
            Topic::Reminders => self.reminders,
            Topic::ConversationExtras => self.conversation_extras,
            Topic::Stream(..) => self.streams,
        }
    }

    /// The source said that it has no such thing.
    pub(crate) const fn withdraw(&mut self, topic: &Topic) {
        let offered = match topic {
            Topic::MessageExtras(_) => &mut self.message_extras,
            Topic::Reactions(_) => &mut self.reactions,
            Topic::PinnedMessages(_) => &mut self.pinned_messages,
            Topic::Members(_) => &mut self.members,
            Topic::Channel(_) => &mut self.channels,
            Topic::Robot(_) => &mut self.robots,
            Topic::Reminders => &mut self.reminders,
            Topic::ConversationExtras => &mut self.conversation_extras,
            Topic::Stream(..) => &mut self.streams,
        };
        *offered = false;
    }
}

/// A question for what changed of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct FetchRequest {
    /// Who asks.
    pub uid: Uid,
    /// The topic.
    pub topic: Topic,
    /// What has a larger version is wanted, the lowest first. [`Version::ZERO`] for everything.
    pub after: Version,
    /// The most rows to send.
    pub limit: u32,
}

/// What changed in a channel is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct ChannelFetch {
    /// Who asks.
    pub uid: Uid,
    /// The channel.
    pub channel: ChannelId,
    /// What has a larger version is wanted, the lowest first. [`Version::ZERO`] for everything.
    pub after: Version,
    /// The most rows to send. Fewer mean that there is no more. Rows of the same version must come in one answer, however many:
    /// the next question begins behind them.
    pub limit: u32,
}

/// What changed of a user's own is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct AccountFetch {
    /// Who asks.
    pub uid: Uid,
    /// What has a larger version is wanted, the lowest first. [`Version::ZERO`] for everything.
    pub after: Version,
    /// The most rows to send. Fewer mean that there is no more. Rows of the same version must come in one answer, however many:
    /// the next question begins behind them.
    pub limit: u32,
}

/// What changed of a topic. Each kind answers the topic of the same name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fetched {
    /// What happened to messages.
    MessageExtras(Vec<(MessageId, MessageExtraInfo)>),
    /// Reactions; those that were taken back too.
    Reactions(Vec<Reaction>),
    /// Pinned messages; those no longer pinned too.
    PinnedMessages(Vec<PinnedMessage>),
    /// Members; those who left too.
    Members(Vec<(Uid, MemberInfo)>),
    /// A channel, and whether the user is online where it is a person and that is known.
    Channel(Box<ChannelInfo>, Option<Presence>),
    /// A robot.
    Robot(Robot),
    /// Reminders.
    Reminders(Vec<Reminder>),
    /// Drafts and reading positions.
    ConversationExtras(Vec<(ChannelId, Version, ConversationExtraState)>),
    /// The lanes of a stream as the server has them.
    Stream(Vec<StreamLane>),
}

impl Fetched {
    /// Whether this is an answer to that topic.
    pub(crate) const fn answers(&self, topic: &Topic) -> bool {
        matches!(
            (self, topic),
            (Self::MessageExtras(_), Topic::MessageExtras(_))
                | (Self::Reactions(_), Topic::Reactions(_))
                | (Self::PinnedMessages(_), Topic::PinnedMessages(_))
                | (Self::Members(_), Topic::Members(_))
                | (Self::Channel(..), Topic::Channel(_))
                | (Self::Robot(_), Topic::Robot(_))
                | (Self::Reminders(_), Topic::Reminders)
                | (Self::ConversationExtras(_), Topic::ConversationExtras)
                | (Self::Stream(_), Topic::Stream(..))
        )
    }

    /// How many rows came, and the largest version among them.
    pub(crate) fn extent(&self) -> (usize, Version) {
        fn of<T>(rows: &[T], version: impl Fn(&T) -> Version) -> (usize, Version) {
            (rows.len(), rows.iter().map(version).max().unwrap_or_default())
        }
        match self {
            Self::MessageExtras(rows) => of(rows, |(_, info)| info.version),
            Self::Reactions(rows) => of(rows, |reaction| reaction.seq),
            Self::PinnedMessages(rows) => of(rows, |pinned| pinned.version),
            Self::Members(rows) => of(rows, |(_, info)| info.version),
            Self::Channel(info, _) => (1, info.version),
            Self::Robot(robot) => (1, robot.version),
            Self::Reminders(rows) => of(rows, |reminder| reminder.version),
            Self::ConversationExtras(rows) => of(rows, |(_, version, _)| *version),
            Self::Stream(lanes) => (lanes.len(), Version::ZERO),
        }
    }
}
