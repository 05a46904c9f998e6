//! Messages in SQLite.

mod flags;
mod query;
mod read;
mod remove;
mod row;
mod write;

pub(crate) use read::{by_client_seq, scan};
pub(crate) use row::{MessageColumns, MessageRow};
