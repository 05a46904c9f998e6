//! The queue of bytes that wait to be written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

use super::SendError;

/// Packets wait as one run of bytes: whatever has gathered is written at once, and copying a packet costs less than
/// handing it over. Cloning shares the queue.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    shared: Arc<Shared>,
    limit: usize,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: BytesMut,
    /// What the writer has taken and not yet written.
    in_flight: usize,
    finished: bool,
}

/// What the writer does next.
pub(super) enum Step {
    Write(Bytes),
    Finish,
}

impl Outgoing {
    pub(super) fn new(limit: usize) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), changed: Notify::new() }), limit }
    }

    pub(super) fn push(&self, packet: &[u8]) -> Result<(), SendError> {
        let mut state = self.state();
        if state.finished {
            return Err(SendError::Closed);
        }
        let queued = state.waiting.len().saturating_add(state.in_flight);
        if queued.saturating_add(packet.len()) > self.limit {
            return Err(SendError::Full { queued, packet: packet.len(), limit: self.limit });
        }
        state.waiting.extend_from_slice(packet);
        drop(state);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// Takes no more packets; the writer finishes once the queue is empty.
    pub(super) fn finish(&self) {
        self.state().finished = true;
        self.shared.changed.notify_one();
    }

    /// How many bytes are not written.
    pub(super) fn unwritten(&self) -> usize {
        let state = self.state();
        state.waiting.len().saturating_add(state.in_flight)
    }

    /// Waits for something to do; what was taken before counts as written. For one writer.
    pub(super) async fn next_step(&self) -> Step {
        loop {
            {
                let mut state = self.state();
                state.in_flight = 0;
                if !state.waiting.is_empty() {
                    let batch = state.waiting.split().freeze();
                    state.in_flight = batch.len();
                    return Step::Write(batch);
                }
                if state.finished {
                    return Step::Finish;
                }
            }
            self.shared.changed.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and every state in between is consistent.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
