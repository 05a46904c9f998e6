//! A page of a channel's history, and the question it answers.

use wkproto::MessageSeq;

use crate::{ChannelId, Message, OrderSeq, Position, SeqRange};

/// Which way a page goes from its anchor. The numbers are those of the servers' pull mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "there are two ways")]
pub enum Direction {
    /// Towards the start of the channel, pull mode 0.
    Older,
    /// Towards its end, pull mode 1.
    Newer,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an edge, a place or its neighbourhood")]
pub enum Anchor {
    /// The end of the channel (for [`Direction::Newer`]: its start).
    Edge,
    /// Next to this position, without it.
    Beside(Position),
    /// At this position, with it.
    At(Position),
    /// On both sides of this position, whatever the direction: the target, `ceil(limit / 2) - 1` seqs below it, of which
    /// hidden ones are not made up for, and up to `ceil(limit / 2)` visible messages above it, at most the limit in all.
    /// What one end of the channel leaves over goes to the other side; a target behind the end stands for the end.
    Around(Position),
}

/// A question for a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PageQuery {
    /// The channel.
    pub channel: ChannelId,
    /// Where the page begins.
    pub anchor: Anchor,
    /// Which way it goes.
    pub direction: Direction,
    /// The most messages it may hold, 1 to [`PageQuery::MAX_LIMIT`].
    pub limit: u32,
}

impl PageQuery {
    /// The largest page: what servers take in one pull.
    pub const MAX_LIMIT: u32 = 10_000;
    /// The page that the mobile SDKs ask for.
    pub const DEFAULT_LIMIT: u32 = 20;

    /// The newest page.
    pub const fn newest(channel: ChannelId) -> Self {
        Self { channel, anchor: Anchor::Edge, direction: Direction::Older, limit: Self::DEFAULT_LIMIT }
    }

    /// The page before a message.
    pub const fn older_than(channel: ChannelId, position: Position) -> Self {
        Self {
            channel,
            anchor: Anchor::Beside(position),
            direction: Direction::Older,
            limit: Self::DEFAULT_LIMIT,
        }
    }

    /// The page behind a message.
    pub const fn newer_than(channel: ChannelId, position: Position) -> Self {
        Self {
            channel,
            anchor: Anchor::Beside(position),
            direction: Direction::Newer,
            limit: Self::DEFAULT_LIMIT,
        }
    }

    /// The page around a message, to jump to it: [`Anchor::Around`].
    pub const fn around(channel: ChannelId, position: Position) -> Self {
        Self {
            channel,
            anchor: Anchor::Around(position),
            direction: Direction::Older,
            limit: Self::DEFAULT_LIMIT,
        }
    }

    /// The same in the terms of the mobile SDKs: an order seq (0: the edge) that the page contains or not.
    pub fn at_order_seq(
        channel: ChannelId,
        order_seq: OrderSeq,
        contain: bool,
        direction: Direction,
    ) -> Self {
        let anchor = match (order_seq.get(), contain) {
            (0, _) => Anchor::Edge,
            (_, true) => Anchor::At(order_seq.into()),
            (_, false) => Anchor::Beside(order_seq.into()),
        };
        Self { channel, anchor, direction, limit: Self::DEFAULT_LIMIT }
    }

    /// The same question for at most so many messages.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

/// A page, ascending, without a hole between two of its messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The messages in the order of the channel.
    pub messages: Vec<Message>,
    /// Nothing lies before the first message.
    pub reached_start: bool,
    /// Nothing lies behind the last message.
    pub reached_end: bool,
    /// Where the page stops because what follows could not be fetched.
    pub incomplete: Option<Gap>,
    /// How many requests to the data source the page took.
    pub pulls: u32,
    /// How many messages those requests brought.
    pub pulled: u32,
}

impl Page {
    /// A page of these messages, served from what is stored.
    pub const fn new(messages: Vec<Message>) -> Self {
        Self { messages, reached_start: false, reached_end: false, incomplete: None, pulls: 0, pulled: 0 }
    }

    /// The question for the page before this one.
    pub fn older(&self, channel: &ChannelId) -> Option<PageQuery> {
        self.messages.first().map(|first| PageQuery::older_than(channel.clone(), first.position))
    }

    /// The question for the page behind this one.
    pub fn newer(&self, channel: &ChannelId) -> Option<PageQuery> {
        self.messages.last().map(|last| PageQuery::newer_than(channel.clone(), last.position))
    }
}

/// A stretch of a channel that the store knows nothing of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The lowest unknown seq.
    pub first: MessageSeq,
    /// The highest unknown seq; nothing where the channel's end is not known.
    pub last: Option<MessageSeq>,
    /// Why it is still there.
    pub cause: GapCause,
}

impl Gap {
    /// A gap.
    pub const fn new(first: MessageSeq, last: Option<MessageSeq>, cause: GapCause) -> Self {
        Self { first, last, cause }
    }

    /// A gap between two known ends.
    pub const fn between(range: SeqRange, cause: GapCause) -> Self {
        Self { first: range.first(), last: Some(range.last()), cause }
    }
}

/// Why a gap could not be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GapCause {
    /// The data source could not be reached or refused; its words.
    Source(String),
    /// The data source answered, but without messages that the server itself had named.
    Unverified,
    /// The data source said that there is more, and sent nothing.
    NoProgress,
}
