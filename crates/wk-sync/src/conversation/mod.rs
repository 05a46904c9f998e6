//! The conversation list: merged from the server's sync, live messages and reads, never moving backwards.

mod hide;
mod list;
mod mention;
mod merge;
mod read;
mod sync;
mod unresolved;

pub(crate) use hide::hide;
pub(crate) use merge::{How, refreshed, take_in, take_in_all, take_in_message, touch};
pub(crate) use read::{mark_read, read_elsewhere, read_position_told};
pub(crate) use sync::ConversationSync;
