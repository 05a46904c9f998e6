//! When a connection has been idle for too long.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::config::{Config, Generation};

/// Looks every half limit whether nothing has come for the limit, as v2 does: a connection on which nothing ever comes
/// lives one and a half limits.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Duration,
    last_read: Instant,
    next_look: Instant,
    /// v3 closes at the limit.
    is_exact: bool,
}

impl Idle {
    pub(super) fn new(limit: Duration, now: Instant) -> Self {
        Self { limit, last_read: now, next_look: now + limit / 2, is_exact: false }
    }

    /// The limit of a session.
    pub(super) fn of_session(config: &Config, now: Instant) -> Self {
        let limit = config.timings.idle;
        match config.generation {
            Generation::V2 => Self::new(limit, now),
            Generation::V3 => Self { limit, last_read: now, next_look: now + limit, is_exact: true },
        }
    }

    pub(super) fn read(&mut self, now: Instant) {
        self.last_read = now;
    }

    /// Waits until the limit is passed. Cancelling it loses nothing.
    pub(super) async fn expired(&mut self) {
        loop {
            sleep_until(self.next_look).await;
            let idle = self.next_look.saturating_duration_since(self.last_read);
            if idle > self.limit || (self.is_exact && idle == self.limit) {
                return;
            }
            self.next_look = match self.is_exact {
                true => self.last_read + self.limit,
                false => self.next_look + (self.limit / 2).max(Duration::from_millis(1)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Idle;
    use std::time::Duration;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    #[allow(clippy::disallowed_methods, reason = "the test measures paused time")]
    async fn nothing_at_all_lives_one_and_a_half_limits() {
        let start = Instant::now();
        Idle::new(Duration::from_secs(180), start).expired().await;
        assert_eq!(start.elapsed(), Duration::from_secs(270));
        let mut idle = Idle::new(Duration::from_secs(180), start);
        idle.read(start + Duration::from_secs(100));
        idle.expired().await;
        assert_eq!(start.elapsed(), Duration::from_secs(360));
    }
}
