//! A set of sequence numbers as sorted, disjoint, coalesced ranges.

use std::fmt;

use wkproto::MessageSeq;

/// The numbers from `first` to `last`, both included; never empty and never holding 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeqRange {
    first: u64,
    last: u64,
}

impl SeqRange {
    /// The range, or nothing where it would be empty or hold 0 (which is no place in a channel's log).
    pub const fn new(first: MessageSeq, last: MessageSeq) -> Option<Self> {
        Self::from_u64(first.get(), last.get())
    }

    /// The same from plain numbers.
    pub const fn from_u64(first: u64, last: u64) -> Option<Self> {
        if first == 0 || first > last { None } else { Some(Self { first, last }) }
    }

    /// The one number, or nothing for 0.
    pub const fn single(seq: MessageSeq) -> Option<Self> {
        Self::new(seq, seq)
    }

    /// The lowest number.
    pub const fn first(self) -> MessageSeq {
        MessageSeq::new(self.first)
    }

    /// The highest number.
    pub const fn last(self) -> MessageSeq {
        MessageSeq::new(self.last)
    }

    /// Whether the number lies in the range.
    pub const fn contains(self, seq: MessageSeq) -> bool {
        self.first <= seq.get() && seq.get() <= self.last
    }

    /// How many numbers the range holds.
    #[allow(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub const fn len(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

impl fmt::Debug for SeqRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.first, self.last)
    }
}

impl fmt::Display for SeqRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Sequence numbers as ranges: sorted, disjoint, and never two that touch.
#[derive(Default, PartialEq, Eq, Hash)]
pub struct SeqSet {
    ranges: Vec<SeqRange>,
}

impl Clone for SeqSet {
    fn clone(&self) -> Self {
        Self { ranges: self.ranges.clone() }
    }

    // A copy that follows its original needs no new memory each time.
    fn clone_from(&mut self, source: &Self) {
        self.ranges.clone_from(&source.ranges);
    }
}

impl SeqSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The ranges in ascending order.
    pub fn ranges(&self) -> &[SeqRange] {
        &self.ranges
    }

    /// Whether the set holds nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Adds all numbers of `range`; says whether one of them was new.
    pub fn insert(&mut self, range: SeqRange) -> bool {
        // The ranges from `from` to `to` overlap or touch the new one and melt into it.
        let from = self.ranges.partition_point(|r| r.last.saturating_add(1) < range.first);
        let to = self.ranges.partition_point(|r| r.first <= range.last.saturating_add(1));
        let melted = self.ranges.get(from..to).unwrap_or_default();
        let (Some(lowest), Some(highest)) = (melted.first(), melted.last()) else {
            self.ranges.insert(from, range);
            return true;
        };
        if melted.len() == 1 && lowest.first <= range.first && range.last <= lowest.last {
            return false;
        }
        let union = SeqRange { first: lowest.first.min(range.first), last: highest.last.max(range.last) };
        self.ranges.splice(from..to, [union]);
        true
    }

    /// Removes every number above `seq`.
    pub fn truncate_above(&mut self, seq: MessageSeq) {
        self.ranges.retain_mut(|range| {
            range.last = range.last.min(seq.get());
            range.first <= range.last
        });
    }

    /// Whether the set holds the number.
    pub fn contains(&self, seq: MessageSeq) -> bool {
        self.run_at(seq).is_some()
    }

    /// The range that holds `seq`.
    pub fn run_at(&self, seq: MessageSeq) -> Option<SeqRange> {
        let index = self.ranges.partition_point(|range| range.last < seq.get());
        self.ranges.get(index).copied().filter(|range| range.contains(seq))
    }

    /// The lowest range that lies wholly above `seq`.
    pub fn run_above(&self, seq: MessageSeq) -> Option<SeqRange> {
        let index = self.ranges.partition_point(|range| range.first <= seq.get());
        self.ranges.get(index).copied()
    }

    /// The highest range that lies wholly below `seq`.
    pub fn run_below(&self, seq: MessageSeq) -> Option<SeqRange> {
        let index = self.ranges.partition_point(|range| range.last < seq.get());
        index.checked_sub(1).and_then(|index| self.ranges.get(index)).copied()
    }

    /// The highest number, or 0 of the empty set.
    pub fn max(&self) -> MessageSeq {
        self.ranges.last().map_or(MessageSeq::ZERO, |range| range.last())
    }

    /// How many numbers the set holds.
    pub fn len(&self) -> u64 {
        self.ranges.iter().fold(0, |sum: u64, range| sum.saturating_add(range.len()))
    }
}

impl fmt::Debug for SeqSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.ranges).finish()
    }
}

impl FromIterator<SeqRange> for SeqSet {
    fn from_iter<I: IntoIterator<Item = SeqRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        for range in ranges {
            set.insert(range);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn range(first: u64, last: u64) -> SeqRange {
        SeqRange::from_u64(first, last).unwrap()
    }

    #[test]
    fn touching_ranges_melt() {
        let mut set: SeqSet = [range(1, 3), range(7, 9)].into_iter().collect();
        assert!(set.insert(range(4, 6)));
        assert_eq!(set.ranges(), [range(1, 9)]);
        assert!(!set.insert(range(2, 8)));
        assert!(set.insert(range(u64::MAX, u64::MAX)));
        assert!(set.insert(range(u64::MAX - 1, u64::MAX)));
        assert_eq!(set.ranges().len(), 2);
    }

    #[test]
    fn zero_is_no_place_in_a_log() {
        assert_eq!(SeqRange::from_u64(0, 5), None);
        assert_eq!(SeqRange::from_u64(6, 5), None);
        assert_eq!(SeqRange::single(MessageSeq::ZERO), None);
    }

    proptest! {
        #[test]
        fn equals_a_set_of_numbers(ops in proptest::collection::vec((1u64..60, 0u64..12, any::<bool>()), 0..40)) {
            let (mut set, mut oracle) = (SeqSet::new(), BTreeSet::new());
            for (first, more, insert) in ops {
                if insert {
                    let before = oracle.len();
                    oracle.extend(first..=first + more);
                    prop_assert_eq!(set.insert(range(first, first + more)), oracle.len() > before);
                } else {
                    oracle.retain(|seq| *seq <= first + 30);
                    set.truncate_above(MessageSeq::new(first + 30));
                }
                prop_assert!(set.ranges().windows(2).all(|pair| pair[0].last + 1 < pair[1].first));
            }
            let numbers: BTreeSet<u64> = set.ranges().iter().flat_map(|r| r.first..=r.last).collect();
            prop_assert_eq!(&numbers, &oracle);
            prop_assert_eq!(set.len(), oracle.len() as u64);
            for seq in 0..80 {
                let at = MessageSeq::new(seq);
                prop_assert_eq!(set.contains(at), oracle.contains(&seq));
                let above = set.run_above(at).map(|r| r.first);
                let expected = oracle.range(seq + 1..).copied().find(|n| !oracle.contains(&(n - 1)));
                prop_assert_eq!(above, expected);
                let below = set.run_below(at).map(|r| r.last);
                let expected = oracle.range(..seq).rev().copied().find(|n| !oracle.contains(&(n + 1)));
                prop_assert_eq!(below, expected);
            }
        }
    }
}
