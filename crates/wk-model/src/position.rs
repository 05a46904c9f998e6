//! The order of messages on screen.

use std::fmt;

use wkproto::MessageSeq;

/// How many order numbers lie between two server messages.
pub const ORDER_SEQ_FACTOR: u64 = 1000;

/// The published order of a message: `message_seq × 1000` for a server message, a number in between for a local
/// one. Rows that share one are ordered by their client seq; [`Position`] is exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderSeq(u64);

impl OrderSeq {
    /// An order number as it was published.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for OrderSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Where a message stands in its channel. A server message stands at (its seq, 0). A local one stands behind the
/// newest seq that was known when it was written: (that seq, 1), (that seq, 2), …
///
/// Any number of local messages fits between two server messages (the thousandth still sorts before the next seq).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "two coordinates, for good")]
pub struct Position {
    /// The seq it stands at or behind.
    pub seq: MessageSeq,
    /// 0 for the server message itself, otherwise the local index behind it.
    pub index: u32,
}

impl Position {
    /// Before every message.
    pub const MIN: Self = Self { seq: MessageSeq::new(0), index: 0 };
    /// Behind every message.
    pub const MAX: Self = Self { seq: MessageSeq::new(u64::MAX), index: u32::MAX };

    /// Where the server message with this seq stands.
    pub const fn server(seq: MessageSeq) -> Self {
        Self { seq, index: 0 }
    }

    /// The last position behind `seq` and before the next seq.
    pub const fn last_behind(seq: MessageSeq) -> Self {
        Self { seq, index: u32::MAX }
    }

    /// Whether a local message stands here.
    pub const fn is_local(self) -> bool {
        self.index > 0
    }

    /// The next position up.
    pub const fn next(self) -> Self {
        match self.index.checked_add(1) {
            Some(index) => Self { seq: self.seq, index },
            None => Self { seq: MessageSeq::new(self.seq.get().saturating_add(1)), index: 0 },
        }
    }

    /// The next position down; [`Position::MIN`] has none and stays.
    pub const fn prev(self) -> Self {
        match self.index.checked_sub(1) {
            Some(index) => Self { seq: self.seq, index },
            None if self.seq.get() == 0 => Self::MIN,
            None => Self::last_behind(MessageSeq::new(self.seq.get() - 1)),
        }
    }

    /// The published order number: `seq × 1000 + min(index, 999)`, or `u64::MAX` beyond 64 bits.
    pub fn order_seq(self) -> OrderSeq {
        let local = u64::from(self.index).min(ORDER_SEQ_FACTOR - 1);
        OrderSeq(self.seq.get().saturating_mul(ORDER_SEQ_FACTOR).saturating_add(local))
    }
}

impl From<OrderSeq> for Position {
    fn from(order: OrderSeq) -> Self {
        let index = u32::try_from(order.0 % ORDER_SEQ_FACTOR).unwrap_or(u32::MAX);
        Self { seq: MessageSeq::new(order.0 / ORDER_SEQ_FACTOR), index }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seq.get())?;
        if self.index > 0 { write!(f, "+{}", self.index) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thousandth_local_message_sorts_before_the_next_server_message() {
        let seven = MessageSeq::new(7);
        let local = Position { seq: seven, index: 1_000 };
        assert_eq!(local.order_seq(), OrderSeq::new(7_999));
        assert!(local < Position::server(MessageSeq::new(8)));
        assert!(local.order_seq() < Position::server(MessageSeq::new(8)).order_seq());
    }

    #[test]
    fn order_seq_round_trips_below_the_cap_and_never_wraps() {
        for index in [0, 1, 999] {
            let position = Position { seq: MessageSeq::new(5_000_000_000), index };
            assert_eq!(Position::from(position.order_seq()), position);
        }
        assert_eq!(Position::MAX.order_seq(), OrderSeq::new(u64::MAX));
    }

    #[test]
    fn next_is_the_successor_and_prev_leads_back() {
        let seven = MessageSeq::new(7);
        for position in [Position::MIN, Position::server(seven), Position::last_behind(seven)] {
            assert_eq!(position.next().prev(), position);
        }
        assert_eq!(Position::MIN.prev(), Position::MIN);
        assert_eq!(
            Position::server(MessageSeq::new(3)).next(),
            Position { seq: MessageSeq::new(3), index: 1 }
        );
        assert_eq!(Position::last_behind(MessageSeq::new(3)).next(), Position::server(MessageSeq::new(4)));
    }
}
