//! Which part of a page is certain, and what to pull where it is not. Pure.

use wk_store::ChannelLog;
use wk_store::model::{Anchor, Direction, MessageSeq, Position, SeqRange};

/// A stretch of positions next to a page's anchor of which everything is known, and what lies beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The lowest certain position.
    pub(crate) from: Position,
    /// The highest certain position.
    pub(crate) to: Position,
    /// What lies beyond, in the direction of the page.
    pub(crate) beyond: Beyond,
}

/// What lies beyond the certain stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Nothing: the start of the channel, or its verified end.
    Nothing,
    /// These seqs, of which nothing is known.
    Gap(SeqRange),
    /// Perhaps newer messages than any heard of: all behind this seq, the tail or for a newer page its anchor.
    UnknownHead(MessageSeq),
}

/// A page's anchor and direction against what is known of the channel.
pub(crate) fn reach(log: &ChannelLog, head_verified: bool, anchor: Anchor, direction: Direction) -> Reach {
    match direction {
        Direction::Older => reach_older(log, head_verified, anchor),
        Direction::Newer => reach_newer(log, head_verified, anchor),
    }
}

fn reach_older(log: &ChannelLog, head_verified: bool, anchor: Anchor) -> Reach {
    // The highest position of the page, and the highest seq at or below it.
    let top = match anchor {
        Anchor::Edge => Position::MAX,
        Anchor::At(position) | Anchor::Around(position) => position,
        Anchor::Beside(position) => position.prev(),
    };
    let mut seq = top.seq;
    if seq > log.tail {
        if !head_verified {
            return Reach { from: top, to: top, beyond: Beyond::UnknownHead(log.tail) };
        }
        seq = log.tail;
    }
    if seq.is_zero() {
        return Reach { from: Position::MIN, to: top, beyond: Beyond::Nothing };
    }
    let (bottom, next_known) = match log.covered.run_at(seq) {
        Some(run) => (run.first(), log.covered.run_below(run.first())),
        // Local messages right behind an unknown seq are still certain.
        None => (MessageSeq::new(seq.get().saturating_add(1)), log.covered.run_below(seq)),
    };
    let last_unknown = bottom.prev().unwrap_or(MessageSeq::ZERO);
    let first_unknown = next_known.map_or(MessageSeq::new(1), |run| MessageSeq::new(run.last().get() + 1));
    match SeqRange::new(first_unknown, last_unknown) {
        Some(gap) => {
            Reach { from: Position { seq: last_unknown, index: 1 }, to: top, beyond: Beyond::Gap(gap) }
        }
        None => Reach { from: Position::MIN, to: top, beyond: Beyond::Nothing },
    }
}

fn reach_newer(log: &ChannelLog, head_verified: bool, anchor: Anchor) -> Reach {
    let bottom = match anchor {
        Anchor::Edge => Position::MIN,
        Anchor::At(position) | Anchor::Around(position) => position,
        Anchor::Beside(position) => position.next(),
    };
    // The lowest seq at or above the page's lowest position; seqs begin at 1.
    let first = if bottom.is_local() { bottom.seq.get().saturating_add(1) } else { bottom.seq.get().max(1) };
    // The first seq that is not known to the end of the certain stretch.
    let unknown = match log.covered.run_at(MessageSeq::new(first)) {
        Some(run) => run.last().get().saturating_add(1),
        None => first,
    };
    if unknown > log.tail.get() {
        if head_verified {
            return Reach { from: bottom, to: Position::MAX, beyond: Beyond::Nothing };
        }
        let behind = MessageSeq::new(unknown - 1);
        return Reach {
            from: bottom,
            to: Position::last_behind(behind),
            beyond: Beyond::UnknownHead(behind.max(log.tail)),
        };
    }
    let last = log
        .covered
        .run_above(MessageSeq::new(unknown))
        .map_or_else(|| log.tail.get(), |run| run.first().get() - 1);
    let to = Position::last_behind(MessageSeq::new(unknown - 1));
    let gap = SeqRange::from_u64(unknown, last);
    Reach { from: bottom, to, beyond: gap.map_or(Beyond::UnknownHead(log.tail), Beyond::Gap) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(tail: u64, ranges: &[(u64, u64)]) -> ChannelLog {
        ChannelLog {
            covered: ranges.iter().filter_map(|(first, last)| SeqRange::from_u64(*first, *last)).collect(),
            tail: MessageSeq::new(tail),
            ..ChannelLog::default()
        }
    }

    fn at(seq: u64, index: u32) -> Position {
        Position { seq: MessageSeq::new(seq), index }
    }

    fn gap(first: u64, last: u64) -> Beyond {
        Beyond::Gap(SeqRange::from_u64(first, last).unwrap())
    }

    #[test]
    fn the_newest_page_reaches_down_to_the_first_hole() {
        let log = log(20, &[(1, 4), (9, 20)]);
        let reach = reach(&log, true, Anchor::Edge, Direction::Older);
        assert_eq!(reach, Reach { from: at(8, 1), to: Position::MAX, beyond: gap(5, 8) });
    }

    #[test]
    fn an_unknown_tail_leaves_only_the_local_messages_behind_it() {
        let log = log(20, &[(1, 19)]);
        let reach = reach(&log, true, Anchor::Edge, Direction::Older);
        assert_eq!(reach, Reach { from: at(20, 1), to: Position::MAX, beyond: gap(20, 20) });
    }

    #[test]
    fn an_unverified_head_is_asked_first() {
        let log = log(20, &[(1, 20)]);
        let newest = reach(&log, false, Anchor::Edge, Direction::Older);
        assert_eq!(newest.beyond, Beyond::UnknownHead(MessageSeq::new(20)));
        let newer = reach(&log, false, Anchor::Beside(at(20, 0)), Direction::Newer);
        assert_eq!(newer.beyond, Beyond::UnknownHead(MessageSeq::new(20)));
        let older = reach(&log, false, Anchor::Beside(at(20, 0)), Direction::Older);
        assert_eq!(older.beyond, Beyond::Nothing);
    }

    #[test]
    fn an_empty_channel_is_all_local() {
        let log = log(0, &[]);
        for direction in [Direction::Older, Direction::Newer] {
            let reach = reach(&log, true, Anchor::Edge, direction);
            assert_eq!(reach, Reach { from: Position::MIN, to: Position::MAX, beyond: Beyond::Nothing });
        }
    }

    #[test]
    fn a_newer_page_stops_at_the_hole_above() {
        let log = log(30, &[(3, 9), (15, 30)]);
        let newer = |anchor| reach(&log, true, anchor, Direction::Newer);
        assert_eq!(
            newer(Anchor::At(at(5, 0))),
            Reach { from: at(5, 0), to: at(9, u32::MAX), beyond: gap(10, 14) }
        );
        assert_eq!(newer(Anchor::Beside(at(9, 2))).beyond, gap(10, 14));
        assert_eq!(newer(Anchor::Beside(at(20, 0))).beyond, Beyond::Nothing);
        assert_eq!(
            newer(Anchor::Edge),
            Reach { from: Position::MIN, to: at(0, u32::MAX), beyond: gap(1, 2) }
        );
    }
}
