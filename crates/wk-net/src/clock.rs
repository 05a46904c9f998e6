//! The clock: the only place of the workspace where time is read.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A wait that ends at a point of a [`Clock`].
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The time since the clock's start. It never goes back, and on most systems stands still while the machine
    /// sleeps.
    fn elapsed(&self) -> Duration;

    /// Milliseconds since 1970 as the machine tells them. They jump when somebody sets the time.
    fn unix_ms(&self) -> i64;

    /// Waits until [`Clock::elapsed`] has reached this value; a value in the past ends the wait at once.
    fn sleep_until(&self, elapsed: Duration) -> Sleep;
}

/// The machine's clock. Inside a tokio runtime with paused time `elapsed` and `sleep_until` follow that time.
#[derive(Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that starts now.
    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    fn elapsed(&self) -> Duration {
        Instant::now().saturating_duration_since(self.start)
    }

    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    fn unix_ms(&self) -> i64 {
        unix_ms(SystemTime::now())
    }

    fn sleep_until(&self, elapsed: Duration) -> Sleep {
        match self.start.checked_add(elapsed) {
            Some(deadline) => Box::pin(tokio::time::sleep_until(deadline)),
            // Beyond what the machine can count: never.
            None => Box::pin(std::future::pending()),
        }
    }
}

impl fmt::Debug for SystemClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SystemClock").field(&self.elapsed()).finish()
    }
}

fn unix_ms(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn sleep_until_wakes_at_the_point_and_not_before() {
        let clock = SystemClock::new();
        clock.sleep_until(HOUR).await;
        assert!(clock.elapsed() >= HOUR && clock.elapsed() < HOUR + Duration::from_secs(1));
        let before = clock.elapsed();
        clock.sleep_until(Duration::ZERO).await;
        assert_eq!(clock.elapsed(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_point_beyond_all_time_is_never_reached() {
        let clock = SystemClock::new();
        let never = clock.sleep_until(Duration::MAX);
        assert!(tokio::time::timeout(HOUR, never).await.is_err());
    }

    #[test]
    fn unix_time_is_exact_on_both_sides_of_1970() {
        let ms = Duration::from_millis(1_700_000_000_123);
        assert_eq!(unix_ms(UNIX_EPOCH + ms), 1_700_000_000_123);
        assert_eq!(unix_ms(UNIX_EPOCH - Duration::from_millis(5)), -5);
        // After 2020: the machine's clock is really read.
        assert!(SystemClock::new().unix_ms() > 1_577_836_800_000);
    }
}
