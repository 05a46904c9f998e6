//! The store: one file, one writer, a reader for each who asks.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use diesel::SqliteConnection;
use wk_store::{Store, StoreError, StoreReader, StoreTx};

use crate::account_files::AccountLock;
use crate::connection::{self, Durability};
#[cfg(feature = "sqlcipher")]
use crate::encryption::EncryptionKey;
use crate::file::Location;
use crate::link::{Link, Reading, View, Writing};

/// The data of one account in a SQLite file (or in memory).
///
/// Transactions and readers do not wait for each other: a reader sees what was committed when it reads. In memory
/// there is only one connection, so there a read waits for the end of the open transaction.
///
/// The file is accompanied by `-wal` and `-shm` files while it is open; they belong to it and must be moved with it.
/// Two stores on one file, even in two processes, take turns in writing.
pub struct SqliteStore {
    writer: Arc<Mutex<Link>>,
    /// Nothing in memory.
    location: Option<Location>,
    /// What keeps others from opening the file.
    lock: Option<Arc<AccountLock>>,
}

impl SqliteStore {
    /// Opens the store at a path, with [`Durability::Normal`]. Where there is no file or an empty one a store is made.
    ///
    /// # Errors
    /// [`StoreError::Foreign`] for what is no store of ours and [`StoreError::Newer`] for a file of a newer version:
    /// both are left as they are. [`StoreError::Unavailable`] if the file cannot be opened or made,
    /// [`StoreError::Backend`] if it cannot be brought up to date.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, Durability::default())
    }

    /// Opens the store at a path.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(path: impl AsRef<Path>, durability: Durability) -> Result<Self, StoreError> {
        Self::open_at(Location::new(path.as_ref())?, durability, None)
    }

    /// Opens the encrypted store at a path. Where there is no file or an empty one an encrypted store is made.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`] for a file that this key does not open, [`StoreError::NotEncrypted`] for a plain one: both
    /// are left as they are. Otherwise as [`SqliteStore::open`].
    #[cfg(feature = "sqlcipher")]
    pub fn open_encrypted(
        path: impl AsRef<Path>,
        durability: Durability,
        key: &EncryptionKey,
    ) -> Result<Self, StoreError> {
        Self::open_at(Location::new(path.as_ref())?.with_key(key.clone()), durability, None)
    }

    /// Encrypts the store anew with another key, all or nothing; the file is written anew for that. Readers that were opened
    /// before cannot read any more.
    ///
    /// # Errors
    /// [`StoreError::NotEncrypted`] for a store that was opened without a key; [`StoreError::Backend`] if SQLite fails, then
    /// the old key still counts.
    #[cfg(feature = "sqlcipher")]
    pub fn change_key(&mut self, key: &EncryptionKey) -> Result<(), StoreError> {
        let Some(location) = self.location.take_if(|location| location.is_encrypted()) else {
            let path = self.location.as_ref().map_or_else(|| ":memory:".into(), Location::display);
            return Err(StoreError::NotEncrypted { path });
        };
        let changed = {
            let mut link = self.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            key.replace(&mut link.connection).map_err(crate::link::failed("changes the key"))
        };
        self.location = Some(if changed.is_ok() { location.with_key(key.clone()) } else { location });
        changed
    }

    /// Opens the store at a location; the lock is held as long as the store or a reader is there.
    pub(crate) fn open_at(
        location: Location,
        durability: Durability,
        lock: Option<Arc<AccountLock>>,
    ) -> Result<Self, StoreError> {
        let connection = connection::open_writer(&location, durability)?;
        Ok(Self { writer: writer(connection, lock.clone()), location: Some(location), lock })
    }

    /// Opens an empty store that ends with its last handle.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if SQLite fails.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = connection::open_memory()?;
        Ok(Self { writer: writer(connection, None), location: None, lock: None })
    }

    pub(crate) const fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    pub(crate) fn link(&self) -> &Mutex<Link> {
        &self.writer
    }
}

/// The connection of the writer.
fn writer(connection: SqliteConnection, lock: Option<Arc<AccountLock>>) -> Arc<Mutex<Link>> {
    Arc::new(Mutex::new(Link::new(connection, lock)))
}

impl Store for SqliteStore {
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError> {
        Ok(Box::new(View(Writing::new(&self.writer))))
    }

    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError> {
        let link = match &self.location {
            Some(location) => {
                let connection = connection::open_reader(location)?;
                Arc::new(Mutex::new(Link::new(connection, self.lock.clone())))
            }
            None => Arc::clone(&self.writer),
        };
        Ok(Box::new(View(Reading(link))))
    }

    /// Brings messages into the index for searches, 500 at a time.
    fn maintain(&mut self) -> Result<bool, StoreError> {
        let mut tx = self.begin()?;
        let left = tx.index_messages(INDEXED_AT_ONCE)?;
        tx.commit()?;
        Ok(left > 0)
    }
}

/// How many messages are indexed in one transaction.
const INDEXED_AT_ONCE: u32 = 500;

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("location", &self.location).finish_non_exhaustive()
    }
}
