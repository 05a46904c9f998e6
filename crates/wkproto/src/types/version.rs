//! The version of the protocol that a session speaks.

use core::fmt;

/// The version of the protocol that a session speaks, 1 to 6.
///
/// It decides which fields SEND and RECV have and how wide a message seq is (docs/protocol.md §4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolVersion(u8);

impl ProtocolVersion {
    /// Version 1: neither expiry nor streams.
    pub const V1: Self = Self(1);
    /// Version 2 added stream fields.
    pub const V2: Self = Self(2);
    /// Version 3 added the expiry.
    pub const V3: Self = Self(3);
    /// Version 4 added the server version and the node id to CONNACK.
    pub const V4: Self = Self(4);
    /// Version 5 removed the stream fields: the newest one of the v2 servers.
    pub const V5: Self = Self(5);
    /// Version 6 widened the message seq to 64 bits: the newest one of the v3 servers.
    pub const V6: Self = Self(6);

    /// The oldest version.
    pub const MIN: Self = Self::V1;
    /// The newest version.
    pub const MAX: Self = Self::V6;
    /// The newest version.
    pub const LATEST: Self = Self::V6;
    /// All versions, oldest first.
    pub const ALL: [Self; 6] = [Self::V1, Self::V2, Self::V3, Self::V4, Self::V5, Self::V6];

    /// The version with this number, if it is 1 to 6.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value >= Self::MIN.0 && value <= Self::MAX.0 { Some(Self(value)) } else { None }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }

    /// Whether SEND and RECV carry an expiry.
    #[must_use]
    pub const fn has_expire(self) -> bool {
        self.0 >= 3
    }

    /// Whether SEND and RECV carry stream fields when [`Setting::STREAM`](crate::Setting::STREAM) is set.
    #[must_use]
    pub const fn has_stream(self) -> bool {
        self.0 >= 2 && self.0 < 5
    }

    /// Whether CONNACK carries the server version and the node id.
    #[must_use]
    pub const fn has_node_id(self) -> bool {
        self.0 >= 4
    }

    /// Whether a message seq has 64 bits instead of 32.
    #[must_use]
    pub const fn has_wide_seq(self) -> bool {
        self.0 >= 6
    }
}

impl Default for ProtocolVersion {
    /// The newest version.
    fn default() -> Self {
        Self::LATEST
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for ProtocolVersion {
    fn arbitrary(source: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        source.choose(&Self::ALL).copied()
    }
}

impl From<ProtocolVersion> for u8 {
    fn from(version: ProtocolVersion) -> Self {
        version.0
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ProtocolVersion;

    #[test]
    fn only_one_to_six_exist() {
        let known = (0..=255).filter_map(ProtocolVersion::new);
        assert!(known.eq(ProtocolVersion::ALL));
    }
}
