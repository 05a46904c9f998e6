//! Why a store could not do what it was asked.

use std::error::Error;
use std::sync::Arc;

use thiserror::Error;
use wk_model::{ClientSeq, Uid};

/// Why a store could not do what it was asked.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("cannot open the store {path}: {why}")]
    Unavailable {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The file is no store of ours. It was left as it is.
    #[error("{path} is not a WuKongIM store: {why}")]
    Foreign {
        /// The file.
        path: String,
        /// What was found instead.
        why: String,
    },
    /// The file was written by a newer version. It was left as it is.
    #[error("the store {path} has schema {found}, this version knows up to {known}")]
    Newer {
        /// The file.
        path: String,
        /// Its schema version.
        found: i64,
        /// The newest schema this version knows.
        known: i64,
    },
    /// The key does not open the file. It was left as it is.
    #[error("{path} cannot be read with this key: it is encrypted with another, or no store")]
    WrongKey {
        /// The file.
        path: String,
    },
    /// A key was given for a file that is not encrypted. It was left as it is.
    #[error("{path} is not encrypted, but a key was given for it")]
    NotEncrypted {
        /// The file.
        path: String,
    },
    /// The store is open already, here or in another process.
    #[error("the store {path} is open already")]
    InUse {
        /// The file.
        path: String,
    },
    /// The store belongs to another user.
    #[error("the store belongs to {owner}, not to {uid}")]
    WrongAccount {
        /// Whose it is.
        owner: Uid,
        /// Who wanted it.
        uid: Uid,
    },
    /// A stored value has no meaning.
    #[error("stored {what} makes no sense: {value}")]
    Corrupt {
        /// What the value should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// A row that was to be changed is not there.
    #[error("there is no message row {0}")]
    NoSuchMessage(ClientSeq),
    /// A change would make two rows share what must be unique.
    #[error("changing message row {0} would duplicate another")]
    Duplicate(ClientSeq),
    /// A number does not fit where it must be kept.
    #[error("{what} {value} is beyond what a store can hold")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// The backend failed.
    #[error("storage failed while it {doing}: {source}")]
    Backend {
        /// What was attempted.
        doing: &'static str,
        /// The backend's own error.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// Wraps a backend's error.
    pub fn backend(doing: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Backend { doing, source: Arc::new(source) }
    }
}
