//! WuKongIM storage on SQLite: one file per account.
//!
//! [`SqliteStore`] implements the traits of [`wk_store`]. It stores and finds; it takes no decision about messages.
//!
//! ```
//! use wk_sqlite::SqliteStore;
//! use wk_sqlite::store::Store;
//!
//! let mut store = SqliteStore::in_memory()?;
//! let tx = store.begin()?;
//! tx.commit()?;
//! # Ok::<(), wk_sqlite::store::StoreError>(())
//! ```
//!
//! # Encryption at rest
//!
//! With the feature `sqlcipher` a store can be encrypted: `SqliteStore::open_encrypted` and
//! `AccountFiles::open_encrypted` take an `EncryptionKey`. The feature builds SQLCipher in place of SQLite and needs
//! OpenSSL with its headers (`libssl-dev`, `OPENSSL_DIR`); its tests run with
//! `cargo test -p wk-sqlite --features sqlcipher`. Without the feature nothing of this is built.

mod account;
mod account_files;
mod channel;
mod command_seen;
mod connection;
mod conversation;
mod conversation_extra;
mod conversation_query;
mod coverage;
mod cursor;
mod deferred;
#[cfg(feature = "sqlcipher")]
mod encryption;
mod file;
mod fixed;
mod link;
mod maintenance;
mod member;
mod message;
mod message_extra;
mod message_local;
mod migrations;
mod names;
#[cfg(test)]
mod noun_statement_tests;
mod number;
mod outbox;
mod pending_action;
mod pinned_message;
mod reaction;
mod receipt;
mod reminder;
mod robot;
mod schema;
mod search;
mod server;
mod sqlite_store;
#[cfg(test)]
mod statement_tests;

pub use account_files::AccountFiles;
pub use connection::Durability;
#[cfg(feature = "sqlcipher")]
pub use encryption::EncryptionKey;
pub use sqlite_store::SqliteStore;
pub use wk_store as store;

// Diesel links the SQLite that this crate builds.
use libsqlite3_sys as _;
