//! What a page must be, told by somebody who holds the whole log.

use wk_sync::store::ChannelLog;
use wk_sync::store::model::{
    Anchor, Direction, Gap, Message, MessageId, MessageSeq, Page, PageQuery, Position, Uid, parse_payload,
};

use super::common::log::Log;
use super::common::{ALICE, Stored, at};

/// One row of the whole channel.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub position: Position,
    pub id: MessageId,
    pub client_msg_no: String,
}

impl From<&Message> for Row {
    fn from(message: &Message) -> Self {
        Self {
            position: message.position,
            id: message.message_id,
            client_msg_no: message.client_msg_no.as_str().to_owned(),
        }
    }
}

/// A page that was asked for, and what its reader had a right to know when he asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub query: PageQuery,
    /// The newest seq that was not on its way to him.
    pub must_know: u64,
    pub gaps: usize,
    pub uncovered: u64,
    /// Nobody else waited for a page of the channel.
    pub alone: bool,
}

/// Everything the reader may see now: the log up to the tail he knows, and his own messages that he does not know to
/// be in the log.
pub fn whole_channel(log: &Log, known: &ChannelLog, own: &[Message]) -> Vec<Row> {
    let alice = Uid::new(ALICE);
    let mut rows: Vec<Row> = (1..=log.last().min(known.tail.get()))
        .filter(|seq| log.shows(*seq))
        .filter_map(|seq| log.get(seq))
        .filter(|message| is_the_copy_shown(log, known, message))
        .filter(|message| {
            let parsed = parse_payload(&message.payload);
            parsed.content_type.is_listed() && parsed.is_visible_to(&alice, &Uid::new(message.from.as_str()))
        })
        .map(|message| Row {
            position: at(message.seq, 0),
            id: message.id,
            client_msg_no: message.client_msg_no.clone(),
        })
        .collect();
    rows.extend(own.iter().filter(|own| !is_known_to_be_stored(log, known, own)).map(Row::from));
    rows.sort_unstable();
    rows
}

/// Of the copies that a resend made, the lowest known one is the message.
fn is_the_copy_shown(log: &Log, known: &ChannelLog, message: &Stored) -> bool {
    let copies = log.messages.iter().filter(|copy| copy.client_msg_no == message.client_msg_no);
    let shown = copies.min_by_key(|copy| (!known.covered.contains(MessageSeq::new(copy.seq)), copy.seq));
    shown.is_none_or(|shown| shown.seq == message.seq)
}

fn is_known_to_be_stored(log: &Log, known: &ChannelLog, own: &Message) -> bool {
    log.messages.iter().any(|stored| {
        stored.client_msg_no == own.client_msg_no.as_str()
            && known.covered.contains(MessageSeq::new(stored.seq))
    })
}

/// The rows on the page's side of its anchor, the nearest first.
fn walk(whole: &[Row], query: &PageQuery) -> Vec<Row> {
    let beyond = |position: Position| match (query.anchor, query.direction) {
        (Anchor::Edge, _) => true,
        (Anchor::At(anchor), Direction::Older) => position <= anchor,
        (Anchor::Beside(anchor), Direction::Older) => position < anchor,
        (Anchor::At(anchor), Direction::Newer) => position >= anchor,
        (Anchor::Beside(anchor), Direction::Newer) => position > anchor,
        (Anchor::Around(_), _) => unreachable!("pages around a message have an oracle of their own"),
    };
    let mut rows: Vec<Row> = whole.iter().filter(|row| beyond(row.position)).cloned().collect();
    if query.direction == Direction::Older {
        rows.reverse();
    }
    rows
}

/// Says what is wrong with a page, if anything is.
pub fn check(page: &Page, asked: &Asked, whole: &[Row], known: &ChannelLog) -> Result<(), String> {
    let query = &asked.query;
    let limit = usize::try_from(query.limit).unwrap();
    let rest_of_channel = walk(whole, query);
    let expected = &rest_of_channel[..rest_of_channel.len().min(limit)];
    let mut served: Vec<Row> = page.messages.iter().map(Row::from).collect();
    ensure(served.is_sorted(), "it is ascending")?;
    let key = |message: &Message| (message.order_seq(), message.client_seq);
    ensure(page.messages.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])), "its order numbers ascend")?;
    if query.direction == Direction::Older {
        served.reverse();
    }
    let all = served == rest_of_channel;
    // What lies before the anchor of a newer page is nothing to its reader.
    let anchor = match query.anchor {
        Anchor::At(anchor) | Anchor::Beside(anchor) if query.direction == Direction::Newer => anchor.seq,
        _ => MessageSeq::ZERO,
    };
    let knows_the_head = known.tail.max(anchor).get() >= asked.must_know;
    let at_edge = query.anchor == Anchor::Edge;
    match &page.incomplete {
        None => {
            ensure(served == expected, "it is the oracle's page")?;
            let (ahead, behind) = match query.direction {
                Direction::Older => (page.reached_start, page.reached_end),
                Direction::Newer => (page.reached_end, page.reached_start),
            };
            ensure(!ahead || all, "nothing lies ahead of it")?;
            ensure(ahead || served.len() == limit, "a short page has reached the end of its way")?;
            ensure(behind == at_edge, "it begins at the edge")?;
        }
        Some(gap) => {
            ensure(rest_of_channel.starts_with(&served), "it is the beginning of the oracle's page")?;
            ensure(served.len() <= limit, "it is not too long")?;
            check_gap(gap, query.direction, &served, expected, known)?;
            let ahead = match query.direction {
                Direction::Older => page.reached_start,
                Direction::Newer => page.reached_end,
            };
            ensure(!ahead || all, "nothing lies ahead of it")?;
        }
    }
    ensure(!page.reached_end || knows_the_head, "nothing newer is unknown")?;
    let newest = query.direction == Direction::Older && at_edge && page.incomplete.is_none();
    ensure(!newest || knows_the_head, "the newest page knows the newest message")
}

/// The hole is one, it begins where the page ends, and what the oracle has more lies in it or beyond.
fn check_gap(
    gap: &Gap,
    direction: Direction,
    served: &[Row],
    expected: &[Row],
    known: &ChannelLog,
) -> Result<(), String> {
    let Some(last) = gap.last else {
        let at_tail = gap.first.get() == known.tail.get() + 1;
        let beyond = gap.first > known.tail && direction == Direction::Newer;
        ensure(at_tail || beyond, "an open hole begins behind the tail")?;
        return ensure(served == expected, "all that is known is served");
    };
    let unknown = (gap.first.get()..=last.get()).all(|seq| !known.covered.contains(MessageSeq::new(seq)));
    ensure(unknown, "nothing in the hole is known")?;
    let missing = &expected[served.len().min(expected.len())..];
    // Whether a row lies on the reader's side of the hole.
    let this_side = |row: &Row| match direction {
        Direction::Older => row.position > Position::server(last),
        Direction::Newer => row.position < Position::server(gap.first),
    };
    ensure(served.iter().all(this_side), "the page ends before the hole")?;
    ensure(!missing.iter().any(this_side), "only the hole keeps rows from it")
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("not so: {what}")) }
}
