//! When the store does what it left for later: soon after something was written, then a little at a time.

use std::time::Duration;

use wk_net::{Clock, Sleep};
use wk_sync::store::Store;

/// How long after a commit the store begins, so that what comes together is done together.
const DELAY: Duration = Duration::from_millis(500);
/// How long others have between two steps.
const PAUSE: Duration = Duration::from_millis(20);

/// Since when there may be something to do.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    due: Option<Duration>,
}

impl Upkeep {
    /// Something was written, or may have been by an earlier process.
    pub(super) fn wanted(&mut self, clock: &dyn Clock) {
        if self.due.is_none() {
            self.due = Some(clock.elapsed() + DELAY);
        }
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
            Ok(true) => Some(clock.elapsed() + PAUSE),
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(%error, "the store's upkeep failed");
                None
            }
        };
    }
}
