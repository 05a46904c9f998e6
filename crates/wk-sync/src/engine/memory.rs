//! How much an engine holds in memory, counted.

use crate::engine::Engine;

/// What an [`Engine`] holds in memory. None of it grows with the length of a history: rows stay in the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineMemory {
    /// Channels whose coverage is at hand.
    pub channels: usize,
    /// The ranges of that coverage.
    pub ranges: usize,
    /// Conversations at hand.
    pub conversations: usize,
    /// Messages that wait to be sent, without their payloads.
    pub waiting_to_be_sent: usize,
    /// SENDs without an answer, overdue ones included.
    pub unanswered: usize,
    /// Questions that are with the data source.
    pub questions: usize,
    /// Pages that wait for one.
    pub pages: usize,
    /// Outputs that were not taken.
    pub outputs: usize,
}

impl Engine {
    /// Counts what is held in memory.
    pub fn memory(&self) -> EngineMemory {
        let (channels, ranges) = self.core.logs.held();
        let (waiting_to_be_sent, unanswered) = self.outbox.held();
        EngineMemory {
            channels,
            ranges,
            conversations: self.core.conversations.len(),
            waiting_to_be_sent,
            unanswered,
            questions: self.core.jobs.held(),
            pages: self.history.held(),
            outputs: self.core.out.len(),
        }
    }
}
