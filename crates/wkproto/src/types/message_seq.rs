//! The position of a message in its channel.

use core::fmt;

/// The position of a message in its channel's log, counted from 1.
///
/// Zero stands for "not in the log". Protocol versions 1 to 5 carry 32 bits of it, version 6 carries 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct MessageSeq(u64);

impl MessageSeq {
    /// Not in the log: the message was not stored.
    pub const ZERO: Self = Self(0);
    /// The first message of a channel.
    pub const FIRST: Self = Self(1);
    /// The greatest number that protocol version 6 can carry.
    pub const MAX: Self = Self(u64::MAX);

    /// Wraps a number.
    #[must_use]
    pub const fn new(seq: u64) -> Self {
        Self(seq)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is [`ZERO`](Self::ZERO).
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The following position; nothing after the last one.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(seq) => Some(Self(seq)),
            None => None,
        }
    }

    /// The position before; nothing before zero.
    #[must_use]
    pub const fn prev(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(seq) => Some(Self(seq)),
            None => None,
        }
    }
}

impl From<u64> for MessageSeq {
    fn from(seq: u64) -> Self {
        Self(seq)
    }
}

impl From<u32> for MessageSeq {
    fn from(seq: u32) -> Self {
        Self(u64::from(seq))
    }
}

impl From<MessageSeq> for u64 {
    fn from(seq: MessageSeq) -> Self {
        seq.0
    }
}

impl fmt::Display for MessageSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::MessageSeq;

    #[test]
    fn stepping_stops_at_both_ends() {
        assert_eq!(MessageSeq::ZERO.next(), Some(MessageSeq::FIRST));
        assert_eq!(MessageSeq::FIRST.prev(), Some(MessageSeq::ZERO));
        assert_eq!(MessageSeq::ZERO.prev(), None);
        assert_eq!(MessageSeq::MAX.next(), None);
    }
}
