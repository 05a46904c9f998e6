//! A folder with one store per account: names of files for any uid, and one opening at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wk_store::StoreError;
use wk_store::model::Uid;

use crate::file::Location;
use crate::{Durability, SqliteStore};

/// A folder with one store per account.
///
/// The files of an account have one name: up to 32 characters of the uid for people to read (ASCII letters in lower
/// case, digits, `_` for everything else), `-`, and the 128 bits of the FNV-1a hash of the uid's UTF-8 bytes in
/// hexadecimal. So any uid gives a valid name on any file system, and uids that differ only in case or in characters
/// that file names lack have different ones. The names are stable: later versions find the files of this one.
///
/// | file | |
/// |---|---|
/// | `<name>.db` | the store, while it is open with `-wal` and `-shm` |
/// | `<name>.uid` | the uid |
/// | `<name>.lock` | locked while the account is open; it stays when the account is deleted |
#[derive(Debug, Clone)]
pub struct AccountFiles {
    folder: PathBuf,
}

impl AccountFiles {
    /// The accounts in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is no folder and none can be made.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| unavailable(&folder, error))?;
        Ok(Self { folder })
    }

    /// Where the store of an account is or would be.
    pub fn path(&self, uid: &Uid) -> PathBuf {
        self.file(uid, "db")
    }

    /// Opens the store of an account, or makes it. As long as the store or a reader of it is there, no other can open
    /// it, in this process or another; the end of a process, however sudden, ends that.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if it is open already, [`StoreError::WrongAccount`] in the all but impossible case that
    /// another uid has the same name of files, and those of [`SqliteStore::open`].
    pub fn open(&self, uid: &Uid, durability: Durability) -> Result<SqliteStore, StoreError> {
        self.open_at(uid, durability, Location::new(&self.path(uid))?)
    }

    /// Opens the encrypted store of an account, or makes it, as [`AccountFiles::open`] does. The file names are not
    /// encrypted, nor is the file with the uid.
    ///
    /// # Errors
    /// Those of [`AccountFiles::open`] and of [`SqliteStore::open_encrypted`].
    #[cfg(feature = "sqlcipher")]
    pub fn open_encrypted(
        &self,
        uid: &Uid,
        durability: Durability,
        key: &crate::EncryptionKey,
    ) -> Result<SqliteStore, StoreError> {
        self.open_at(uid, durability, Location::new(&self.path(uid))?.with_key(key.clone()))
    }

    fn open_at(
        &self,
        uid: &Uid,
        durability: Durability,
        location: Location,
    ) -> Result<SqliteStore, StoreError> {
        let lock = self.lock(uid)?;
        let named = self.file(uid, "uid");
        match fs::read_to_string(&named) {
            Ok(owner) if owner == uid.as_str() => {}
            Ok(owner) => return Err(StoreError::WrongAccount { owner: Uid::from(owner), uid: uid.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Whole or not at all, and before the store, so that no store is without its uid.
                let unfinished = self.file(uid, "tmp");
                fs::write(&unfinished, uid.as_str())
                    .and_then(|()| fs::rename(&unfinished, &named))
                    .map_err(|error| unavailable(&named, error))?;
            }
            Err(error) => return Err(unavailable(&named, error)),
        }
        SqliteStore::open_at(location, durability, Some(Arc::new(lock)))
    }

    /// The accounts that have a store, sorted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Uid>, StoreError> {
        let mut uids = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|error| unavailable(&self.folder, error))? {
            let path = entry.map_err(|error| unavailable(&self.folder, error))?.path();
            if path.extension().is_none_or(|extension| extension != "uid") {
                continue;
            }
            // What is no text, or not under its own name, is none of ours.
            let Ok(uid) = fs::read_to_string(&path).map(Uid::from) else { continue };
            if path == self.file(&uid, "uid") && self.path(&uid).is_file() {
                uids.push(uid);
            }
        }
        uids.sort();
        Ok(uids)
    }

    /// How many bytes the files of an account take, 0 if it has none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the folder cannot be read.
    pub fn size(&self, uid: &Uid) -> Result<u64, StoreError> {
        let sizes = DATA.iter().map(|extension| {
            let path = self.file(uid, extension);
            match fs::metadata(&path) {
                Ok(metadata) => Ok(metadata.len()),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
                Err(error) => Err(unavailable(&path, error)),
            }
        });
        sizes.sum()
    }

    /// Deletes everything of an account; says whether it had a store.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if it is open; [`StoreError::Unavailable`] if a file cannot be deleted.
    pub fn delete(&self, uid: &Uid) -> Result<bool, StoreError> {
        let _lock = self.lock(uid)?;
        let was_there = self.path(uid).is_file();
        // The log first: a store can do without it, but a new store must not meet the log of an old one.
        for extension in DATA {
            let path = self.file(uid, extension);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(unavailable(&path, error)),
                _ => {}
            }
        }
        Ok(was_there)
    }

    fn lock(&self, uid: &Uid) -> Result<AccountLock, StoreError> {
        let path = self.file(uid, "lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| unavailable(&path, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(AccountLock(lock)),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::InUse { path: self.path(uid).display().to_string() })
            }
            Err(TryLockError::Error(error)) => Err(unavailable(&path, error)),
        }
    }

    fn file(&self, uid: &Uid, extension: &str) -> PathBuf {
        self.folder.join(format!("{}.{extension}", file_name(uid)))
    }
}

/// A locked file. It is unlocked by hand: closing it is not enough while the program starts another process, which has
/// the file open too for a moment.
#[derive(Debug)]
pub(crate) struct AccountLock(File);

impl Drop for AccountLock {
    fn drop(&mut self) {
        // If this fails, closing the file still ends the lock.
        let _ = self.0.unlock();
    }
}

/// All that an account has but its lock, in the order in which it is deleted.
const DATA: [&str; 5] = ["db-wal", "db-shm", "db", "tmp", "uid"];

/// The name that the files of an account share.
fn file_name(uid: &Uid) -> String {
    let readable = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let prefix: String = uid.as_str().chars().take(READABLE).map(readable).collect();
    let hash =
        uid.as_str().bytes().fold(FNV_OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(FNV_PRIME));
    format!("{prefix}-{hash:032x}")
}

fn unavailable(path: &Path, error: io::Error) -> StoreError {
    StoreError::Unavailable { path: path.display().to_string(), why: error.to_string() }
}

/// How many characters of a uid people can read in the name of its files.
const READABLE: usize = 32;

// The parameters of FNV-1a with 128 bits (RFC 9923).
const FNV_OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const FNV_PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored files have these names: they must never change.
    #[test]
    fn names_are_stable() {
        for (uid, name) in [
            ("", "-6c62272e07bb014262b821756295c58d"),
            ("a", "a-d228cb696f1a8caf78912b704e4a8964"),
            ("A", "a-d228cb694f1a8caf78912b704e4a6204"),
            ("阿丽", "__-424dcb26af3c64bf6d39d70d5a95dd58"),
        ] {
            assert_eq!(file_name(&Uid::new(uid)), name);
        }
        assert!(file_name(&Uid::new("../../x")).starts_with("______x-"));
        assert!(file_name(&Uid::new("C:\\a b")).starts_with("c__a_b-"));
    }

    #[test]
    fn names_are_short_and_plain_whatever_the_uid() {
        for uid in ["阿丽", "\0", "CON", "a\u{301}", &"x".repeat(10_000), "👩‍👩‍👧", "/", "..", "-rf"]
        {
            let name = file_name(&Uid::new(uid));
            assert!(name.len() <= READABLE + 33, "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b)));
        }
    }
}
