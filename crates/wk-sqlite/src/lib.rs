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

mod account;
mod connection;
mod conversation;
mod coverage;
mod file;
mod fixed;
mod link;
mod message;
mod migrations;
mod names;
mod number;
mod outbox;
mod schema;
mod search;
mod sqlite_store;
#[cfg(test)]
mod statement_tests;

pub use connection::Durability;
pub use sqlite_store::SqliteStore;
pub use wk_store as store;

// Diesel links the SQLite that this crate builds.
use libsqlite3_sys as _;
