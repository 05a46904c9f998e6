//! SQLite passes the suite of wk-store, in a file and in memory.
#![allow(clippy::unwrap_used)]

use tempfile::TempDir;
use wk_sqlite::SqliteStore;
use wk_sqlite::store::{Store, StoreError, StoreReader, StoreTx};

/// A store and the directory that it needs.
struct InFile(SqliteStore, #[allow(dead_code, reason = "removes the directory when dropped")] TempDir);

impl Store for InFile {
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError> {
        self.0.begin()
    }

    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError> {
        self.0.reader()
    }
}

fn in_file() -> InFile {
    let directory = tempfile::tempdir().unwrap();
    InFile(SqliteStore::open(directory.path().join("wk.db")).unwrap(), directory)
}

mod file {
    wk_store::store_suite!(super::super::in_file);
}

mod memory {
    wk_store::store_suite!(|| wk_sqlite::SqliteStore::in_memory().unwrap());
}

#[cfg(feature = "sqlcipher")]
mod encrypted {
    use super::*;

    fn in_encrypted_file() -> InFile {
        let directory = tempfile::tempdir().unwrap();
        let key = wk_sqlite::EncryptionKey::new([7; 32]);
        let path = directory.path().join("wk.db");
        InFile(SqliteStore::open_encrypted(path, wk_sqlite::Durability::Normal, &key).unwrap(), directory)
    }

    mod suite {
        wk_store::store_suite!(super::super::in_encrypted_file);
    }
}
