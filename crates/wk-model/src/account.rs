//! Whose data a store holds.

use crate::Uid;

/// The one account of a store. It is written when the store is first used and never changes: opening the store
/// for another uid is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Account {
    /// Whose messages these are.
    pub uid: Uid,
    /// The id this installation gives itself. Two installations must differ, or servers let them displace each
    /// other for ever (docs/servers.md T27).
    pub device_id: String,
}
