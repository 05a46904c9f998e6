//! The server's id of a message.

use core::fmt;

/// The server's id of a message: a snowflake, unique across channels.
///
/// Zero means that the server gave none. Ids do not order messages, [`MessageSeq`](crate::MessageSeq) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct MessageId(i64);

impl MessageId {
    /// No id.
    pub const ZERO: Self = Self(0);

    /// Wraps an id.
    #[must_use]
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The id.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether this is [`ZERO`](Self::ZERO).
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// When the server made the id, in milliseconds since 1970 by the server's clock; nothing if the id is not
    /// positive. Servers differ from it by up to a second in the times they report.
    #[must_use]
    pub const fn unix_ms(self) -> Option<i64> {
        if self.0 > 0 { Some((self.0 >> NODE_AND_STEP_BITS) + EPOCH_MS) } else { None }
    }
}

impl From<i64> for MessageId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl From<MessageId> for i64 {
    fn from(id: MessageId) -> Self {
        id.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The time of the snowflake scheme that servers count from: 2010-11-04 01:42:54.657 UTC.
const EPOCH_MS: i64 = 1_288_834_974_657;
/// The bits below the time: ten for the node and twelve for the counter.
const NODE_AND_STEP_BITS: u32 = 22;

#[cfg(test)]
mod tests {
    use super::MessageId;

    #[test]
    fn time_of_a_snowflake() {
        // Recorded from a server that gave 1,795,398,800 as the second of the delivery.
        assert_eq!(MessageId::new(2_124_682_679_218_507_776).unix_ms(), Some(1_795_398_800_077));
        assert_eq!(MessageId::new(i64::MAX).unix_ms(), Some(3_487_858_230_208));
        assert_eq!(MessageId::ZERO.unix_ms(), None);
        assert_eq!(MessageId::new(-1).unix_ms(), None);
    }
}
