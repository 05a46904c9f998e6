//! A connection with what it remembers, and the two ways to use it: a reader and the open transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::result::Error;
use wk_store::{StoreError, StoreTx};

use crate::account_files::AccountLock;
use crate::deferred::Deferred;
use crate::message_extra::NewestExtra;
use crate::names::Names;

/// A connection with what it remembers.
pub(crate) struct Link {
    pub(crate) connection: SqliteConnection,
    pub(crate) names: Names,
    /// What the open transaction has still to write.
    pub(crate) deferred: Deferred,
    /// What the open transaction knows of the newest message to which anything happened.
    pub(crate) newest_extra: NewestExtra,
    /// What keeps others from opening the file, released after the connection is closed.
    _lock: Option<Arc<AccountLock>>,
}

impl Link {
    pub(crate) fn new(connection: SqliteConnection, lock: Option<Arc<AccountLock>>) -> Self {
        let (names, deferred, newest_extra) = (Names::default(), Deferred::default(), NewestExtra::default());
        Self { connection, names, deferred, newest_extra, _lock: lock }
    }

    /// Runs several statements on one state of the file: in a transaction of their own, or within the open one.
    pub(crate) fn snapshot<R>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        AnsiTransactionManager::begin_transaction(&mut self.connection).map_err(failed("begins to read"))?;
        match work(self) {
            Ok(result) => {
                AnsiTransactionManager::commit_transaction(&mut self.connection)
                    .map_err(failed("commits"))?;
                Ok(result)
            }
            Err(error) => {
                // The error that is given is the cause of what may fail here.
                let _ = AnsiTransactionManager::rollback_transaction(&mut self.connection);
                Err(error)
            }
        }
    }
}

/// What the store's traits are implemented on: the read traits for any access, the write traits for [`Writing`].
pub(crate) struct View<A>(pub(crate) A);

/// A way to use a connection.
pub(crate) trait Access {
    /// Whether nobody else writes as long as this is held.
    const WRITES_ALONE: bool;

    fn with<R>(&mut self, work: impl FnOnce(&mut Link) -> Result<R, StoreError>) -> Result<R, StoreError>;
}

/// Reading between transactions. Each method of the read traits reads its rows in one statement or in a snapshot, so
/// it sees one state; names, which it may look up after that, never change.
pub(crate) struct Reading(pub(crate) Arc<Mutex<Link>>);

impl Access for Reading {
    const WRITES_ALONE: bool = false;

    fn with<R>(&mut self, work: impl FnOnce(&mut Link) -> Result<R, StoreError>) -> Result<R, StoreError> {
        work(&mut lock(&self.0))
    }
}

/// The open transaction. SQLite hears of it at the first read or write.
pub(crate) struct Writing<'a> {
    link: MutexGuard<'a, Link>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unopened,
    Open,
    /// Something failed: SQLite may have undone a part or everything, so nothing may follow.
    Spoilt,
    Over,
}

impl<'a> Writing<'a> {
    pub(crate) fn new(link: &'a Mutex<Link>) -> Self {
        Self { link: lock(link), state: State::Unopened }
    }

    fn roll_back(&mut self) {
        if matches!(self.state, State::Open | State::Spoilt) {
            // After a failure SQLite may have rolled back itself. If the connection is not usable after this, the
            // next BEGIN says so.
            let _ = AnsiTransactionManager::rollback_transaction(&mut self.link.connection);
            self.link.names.rolled_back();
            self.link.deferred.rolled_back();
        }
        self.state = State::Over;
    }
}

impl Access for Writing<'_> {
    const WRITES_ALONE: bool = true;

    fn with<R>(&mut self, work: impl FnOnce(&mut Link) -> Result<R, StoreError>) -> Result<R, StoreError> {
        match self.state {
            State::Unopened => {
                // IMMEDIATE: what is read here stays true until the commit, even if another process has the file.
                AnsiTransactionManager::begin_transaction_sql(&mut self.link.connection, "BEGIN IMMEDIATE")
                    .map_err(failed("begins a transaction"))?;
                self.link.newest_extra = NewestExtra::default();
                self.state = State::Open;
            }
            State::Open => {}
            State::Spoilt | State::Over => {
                return Err(StoreError::backend("goes on after a failure", Spoilt));
            }
        }
        let result = work(&mut self.link);
        if let Err(StoreError::Backend { .. }) = result {
            self.state = State::Spoilt;
        }
        result
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.roll_back();
    }
}

impl StoreTx for View<Writing<'_>> {
    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let writing = &mut self.0;
        match writing.state {
            State::Unopened => Ok(()),
            State::Open => {
                writing.link.write_deferred()?;
                AnsiTransactionManager::commit_transaction(&mut writing.link.connection)
                    .map_err(failed("commits"))?;
                writing.link.names.committed();
                writing.state = State::Over;
                Ok(())
            }
            State::Spoilt | State::Over => Err(StoreError::backend("commits after a failure", Spoilt)),
        }
    }
}

/// A failure before spoilt the transaction.
#[derive(Debug, thiserror::Error)]
#[error("the transaction was spoilt by an earlier failure")]
struct Spoilt;

/// Wraps an error of diesel.
pub(crate) fn failed(doing: &'static str) -> impl FnOnce(Error) -> StoreError {
    move |source| StoreError::backend(doing, source)
}

/// A panic while the lock was held leaves no open transaction: unwinding drops [`Writing`], which rolls back.
fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use wk_store::model::Message;
    use wk_store::{Insert, Store};
    use wk_testing::{MessageFactory, bob, group};

    use super::*;
    use crate::SqliteStore;

    /// A full disk ends SQLite's own transaction in the middle: what follows must not be committed on its own.
    #[test]
    fn nothing_of_a_transaction_that_met_a_full_disk_remains() {
        let mut store = SqliteStore::in_memory().unwrap();
        let factory = MessageFactory::new(group(), bob());
        let large = |seq| Message { payload: vec![0; 100_000].into(), ..factory.server(seq) };
        store.link().lock().unwrap().connection.batch_execute("PRAGMA max_page_count = 200").unwrap();
        let mut tx = store.begin().unwrap();
        let mut failures = 0;
        for seq in 1..=20 {
            failures += usize::from(tx.insert_message(&large(seq)).is_err());
        }
        // The first fills the disk, and no other is tried.
        assert!((1..20).contains(&failures), "{failures}");
        assert!(matches!(tx.message_by_id(large(1).message_id), Err(StoreError::Backend { .. })));
        assert!(matches!(tx.commit(), Err(StoreError::Backend { .. })));
        store.link().lock().unwrap().connection.batch_execute("PRAGMA max_page_count = 100000").unwrap();
        let mut tx = store.begin().unwrap();
        for seq in 1..=20 {
            assert_eq!(tx.message_by_id(large(seq).message_id).unwrap(), None);
            assert!(matches!(tx.insert_message(&large(seq)).unwrap(), Insert::Inserted(_)));
        }
        tx.commit().unwrap();
    }
}
