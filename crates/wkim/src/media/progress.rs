//! How far uploads are: a board that uploaders write to and user interfaces watch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;
use wk_sync::store::model::ClientSeq;

/// How far an upload is, in bytes or whatever its uploader counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UploadProgress {
    /// How much is done.
    pub done: u64,
    /// How much there is, 0 where that is not known.
    pub total: u64,
}

impl UploadProgress {
    /// So much of so much.
    pub const fn new(done: u64, total: u64) -> Self {
        Self { done, total }
    }

    /// From 0 to 1; 0 where it is not known how much there is.
    #[allow(clippy::cast_precision_loss, reason = "a bar on a screen")]
    pub fn fraction(&self) -> f64 {
        if self.total == 0 { 0.0 } else { self.done.min(self.total) as f64 / self.total as f64 }
    }
}

pub(super) type Meter = watch::Sender<UploadProgress>;

/// The meters of the uploads that run or are watched. Nothing of it is kept for longer than that.
#[derive(Debug, Default)]
pub(crate) struct Board(Mutex<HashMap<ClientSeq, Weak<Meter>>>);

impl Board {
    /// The meter of an upload, for as long as somebody holds it.
    pub(super) fn meter(&self, row: ClientSeq) -> Arc<Meter> {
        let mut meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = meters.get(&row).and_then(Weak::upgrade) {
            return meter;
        }
        meters.retain(|_, meter| meter.strong_count() > 0);
        let meter = Arc::new(Meter::new(UploadProgress::default()));
        meters.insert(row, Arc::downgrade(&meter));
        meter
    }

    /// What the meter of an upload says, if somebody holds it.
    pub(super) fn current(&self, row: ClientSeq) -> Option<UploadProgress> {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.get(&row).and_then(Weak::upgrade).map(|meter| *meter.borrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_between_0_and_1() {
        let fractions =
            [(0, 0), (5, 0), (1, 4), (9, 4)].map(|(done, total)| UploadProgress::new(done, total));
        assert_eq!(fractions.map(|progress| progress.fraction()), [0.0, 0.0, 0.25, 1.0]);
    }

    #[test]
    fn the_board_forgets_what_nobody_holds() {
        let board = Board::default();
        let rows = [1, 2].map(ClientSeq::new);
        let [first, second] = rows.map(|row| board.meter(row));
        first.send_replace(UploadProgress::new(1, 2));
        assert_eq!(board.current(rows[0]), Some(UploadProgress::new(1, 2)));
        assert!(Arc::ptr_eq(&second, &board.meter(rows[1])));
        drop((first, second));
        assert_eq!(rows.map(|row| board.current(row)), [None, None]);
        let _third = board.meter(ClientSeq::new(3));
        assert_eq!(board.0.lock().unwrap().len(), 1);
    }
}
