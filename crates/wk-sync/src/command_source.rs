//! Commands as a data source gives them: what a user has not had of the logs that no page of history shows.

use wk_store::model::{ChannelId, MessageSeq, Uid};

use crate::source::PulledMessage;

/// A question for the commands that a user has not had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct CommandsRequest {
    /// Who asks.
    pub uid: Uid,
    /// The most commands to send, 1 to 10,000. v2 servers lose those of logs that get no place (docs/servers.md §8), so it
    /// is large.
    pub limit: u32,
}

/// A command of a command log.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct PulledCommand {
    /// The channel that it was sent to, by any name that a server has for it: with the suffix of the command log or without,
    /// and for a person the own uid too.
    pub channel: ChannelId,
    /// The command. Its seq counts in the command log.
    pub message: PulledMessage,
}

/// The commands of the last answer are written down: they need not be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct CommandsTaken {
    /// Whose they are.
    pub uid: Uid,
    /// The largest seq among them. Servers only look whether it is 0, which it never is.
    pub last_seq: MessageSeq,
}
