//! Searching messages in SQLite: an index of tokens finds candidates, the message itself decides.

mod candidates;
mod find;
mod index;
mod tokens;

pub(crate) use index::{forget, forget_from, forget_to, prepare, replace, write};
pub(crate) use tokens::Source;
