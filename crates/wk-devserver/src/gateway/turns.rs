//! The SENDs of a v3 connection, taken one after the other: the first one to a channel takes its time, and a batch has a deadline.

use std::collections::VecDeque;

use tokio::time::Instant;
use wkproto::Frame;

use crate::config::Timings;

/// How many of those that wait v3 takes at once.
const BATCH: usize = 128;

/// What has not had its turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    waiting: VecDeque<Frame>,
    /// How many at the front were taken together, and until when they have to be handled.
    batch: usize,
    deadline: Option<Instant>,
    /// When the channel of the first one will be there.
    ready: Option<Instant>,
}

/// What becomes of the next one.
pub(super) enum Turn {
    Handle(Frame),
    /// Its batch took too long.
    Refuse(Frame),
}

impl Turns {
    pub(super) fn add(&mut self, frames: impl IntoIterator<Item = Frame>) {
        self.waiting.extend(frames);
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        self.ready.into_iter().chain(self.deadline).min()
    }

    /// Takes the next one; nothing while its channel begins.
    pub(super) fn next(
        &mut self,
        now: Instant,
        timings: &Timings,
        is_first: impl FnOnce(&Frame) -> bool,
    ) -> Option<Turn> {
        let front = self.waiting.front()?;
        let deadline = *self.deadline.get_or_insert_with(|| now + timings.send_deadline);
        if self.batch == 0 {
            self.batch = self.waiting.len().min(BATCH);
        }
        let is_late = deadline <= now;
        if !is_late {
            if self.ready.is_none() && is_first(front) {
                self.ready = Some(now + timings.first_send);
            }
            if self.ready.is_some_and(|ready| now < ready) {
                return None;
            }
        }
        let frame = self.waiting.pop_front()?;
        self.ready = None;
        self.batch -= 1;
        if self.batch == 0 {
            self.deadline = None;
        }
        Some(if is_late { Turn::Refuse(frame) } else { Turn::Handle(frame) })
    }
}
