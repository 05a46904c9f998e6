//! A store in memory: for bots, for tests, and the reference for every backend.

mod account;
mod channel;
mod command_seen;
mod conversation;
mod conversation_extra;
mod conversation_query;
mod coverage;
mod cursor;
mod member;
mod message;
mod message_extra;
mod message_local;
mod message_query;
mod outbox;
mod pending_action;
mod pinned_message;
mod reaction;
mod receipt;
mod reminder;
mod robot;
mod search;
mod server;
mod state;
mod table;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::state::{State, Undo};
use crate::{Store, StoreError, StoreReader, StoreTx};

/// A store in memory. Clones share the data, so a clone that outlives a client is what a disk is to a process.
///
/// An open transaction holds the only lock: readers wait for its end.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError> {
        Ok(Box::new(View(Writing { state: lock(&self.state), undo: Vec::new() })))
    }

    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError> {
        Ok(Box::new(View(Arc::clone(&self.state))))
    }
}

/// What the traits are implemented on: the read traits for any access, the write traits for [`Writing`].
struct View<A>(A);

/// A way to look at the state.
trait Access {
    fn read<R>(&mut self, look: impl FnOnce(&State) -> R) -> R;
}

impl Access for Arc<Mutex<State>> {
    fn read<R>(&mut self, look: impl FnOnce(&State) -> R) -> R {
        look(&lock(self))
    }
}

/// An open transaction: it changes the state in place and notes how to take each change back.
struct Writing<'a> {
    state: MutexGuard<'a, State>,
    undo: Vec<Undo>,
}

impl Access for Writing<'_> {
    fn read<R>(&mut self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            self.state.take_back(undo);
        }
    }
}

impl StoreTx for View<Writing<'_>> {
    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.0.undo.clear();
        Ok(())
    }
}

/// A panic while the lock was held leaves no half transaction: unwinding drops [`Writing`], which takes it back.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
