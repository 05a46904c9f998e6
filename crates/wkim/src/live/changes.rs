//! What a reader of a list is told.

use std::fmt;
use std::sync::Arc;

use futures_util::stream::{self, Stream};
use tokio::sync::watch;

use super::diff::{Keyed, ListDiff, reconcile};

/// The changes of a list from the moment of the subscription on. A slow reader gets the same list in fewer steps: nothing
/// waits for it, and nothing is lost.
pub struct ListChanges<T> {
    shown: Vec<T>,
    list: watch::Receiver<Arc<Vec<T>>>,
}

/// Shows a list that was read anew. Nobody is woken where it is the same.
pub(super) fn show<T: PartialEq>(list: &watch::Sender<Arc<Vec<T>>>, items: Vec<T>) {
    list.send_if_modified(|shown| {
        let changed = **shown != items;
        if changed {
            *shown = Arc::new(items);
        }
        changed
    });
}

impl<T: Keyed + Clone + PartialEq> ListChanges<T> {
    pub(super) fn of(list: &watch::Sender<Arc<Vec<T>>>) -> (Vec<T>, Self) {
        let mut list = list.subscribe();
        let shown: Vec<T> = list.borrow_and_update().to_vec();
        (shown.clone(), Self { shown, list })
    }

    /// Waits for the next steps. Nothing when the list has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Vec<ListDiff<T>>> {
        loop {
            self.list.changed().await.ok()?;
            let wanted = Arc::clone(&self.list.borrow_and_update());
            let steps = reconcile(&mut self.shown, &wanted);
            if !steps.is_empty() {
                return Some(steps);
            }
        }
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Vec<ListDiff<T>>> + Send + Unpin
    where
        T: Send + Sync,
    {
        Box::pin(stream::unfold(self, async |mut changes| Some((changes.next().await?, changes))))
    }
}

impl<T> fmt::Debug for ListChanges<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListChanges").field("shown", &self.shown.len()).finish_non_exhaustive()
    }
}
