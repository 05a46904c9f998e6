//! Lists for a user interface that keep themselves up to date and say what changed.

mod changes;
mod conversation_list;
mod diff;
mod timeline;
mod window;

pub use self::changes::ListChanges;
pub use self::conversation_list::ConversationList;
pub use self::diff::{Keyed, ListDiff};
pub use self::timeline::{Loaded, Timeline};
pub use self::window::{TimelineItem, TimelineKey};
