//! Care of a file: its size, giving room back, and copies of it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::PoisonError;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use wk_store::StoreError;

use crate::SqliteStore;
use crate::connection::open_copier;
use crate::file::Location;
use crate::link::failed;

impl SqliteStore {
    /// How many bytes the store takes, without the log of what is not written back yet.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if SQLite fails.
    pub fn size(&self) -> Result<u64, StoreError> {
        let mut link = self.link().lock().unwrap_or_else(PoisonError::into_inner);
        let size: Size = diesel::sql_query(
            "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
        )
        .get_result(&mut link.connection)
        .map_err(failed("asks for the size"))?;
        u64::try_from(size.bytes)
            .map_err(|_| StoreError::Corrupt { what: "size", value: size.bytes.to_string() })
    }

    /// Gives the room of what was deleted back, and puts what belongs together side by side. The file is written anew
    /// for that, which needs as much room again for the time it takes: seconds for a large one, and nobody can write
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if SQLite fails, for instance because the disk is full; then nothing has changed.
    pub fn vacuum(&mut self) -> Result<(), StoreError> {
        let mut link = self.link().lock().unwrap_or_else(PoisonError::into_inner);
        link.connection
            .batch_execute(
                "INSERT INTO search (search) VALUES ('optimize'); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
            )
            .map_err(failed("gives room back"))
    }

    /// Writes a copy of the store to a new file, as it is at one moment, while others may read and write. The copy is
    /// a store of its own and needs no other file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if something is at the path already or nothing can be written there;
    /// [`StoreError::Backend`] if SQLite fails.
    pub fn export(&self, path: impl AsRef<Path>) -> Result<(), StoreError> {
        let copy = Location::new(path.as_ref())?;
        // Makes the file, and only if there is none.
        let file = File::create_new(path.as_ref()).map_err(|error| copy.unavailable(error))?;
        let written =
            self.copy_into(&copy).and_then(|()| file.sync_all().map_err(|error| copy.unavailable(error)));
        if written.is_err() {
            // Half a copy is worse than none; the error that is given is the cause of what may fail here.
            let _ = fs::remove_file(path.as_ref());
        }
        written
    }

    fn copy_into(&self, copy: &Location) -> Result<(), StoreError> {
        let into = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(copy.writer_uri());
        let written = match self.location() {
            Some(location) => into.execute(&mut open_copier(location)?),
            None => {
                let mut link = self.link().lock().unwrap_or_else(PoisonError::into_inner);
                into.execute(&mut link.connection)
            }
        };
        written.map(|_| ()).map_err(failed("writes a copy"))
    }
}

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}
