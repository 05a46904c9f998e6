//! Paused time that only moves when a test moves it, although sockets are real.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::time::Instant;

/// Tokio moves paused time forward when nothing is left to do, and does not see that bytes are on their way through
/// a socket. It does not while a blocking task runs, and this holds one.
pub(crate) struct HeldClock {
    start: Instant,
    released: Arc<AtomicBool>,
    _held: mpsc::Sender<()>,
}

impl HeldClock {
    /// Needs `start_paused = true`.
    #[allow(clippy::disallowed_methods, reason = "the zero of the test's clock")]
    pub(crate) fn hold() -> Self {
        let (held, release) = mpsc::channel::<()>();
        let released = Arc::new(AtomicBool::new(false));
        let out_of_patience = released.clone();
        tokio::task::spawn_blocking(move || {
            // When something that must come does not come, time runs again so that the test can fail.
            if release.recv_timeout(Duration::from_secs(30)) == Err(mpsc::RecvTimeoutError::Timeout) {
                out_of_patience.store(true, Ordering::Relaxed);
            }
        });
        Self { start: Instant::now(), released, _held: held }
    }

    /// Moves time to this long after the start, never back, and in steps, so that timers fire when they are due.
    #[allow(clippy::disallowed_methods, reason = "the test moves its own clock")]
    pub(crate) async fn advance_to(&self, elapsed: Duration) {
        assert!(!self.released.load(Ordering::Relaxed), "the test ran out of patience before {elapsed:?}");
        let wanted = self.start + elapsed;
        while let Some(left) = wanted.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            tokio::time::advance(left.min(STEP)).await;
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for HeldClock {
    fn drop(&mut self) {
        let in_time = !self.released.load(Ordering::Relaxed) || std::thread::panicking();
        assert!(in_time, "the test ran out of patience");
    }
}

/// Shorter than any timer of the server that a test looks at.
const STEP: Duration = Duration::from_millis(250);
