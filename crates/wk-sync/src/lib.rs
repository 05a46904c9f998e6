//! Every decision of a WuKongIM client, as a synchronous state machine over a store transaction.

mod source;

pub use source::{
    DataSource, FindRequest, PullRequest, PulledMessage, PulledMessages, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest,
};
pub use wk_store as store;
