//! Which messages of whom arrived how often.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Client `i` sends to client `i + 1` messages that are numbered from 0.
pub(super) struct Tally {
    rows: Vec<Mutex<Row>>,
    received: AtomicU64,
    refused: AtomicU64,
}

/// What one client has sent, and how often each of it arrived.
#[derive(Default)]
struct Row {
    sent: usize,
    arrived: Vec<u8>,
}

pub(super) struct Verdict {
    pub(super) sent: usize,
    pub(super) received: u64,
    pub(super) lost: usize,
    pub(super) doubled: usize,
    pub(super) refused: u64,
}

impl Tally {
    pub(super) fn new(clients: u32) -> Self {
        let rows = (0..clients).map(|_| Mutex::default()).collect();
        Self { rows, received: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }

    fn with<T>(&self, sender: usize, use_row: impl FnOnce(&mut Row) -> T) -> Option<T> {
        let row = self.rows.get(sender)?;
        Some(use_row(&mut row.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The number of the next message of a sender.
    pub(super) fn next_number(&self, sender: usize) -> usize {
        let number = self.with(sender, |row| {
            row.sent += 1;
            row.sent - 1
        });
        number.unwrap_or_default()
    }

    pub(super) fn arrived(&self, sender: usize, number: usize) {
        self.received.fetch_add(1, Ordering::Relaxed);
        self.with(sender, |row| {
            if row.arrived.len() <= number {
                row.arrived.resize(number + 1, 0);
            }
            if let Some(times) = row.arrived.get_mut(number) {
                *times = times.saturating_add(1);
            }
        });
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Waits until nothing is missing.
    pub(super) async fn all_received(&self) {
        while self.verdict().lost > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let (mut sent, mut lost, mut doubled) = (0, 0, 0);
        for sender in 0..self.rows.len() {
            self.with(sender, |row| {
                sent += row.sent;
                lost += row.sent - row.arrived.iter().filter(|times| **times > 0).count().min(row.sent);
                doubled += row.arrived.iter().filter(|times| **times > 1).count();
            });
        }
        Verdict {
            sent,
            received: self.received(),
            lost,
            doubled,
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_and_doubled_are_counted() {
        let tally = Tally::new(2);
        for expected in 0..3 {
            assert_eq!(tally.next_number(0), expected);
        }
        tally.arrived(0, 0);
        tally.arrived(0, 2);
        tally.arrived(0, 2);
        let verdict = tally.verdict();
        assert_eq!((verdict.sent, verdict.received, verdict.lost, verdict.doubled), (3, 3, 1, 1));
    }
}
