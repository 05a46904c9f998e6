//! Searching messages and names: the question, what counts as found, and the answer.

mod fold;
mod name;
mod pattern;
mod query;

pub use fold::{CharClass, FoldedText};
pub use name::{ChannelHit, MemberHit, NameMatch, NameQuery, folded_names};
pub use pattern::SearchPattern;
pub use query::{ChannelHits, SearchCounts, SearchCursor, SearchHit, SearchPage, SearchQuery};
