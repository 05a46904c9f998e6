//! The part of a channel that a timeline shows, read from the store: messages, holes, and where the unread ones begin.

use wk_sync::store::model::{
    ChannelId, ClientSeq, Direction, MessageSeq, MessageWithExtra, Position, SeqSet, Uid,
};
use wk_sync::store::{MessageScan, StoreError, StoreReader, StoreTx};

use super::diff::Keyed;

/// What stands in a timeline.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TimelineItem {
    /// A message with all that happened to it.
    Message(Box<MessageWithExtra>),
    /// Messages that the server has, or may have, and that are not stored here: [`Timeline::fill`](super::Timeline::fill).
    Gap {
        /// The lowest seq that is not known.
        first: MessageSeq,
        /// The highest.
        last: MessageSeq,
    },
    /// The unread messages begin here, as it was when the timeline was opened.
    UnreadMarker,
}

/// What an item stays while it changes: a message its row, a gap its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimelineKey {
    /// A message.
    Message(ClientSeq),
    /// A gap.
    Gap(MessageSeq),
    /// The beginning of the unread messages.
    UnreadMarker,
}

impl Keyed for TimelineItem {
    type Key = TimelineKey;

    fn key(&self) -> TimelineKey {
        match self {
            Self::Message(item) => TimelineKey::Message(item.message.client_seq),
            Self::Gap { first, .. } => TimelineKey::Gap(*first),
            Self::UnreadMarker => TimelineKey::UnreadMarker,
        }
    }
}

/// From where to where a timeline goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) low: Position,
    /// [`Position::MAX`] where it follows what comes.
    pub(super) high: Position,
    /// How far the user had read when it was opened.
    pub(super) read_to: Option<MessageSeq>,
}

impl Window {
    pub(super) const fn follows(&self) -> bool {
        self.high.seq.get() == Position::MAX.seq.get()
    }

    pub(super) const fn edge(&self, direction: Direction) -> Position {
        match direction {
            Direction::Older => self.low,
            Direction::Newer => self.high,
        }
    }

    /// Reads everything in it: rows and holes of one moment, which takes a transaction.
    pub(super) fn read(
        &self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
        uid: &Uid,
    ) -> Result<Vec<TimelineItem>, StoreError> {
        let mut messages = tx.scan_messages_with_extras(&MessageScan {
            channel,
            from: self.low,
            to: self.high,
            direction: Direction::Newer,
            limit: u32::MAX,
            visible_only: true,
        })?;
        messages.sort_by_key(|item| item.message.position);
        let log = tx.channel_log(channel)?;
        let mut items = Vec::with_capacity(messages.len() + 2);
        let mut below = None;
        let mut unread = self.read_to;
        for item in messages {
            let seq = item.message.position.seq;
            if let Some(below) = below {
                items.extend(gap(&log.covered, below, seq));
            }
            below = Some(seq);
            let is_unread =
                |read_to: MessageSeq| item.message.message_seq() > read_to && item.message.from_uid != *uid;
            if unread.is_some_and(is_unread) {
                items.push(TimelineItem::UnreadMarker);
                unread = None;
            }
            items.push(TimelineItem::Message(Box::new(item)));
        }
        if self.follows() {
            items.extend(gap(
                &log.covered,
                below.unwrap_or(log.cleared_to),
                log.tail.next().unwrap_or(log.tail),
            ));
        }
        Ok(items)
    }
}

/// What is not known between two seqs.
fn gap(covered: &SeqSet, below: MessageSeq, above: MessageSeq) -> Option<TimelineItem> {
    let mut first = below.next()?;
    if let Some(run) = covered.run_at(first) {
        first = run.last().next()?;
    }
    let mut last = above.prev()?;
    if let Some(run) = covered.run_at(last) {
        last = run.first().prev()?;
    }
    (first <= last).then_some(TimelineItem::Gap { first, last })
}

/// The place of the last of `count` stored messages from a place on; nothing where there are fewer.
pub(super) fn reach(
    reader: &mut dyn StoreReader,
    channel: &ChannelId,
    from: Position,
    direction: Direction,
    count: u32,
) -> Result<Option<Position>, StoreError> {
    let (from, to) = match direction {
        Direction::Older => (Position::MIN, from),
        Direction::Newer => (from, Position::MAX),
    };
    let scan = MessageScan { channel, from, to, direction, limit: count, visible_only: true };
    let found = reader.scan_messages(&scan)?;
    Ok(found.last().filter(|_| found.len() >= count as usize).map(|message| message.position))
}
