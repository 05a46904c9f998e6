//! Time as an argument: what a clock said, handed down to code that must not read one.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A point on a clock that never goes back. Its zero is the caller's choice, so tests invent their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Duration);

impl Instant {
    /// The point `elapsed` after the clock's zero.
    pub const fn from_zero(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// The time since the clock's zero.
    pub const fn since_zero(self) -> Duration {
        self.0
    }

    /// The time from `earlier` to here, zero if it lies ahead.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_since(earlier)
    }
}

/// Milliseconds since 1970, as a wall clock tells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(i64);

impl UnixMillis {
    /// This many milliseconds after 1970.
    pub const fn new(millis: i64) -> Self {
        Self(millis)
    }

    /// This many seconds after 1970.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// The milliseconds.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The whole seconds.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time moved by so many milliseconds.
    #[must_use]
    pub const fn offset(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// How far a clock on a wall is ahead of UTC, in seconds; behind where it is negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcOffset(i32);

impl UtcOffset {
    /// UTC itself.
    pub const UTC: Self = Self(0);

    /// This many seconds ahead of UTC.
    pub const fn from_secs(secs: i32) -> Self {
        Self(secs)
    }

    /// The seconds.
    pub const fn secs(self) -> i32 {
        self.0
    }

    /// The same in milliseconds.
    pub const fn millis(self) -> i64 {
        self.0 as i64 * 1000
    }

    /// The day on which this clock shows a time: days since 1970-01-01.
    pub const fn day(self, time: UnixMillis) -> i64 {
        time.0.saturating_add(self.millis()).div_euclid(MILLIS_PER_DAY)
    }

    /// The first millisecond of a day on this clock.
    pub const fn start_of(self, day: i64) -> UnixMillis {
        UnixMillis(day.saturating_mul(MILLIS_PER_DAY).saturating_sub(self.millis()))
    }
}

/// The length of a day, in milliseconds.
const MILLIS_PER_DAY: i64 = 86_400_000;

/// What both clocks said at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "there are two kinds of clocks")]
pub struct Now {
    /// For deadlines and delays.
    pub instant: Instant,
    /// For timestamps that people read.
    pub unix: UnixMillis,
}
