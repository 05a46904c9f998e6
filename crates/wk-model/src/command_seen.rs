//! A command that was handled, so that it is not handled again.

use wkproto::{MessageId, MessageSeq};

use crate::{ChannelId, UnixMillis};

/// A command that was handled. A command comes live and from its log, with different names: knowing one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct CommandSeen {
    /// The command log it stands in.
    pub channel: ChannelId,
    /// Its seq there, [`MessageSeq::ZERO`] where it is not known.
    pub seq: MessageSeq,
    /// Its message id, [`MessageId::ZERO`] where there is none.
    pub message_id: MessageId,
    /// When it was handled; old ones are forgotten.
    pub seen_at: UnixMillis,
}
