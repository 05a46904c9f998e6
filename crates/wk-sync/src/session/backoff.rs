//! How long to wait before the next connection.

use std::time::Duration;

use crate::engine::Cx;

/// Doubles from the shortest to the longest wait, with full jitter, so that the clients of a server that comes back
/// do not arrive together.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    pub(crate) fn next_delay(&mut self, cx: &mut Cx<'_>) -> Duration {
        let (min, max) = (cx.core.config.backoff_min, cx.core.config.backoff_max);
        let ceiling = min.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(max);
        self.failures = self.failures.saturating_add(1).min(31);
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(cx.random_below(nanos.saturating_add(1)))
    }
}
