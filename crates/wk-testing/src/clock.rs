//! A clock that tests turn.

use std::time::Duration;

use wk_store::model::{Instant, Now, UnixMillis};

/// A clock that stands still until it is turned. It starts at 2024-01-01 00:00:00 UTC.
#[derive(Debug, Clone)]
pub struct FakeClock {
    elapsed: Duration,
    unix: UnixMillis,
}

impl FakeClock {
    /// A clock at its start.
    pub const fn new() -> Self {
        Self { elapsed: Duration::ZERO, unix: UnixMillis::from_secs(1_704_067_200) }
    }

    /// What the clock says.
    pub const fn now(&self) -> Now {
        Now { instant: Instant::from_zero(self.elapsed), unix: self.unix }
    }

    /// Turns the clock, and says what it says then.
    pub fn advance(&mut self, by: Duration) -> Now {
        self.elapsed = self.elapsed.saturating_add(by);
        self.unix = self.unix.offset(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        self.now()
    }

    /// Turns only the wall clock, as a user or NTP does; deadlines must not care.
    pub fn set_wall_clock(&mut self, unix: UnixMillis) {
        self.unix = unix;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_advance_together_and_the_wall_clock_jumps_alone() {
        let mut clock = FakeClock::new();
        let start = clock.now();
        let later = clock.advance(Duration::from_millis(1500));
        assert_eq!(later.instant.saturating_since(start.instant), Duration::from_millis(1500));
        assert_eq!(later.unix, start.unix.offset(1500));
        clock.set_wall_clock(UnixMillis::new(7));
        assert_eq!(clock.now(), Now { instant: later.instant, unix: UnixMillis::new(7) });
    }
}
