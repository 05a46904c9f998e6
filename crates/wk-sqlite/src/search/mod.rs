//! Searching in SQLite: an index of tokens finds messages that may be hits, the message itself decides; names are few.

mod candidates;
mod find;
mod index;
mod names;
mod tokens;
