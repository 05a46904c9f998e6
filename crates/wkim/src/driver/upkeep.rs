//! When the store does what it left for later: soon after something was written, then a little at a time.

use std::time::Duration;

use wk_net::{Clock, Sleep};
use wk_sync::store::Store;

/// How long after the last commit the store begins, so that it keeps nobody waiting while much is written.
const DELAY: Duration = Duration::from_millis(500);
/// How long after the first commit it begins, whatever is written.
const LATEST: Duration = Duration::from_secs(5);
/// How long others have between two steps.
const PAUSE: Duration = Duration::from_millis(20);

/// Since when there may be something to do.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    due: Option<Duration>,
    /// When it is done though more is written.
    latest: Duration,
}

impl Upkeep {
    /// Something was written, or may have been by an earlier process.
    pub(super) fn wanted(&mut self, clock: &dyn Clock) {
        let now = clock.elapsed();
        if self.due.is_none() {
            self.latest = now + LATEST;
        }
        self.due = Some(self.latest.min(now + DELAY));
    }

    /// Waits until the next step is due; for ever where there is none.
    pub(super) fn due(&self, clock: &dyn Clock) -> Sleep {
        match self.due {
            Some(at) => clock.sleep_until(at),
            None => Box::pin(std::future::pending()),
        }
    }

    /// Does a step. What fails is tried again after the next commit: it changes nothing that the engine knows.
    pub(super) fn step(&mut self, store: &mut dyn Store, clock: &dyn Clock) {
        self.due = match store.maintain() {
            Ok(true) => {
                self.latest = self.latest.max(clock.elapsed() + PAUSE);
                Some(clock.elapsed() + PAUSE)
            }
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, "the store's upkeep failed");
                None
            }
        };
    }
}
