//! When to ask again: after waits that double with each failure.

use std::time::Duration;

use wk_store::model::Instant;

/// Waits of `FIRST` seconds and more, up to `LAST` seconds.
#[derive(Debug, Default)]
pub(crate) struct Retry<const FIRST: u64, const LAST: u64> {
    at: Option<Instant>,
    delay: Duration,
}

impl<const FIRST: u64, const LAST: u64> Retry<FIRST, LAST> {
    /// A first wait that no failure is the reason of.
    pub(crate) const fn from(at: Option<Instant>) -> Self {
        Self { at, delay: Duration::ZERO }
    }

    /// When the wait ends; nothing while there is none.
    pub(crate) const fn at(&self) -> Option<Instant> {
        self.at
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// It failed: waits longer than the last time.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.delay = (self.delay * 2).clamp(Duration::from_secs(FIRST), Duration::from_secs(LAST));
        self.at = Some(now + self.delay);
    }

    /// It is asked now. How long the last wait was still counts.
    pub(crate) const fn asked(&mut self) {
        self.at = None;
    }

    /// The next wait is a first one again.
    pub(crate) const fn succeeded(&mut self) {
        self.delay = Duration::ZERO;
    }
}
