//! Messages in SQLite.

mod flags;
mod read;
mod row;
mod write;

pub(crate) use row::MessageRow;
