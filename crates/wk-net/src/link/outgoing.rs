//! The queue of bytes that wait to be written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;

use super::SendError;
use super::pace::Pace;

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
    /// How much of what the writer has taken is not yet written.
    in_flight: usize,
    finished: bool,
    /// Only where the bytes travel in messages.
    pace: Option<Pace>,
}

/// What the writer does next.
pub(super) enum Step {
    Write(Bytes),
    Finish,
}

impl Outgoing {
    pub(super) fn new(limit: usize, pace: Option<Pace>) -> Self {
        let state = Mutex::new(State { pace, ..State::default() });
        Self { shared: Arc::new(Shared { state, changed: Notify::new() }), limit }
    }

    pub(super) fn push(&self, packets: &[u8]) -> Result<(), SendError> {
        let mut state = self.state();
        if state.finished {
            return Err(SendError::Closed);
        }
        let queued = state.waiting.len().saturating_add(state.in_flight);
        if queued.saturating_add(packets.len()) > self.limit {
            return Err(SendError::Full { queued, packet: packets.len(), limit: self.limit });
        }
        state.waiting.extend_from_slice(packets);
        drop(state);
        self.shared.changed.notify_one();
        Ok(())
    }

    /// From now on a message waits for the server to have read the one before it. Nothing where there are no
    /// messages.
    pub(super) fn pace(&self) {
        if let Some(pace) = &mut self.state().pace {
            pace.start();
        }
    }

    /// A PONG has come.
    pub(super) fn pong(&self) {
        if let Some(pace) = &mut self.state().pace {
            pace.pong();
        } else {
            return;
        }
        self.shared.changed.notify_one();
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
            if let Some(step) = self.state().step() {
                return step;
            }
            self.shared.changed.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and every state in between is consistent.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn step(&mut self) -> Option<Step> {
        self.in_flight = 0;
        if self.waiting.is_empty() {
            return self.finished.then_some(Step::Finish);
        }
        let waiting = self.waiting.len();
        let batch = match &mut self.pace {
            None => self.waiting.split(),
            Some(pace) => pace.take(&mut self.waiting)?,
        };
        self.in_flight = waiting - self.waiting.len();
        Some(Step::Write(batch.freeze()))
    }
}
