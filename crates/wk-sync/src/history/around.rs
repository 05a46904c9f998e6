//! The page around a message: what it needs to be certain of, and which rows it is made of. Pure.
//!
//! The older half is counted in seqs, `ceil(limit / 2) - 1` of them, and a seq that shows nothing is not made up for; then
//! comes the target, then up to `ceil(limit / 2)` visible newer messages, `limit` in all. What one end of the channel
//! leaves over goes to the other side.

use std::ops::RangeInclusive;

use wk_store::ChannelLog;
use wk_store::model::{MessageSeq, Position, SeqRange};

/// What is known of the channel, and what is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) log: &'a ChannelLog,
    pub(crate) head_verified: bool,
    pub(crate) target: Position,
    pub(crate) limit: u64,
}

/// The seqs that a page asks the source for, upwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// These, of which some are not known.
    Within(RangeInclusive<u64>),
    /// From here on, at most so many: where the channel ends is not known.
    From { start: u64, count: u64 },
}

impl<'a> Around<'a> {
    /// The same question at a place that the channel has: a target behind its end stands for the end.
    pub(crate) fn within(log: &'a ChannelLog, head_verified: bool, target: Position, limit: u32) -> Self {
        let behind = target.seq > log.tail && head_verified;
        let target = if behind { Position::server(log.tail) } else { target };
        Self { log, head_verified, target, limit: limit.into() }
    }

    /// The lowest seq that shows anything.
    fn first(&self) -> u64 {
        self.log.cleared_to.get().saturating_add(1)
    }

    /// The seq right below the target.
    fn below(&self) -> u64 {
        let seq = self.target.seq.get();
        if self.target.is_local() { seq } else { seq.saturating_sub(1) }
    }

    fn available(&self) -> u64 {
        (self.below() + 1).saturating_sub(self.first())
    }

    /// How many seqs the older half has, without what the end of the channel leaves over.
    pub(crate) fn older_slots(&self) -> u64 {
        (self.limit.div_ceil(2) - 1).min(self.available())
    }

    /// How many visible messages the newer half may have, if the page is not full before.
    pub(crate) fn newer_rows(&self) -> u64 {
        let unused = self.limit.div_ceil(2) - 1 - self.older_slots();
        self.limit.div_ceil(2) + unused
    }

    /// The lowest position of an older half of so many seqs.
    pub(crate) fn lowest(&self, slots: u64) -> Position {
        let slots = slots.min(self.available());
        if slots == self.available() {
            return Position::MIN;
        }
        Position::server(MessageSeq::new(self.below() + 1 - slots))
    }

    /// The highest position above the target up to which everything is known, and whether nothing comes after it.
    pub(crate) fn certain_above(&self) -> (Position, bool) {
        let from = self.target.seq.get().max(1);
        let unknown = self
            .log
            .covered
            .run_at(MessageSeq::new(from))
            .map_or(from, |run| run.last().get().saturating_add(1));
        let ends = unknown > self.log.tail.get() && self.head_verified;
        let last = if ends { Position::MAX } else { Position::last_behind(MessageSeq::new(unknown - 1)) };
        (last, ends)
    }

    /// The highest unknown seq of an older half of so many seqs or of the target itself.
    pub(crate) fn hole_below(&self, slots: u64) -> Option<SeqRange> {
        let lowest = self.below().saturating_add(1).saturating_sub(slots.min(self.available())).max(1);
        let highest = self.target.seq.get();
        let covered = &self.log.covered;
        let top = match covered.run_at(MessageSeq::new(highest)) {
            Some(run) => run.first().get() - 1,
            None => highest,
        };
        if top < lowest.max(self.first()) {
            return None;
        }
        let bottom = covered.run_below(MessageSeq::new(top)).map_or(1, |run| run.last().get() + 1);
        SeqRange::from_u64(bottom, top)
    }

    /// What to ask the source for, so that the whole page is certain after one answer if nothing in it is hidden.
    pub(crate) fn missing(&self) -> Missing {
        let (seq, tail) = (self.target.seq.get(), self.log.tail.get());
        let above = tail.saturating_sub(seq);
        // What the newer half may leave over for the older one.
        let over =
            if self.head_verified { self.newer_rows().saturating_sub(above) } else { self.newer_rows() };
        let slots = (self.older_slots() + over).min(self.available());
        let lowest = (self.below() + 1 - slots).max(1);
        let highest = seq.saturating_add(self.newer_rows());
        let start = self.first_unknown(lowest);
        if start <= highest && highest > tail && !self.head_verified {
            return Missing::From { start, count: highest - start + 1 };
        }
        if start > highest.min(tail) {
            return self.beyond(start);
        }
        let highest = highest.min(tail);
        let last = match self.log.covered.run_at(MessageSeq::new(highest)) {
            Some(run) => run.first().get() - 1,
            None => highest,
        };
        Missing::Within(start..=last.max(start))
    }

    /// What to ask for where hidden messages made the window reach beyond what [`missing`](Self::missing) thinks of.
    fn beyond(&self, start: u64) -> Missing {
        match (self.log.covered.run_above(MessageSeq::new(start)), self.hole_below(self.available())) {
            (Some(run), _) => Missing::Within(start..=run.first().get() - 1),
            (None, _) if start <= self.log.tail.get() => Missing::Within(start..=self.log.tail.get()),
            (None, Some(hole)) if self.head_verified => {
                let (first, last) = (hole.first().get(), hole.last().get());
                Missing::Within(first.max(last.saturating_sub(self.limit - 1))..=last)
            }
            (None, _) => Missing::From { start, count: self.limit },
        }
    }

    fn first_unknown(&self, lowest: u64) -> u64 {
        self.log
            .covered
            .run_at(MessageSeq::new(lowest))
            .map_or(lowest, |run| run.last().get().saturating_add(1))
    }
}
