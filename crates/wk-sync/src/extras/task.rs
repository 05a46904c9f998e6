//! What the extras have to do, and how patient they are with it.

use std::time::Duration;

use wk_store::model::{ActionId, ChannelId, Instant, MessageId};

use crate::engine::JobId;
use crate::engine::retry::Retry;
use crate::topic::Topic;

/// Something to ask of the data source. Its details are read from the store when it is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Task {
    /// Report a pending action.
    Act(ActionId),
    /// Report an edit.
    Edit(MessageId),
    /// Report the receipts of a channel.
    Receipts(ChannelId),
    /// Report which reminders are done.
    RemindersDone,
    /// Report what was left in a conversation.
    Leave(ChannelId),
    /// Fetch a topic.
    Fetch(Topic),
}

impl Task {
    /// How long to wait for more of the same kind.
    pub(super) const fn patience(&self) -> Duration {
        match self {
            Self::Receipts(_) | Self::Leave(_) => Duration::from_secs(2),
            _ => Duration::ZERO,
        }
    }
}

/// How far a task has come.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// The question that is with the data source.
    pub(super) job: Option<JobId>,
    /// Not before this moment: 1 s after the first failure, 5 min at most.
    pub(super) retry: Retry<1, 300>,
    /// It came up again while it was asked.
    pub(super) again: bool,
    /// How often the source answered that it could not, which is what an upload is given up for.
    pub(super) refusals: u32,
}

impl Work {
    /// How many answers that it could not a source may give before an upload is given up.
    pub(super) const MAX_REFUSALS: u32 = 10;

    pub(super) fn may_start(&self, now: Instant) -> bool {
        self.job.is_none() && (self.retry.at().is_none() || self.retry.is_due(now))
    }
}
