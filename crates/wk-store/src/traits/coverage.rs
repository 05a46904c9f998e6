//! What is known for certain of each channel's log.

use wk_model::{ChannelId, MessageSeq, SeqSet, UnixMillis};

use crate::StoreError;

/// What is known for certain of one channel's log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ChannelLog {
    /// The seqs of which the server has told all it will ever tell.
    pub covered: SeqSet,
    /// The largest seq heard of from anywhere.
    pub tail: MessageSeq,
    /// The user cleared the channel up to this seq; older messages never come back.
    pub cleared_to: MessageSeq,
    /// When the server took the message at `cleared_to`; 0 where nobody knows.
    pub cleared_at: UnixMillis,
}

/// Reads coverage.
pub trait CoverageRead {
    /// What is known of a channel's log; the default for a channel never heard of.
    ///
    /// # Errors
    /// The backend failed, or the rows make no sense.
    fn channel_log(&mut self, channel: &ChannelId) -> Result<ChannelLog, StoreError>;

    /// Every channel with a tail above 0, in any order.
    ///
    /// # Errors
    /// The backend failed.
    fn tails(&mut self) -> Result<Vec<(ChannelId, MessageSeq)>, StoreError>;
}

/// Writes coverage.
pub trait CoverageWrite: CoverageRead {
    /// Replaces what is known of a channel's log.
    ///
    /// # Errors
    /// The backend failed.
    fn set_channel_log(&mut self, channel: &ChannelId, log: &ChannelLog) -> Result<(), StoreError>;
}
