//! The server's clock: the only place of this crate that asks for the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use wk_model::UnixMillis;

/// A wall clock that was read once and then runs on tokio's time, so that a test may pause and move it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    started_unix: UnixMillis,
}

impl Clock {
    #[allow(clippy::disallowed_methods, reason = "this is the crate's clock")]
    pub(crate) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Self { started: Instant::now(), started_unix: UnixMillis::new(millis) }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the crate's clock")]
    pub(crate) fn now(&self) -> Instant {
        Instant::now()
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The time since the server started.
    pub(crate) fn elapsed(&self) -> Duration {
        self.now().saturating_duration_since(self.started)
    }

    pub(crate) fn started_unix(&self) -> UnixMillis {
        self.started_unix
    }

    pub(crate) fn unix_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.started_unix.get().saturating_add(elapsed)
    }

    /// Seconds since 1970, as messages carry them.
    pub(crate) fn unix_secs(&self) -> i32 {
        i32::try_from(self.unix_ms() / 1000).unwrap_or(i32::MAX)
    }
}
