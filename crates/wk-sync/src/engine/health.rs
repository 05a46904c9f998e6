//! Whether the data source can be reached, as far as its last answer tells.

use std::time::Duration;

use wk_store::model::Instant;

use crate::engine::Answer;
use crate::source::SourceError;

/// How long a failure counts: after that the source may be back.
const REMEMBERED: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct SourceHealth {
    unreachable_since: Option<Instant>,
}

impl SourceHealth {
    pub(crate) fn answered(&mut self, answer: &Answer, now: Instant) {
        let failed = matches!(answer.error(), Some(SourceError::Unreachable(_) | SourceError::TimedOut));
        self.unreachable_since = failed.then_some(now);
    }

    /// There is a reason to believe that it can be reached now.
    pub(crate) const fn hope(&mut self) {
        self.unreachable_since = None;
    }

    pub(crate) fn is_unreachable(&self, now: Instant) -> bool {
        self.unreachable_since.is_some_and(|since| now < since + REMEMBERED)
    }
}
