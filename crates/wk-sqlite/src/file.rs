//! What stands at a path before SQLite may touch it: a store, nothing yet, or something else.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{self, Path, PathBuf};

use wk_store::StoreError;

#[cfg(feature = "sqlcipher")]
use crate::encryption::EncryptionKey;
use crate::migrations::SCHEMA_VERSION;

/// Tells our files from other SQLite databases: "WKIM".
pub(crate) const APPLICATION_ID: i32 = 0x574b_494d;

/// Where a store is.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    path: PathBuf,
    /// Absolute, as in a URI.
    uri: String,
    #[cfg(feature = "sqlcipher")]
    key: Option<EncryptionKey>,
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No file, or an empty one: a store can be made.
    Nothing,
    /// A store, as far as its first bytes tell. What is in a write-ahead log is not in them.
    Store { has_log: bool },
}

impl Location {
    pub(crate) fn new(path: &Path) -> Result<Self, StoreError> {
        let not_possible = |error| StoreError::backend("finds the file", error);
        let path = path::absolute(path).map_err(not_possible)?;
        let text = path.to_str().ok_or_else(|| {
            not_possible(io::Error::new(io::ErrorKind::InvalidInput, "the path is not Unicode"))
        })?;
        let uri = format!("file://{}", encode(text));
        Ok(Self {
            path,
            uri,
            #[cfg(feature = "sqlcipher")]
            key: None,
        })
    }

    /// Opens to read and write, and makes the file if it is not there.
    pub(crate) fn writer_uri(&self) -> String {
        format!("{}?mode=rwc", self.uri)
    }

    /// Opens only to read.
    pub(crate) fn reader_uri(&self) -> String {
        format!("{}?mode=ro", self.uri)
    }

    /// The path, for errors.
    pub(crate) fn display(&self) -> String {
        self.path.display().to_string()
    }

    /// The error for what cannot be opened or made.
    pub(crate) fn unavailable(&self, error: impl ToString) -> StoreError {
        StoreError::Unavailable { path: self.display(), why: error.to_string() }
    }

    /// The same place, with an encrypted store.
    #[cfg(feature = "sqlcipher")]
    pub(crate) fn with_key(self, key: EncryptionKey) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The key of an encrypted store.
    #[cfg(feature = "sqlcipher")]
    pub(crate) const fn key(&self) -> Option<&EncryptionKey> {
        self.key.as_ref()
    }

    /// Whether the file is, or is to be, encrypted.
    pub(crate) const fn is_encrypted(&self) -> bool {
        #[cfg(feature = "sqlcipher")]
        return self.key.is_some();
        #[cfg(not(feature = "sqlcipher"))]
        return false;
    }

    /// The error for a key that does not open the file.
    #[cfg(feature = "sqlcipher")]
    pub(crate) fn wrong_key(&self) -> StoreError {
        StoreError::WrongKey { path: self.display() }
    }

    /// The error for what is no store.
    pub(crate) fn foreign(&self, why: impl Into<String>) -> StoreError {
        StoreError::Foreign { path: self.display(), why: why.into() }
    }

    /// The error for what a newer version wrote.
    pub(crate) fn newer(&self, found: i64) -> StoreError {
        StoreError::Newer { path: self.display(), found, known: SCHEMA_VERSION }
    }

    /// Reads the first bytes. SQLite itself would write to a file while it looks (recovery, checkpoints), so only
    /// what passes here is opened with it.
    pub(crate) fn inspect(&self) -> Result<Found, StoreError> {
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(self.unavailable(error)),
        };
        if metadata.is_dir() {
            return Err(self.foreign("it is a directory"));
        }
        if !metadata.is_file() {
            return Err(self.foreign("it is no regular file"));
        }
        if metadata.len() == 0 {
            return Ok(Found::Nothing);
        }
        let mut bytes = Vec::new();
        File::open(&self.path)
            .and_then(|file| file.take(HEADER_LEN).read_to_end(&mut bytes))
            .map_err(|error| self.unavailable(error))?;
        let header = Header::parse(&bytes);
        if self.is_encrypted() {
            // Nothing of an encrypted file can be read here: the connection looks at the rest.
            return match header {
                Some(_) => Err(StoreError::NotEncrypted { path: self.display() }),
                None => Ok(Found::Store { has_log: true }),
            };
        }
        let header = header
            .ok_or_else(|| self.foreign("it is no SQLite database, or an encrypted one without its key"))?;
        if header.application_id != APPLICATION_ID {
            return Err(self.foreign(format!(
                "it is a SQLite database with application id {:#010x}",
                header.application_id
            )));
        }
        if header.user_version > SCHEMA_VERSION {
            return Err(self.newer(header.user_version));
        }
        // Pages that are missing here may be in the log, so this is certain only without one.
        let has_log = self.has_log();
        if !has_log && header.file_len() > metadata.len() {
            let (is, should) = (metadata.len(), header.file_len());
            return Err(self.foreign(format!("it was cut off: {is} of {should} bytes are left")));
        }
        Ok(Found::Store { has_log })
    }

    fn has_log(&self) -> bool {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0)
    }
}

/// What the header of a SQLite file says, as far as it matters here (<https://sqlite.org/fileformat2.html#the_database_header>).
#[derive(Debug, PartialEq, Eq)]
struct Header {
    page_size: u64,
    pages: u64,
    user_version: i64,
    application_id: i32,
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        if !bytes.starts_with(b"SQLite format 3\0") || (bytes.len() as u64) < HEADER_LEN {
            return None;
        }
        let word = |at: usize| bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word));
        let page_size = bytes.get(16..)?.first_chunk().map(|size| u16::from_be_bytes(*size))?;
        // The number of pages counts only if it was written together with the change counter.
        let pages = if word(24)? == word(92)? { word(28)? } else { 0 };
        Some(Self {
            page_size: if page_size == 1 { 65_536 } else { u64::from(page_size) },
            pages: u64::from(pages),
            user_version: i64::from(word(60)?.cast_signed()),
            application_id: word(68)?.cast_signed(),
        })
    }

    const fn file_len(&self) -> u64 {
        self.page_size * self.pages
    }
}

/// The path of a `file:` URI, with everything encoded that means something in one.
fn encode(path: &str) -> String {
    let path = if cfg!(windows) { format!("/{}", path.replace('\\', "/")) } else { path.to_owned() };
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

const HEADER_LEN: u64 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded() {
        assert_eq!(
            encode("/a b/ü?mode=memory#%.db").trim_start_matches('/'),
            "a%20b/%C3%BC%3Fmode%3Dmemory%23%25.db"
        );
    }

    #[test]
    fn a_header_is_read_and_short_or_other_bytes_are_none() {
        let mut bytes = b"SQLite format 3\0".to_vec();
        bytes.resize(100, 0);
        bytes[16..18].copy_from_slice(&1u16.to_be_bytes());
        bytes[28..32].copy_from_slice(&7u32.to_be_bytes());
        bytes[60..64].copy_from_slice(&3u32.to_be_bytes());
        bytes[68..72].copy_from_slice(b"WKIM");
        let header = Header { page_size: 65_536, pages: 7, user_version: 3, application_id: APPLICATION_ID };
        assert_eq!(header.file_len(), 458_752);
        assert_eq!(Header::parse(&bytes), Some(header));
        bytes[24] = 1;
        assert_eq!(Header::parse(&bytes).unwrap().pages, 0);
        assert_eq!(Header::parse(&bytes[..99]), None);
        bytes[3] = b'!';
        assert_eq!(Header::parse(&bytes), None);
        assert_eq!(Header::parse(b""), None);
    }
}
