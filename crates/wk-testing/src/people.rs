//! The people and channels of the tests.

use wk_store::model::{ChannelId, Uid};

/// Whose client is mostly under test.
pub fn alice() -> Uid {
    Uid::new("alice")
}

/// Who writes to alice.
pub fn bob() -> Uid {
    Uid::new("bob")
}

/// The third in the group.
pub fn carol() -> Uid {
    Uid::new("carol")
}

/// Who means harm.
pub fn mallory() -> Uid {
    Uid::new("mallory")
}

/// The conversation with one person, as the other names it.
pub fn direct(peer: &Uid) -> ChannelId {
    ChannelId::person(peer.as_str())
}

/// A group of alice, bob and carol.
pub fn group() -> ChannelId {
    ChannelId::group("climbers")
}
