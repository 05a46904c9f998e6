//! Searching messages: the question, what counts as found, and the answer.

mod fold;
mod pattern;
mod query;

pub use fold::{CharClass, FoldedText};
pub use pattern::SearchPattern;
pub use query::{ChannelHits, SearchCounts, SearchCursor, SearchHit, SearchPage, SearchQuery};
