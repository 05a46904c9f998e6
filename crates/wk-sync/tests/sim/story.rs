//! The history of a run, a line for each thing that happened, for a seed that is looked at closely.

use std::sync::{Arc, Mutex, PoisonError};

use wk_sync::store::model::Instant;

/// Kept apart from the run, so that it is still there when the run has failed. Nothing is written where nobody reads.
#[derive(Debug, Clone, Default)]
pub struct Story(Option<Arc<Mutex<Vec<String>>>>);

impl Story {
    pub fn written() -> Self {
        Self(Some(Arc::default()))
    }

    pub fn tell(&self, now: Instant, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.0 {
            let line = format!("{:>12.3}  {}", now.since_zero().as_secs_f64(), line());
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.0
            .as_ref()
            .map(|lines| lines.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .unwrap_or_default()
    }
}
