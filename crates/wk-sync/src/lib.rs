//! Every decision of a WuKongIM client, as a synchronous state machine over a store transaction.
//!
//! [`Engine`] is told what happened ([`Input`]), writes to the transaction it is given, and says what to do
//! ([`Output`]): it never opens a socket, reads a clock or waits. Its small machines are the folders here: `session`,
//! `outbox`, `inbox`, `history`, `conversation`, `command`, `extras`, `expiry`, `stream`, over the common `record`. [`DataSource`] is
//! the port to a server's HTTP side or an application's own backend.

mod change;
mod command;
mod command_source;
mod conversation;
mod engine;
mod error;
mod event;
mod expiry;
mod extras;
mod history;
mod inbox;
mod list_source;
mod outbox;
mod record;
mod report;
mod session;
mod source;
mod stream;
mod topic;

pub use change::Change;
pub use command_source::{CommandsRequest, CommandsTaken, PulledCommand};
pub use engine::{
    Answer, Config, ConversationSource, Engine, EngineMemory, Entropy, Input, JobId, LinkId, Output,
    Question, Reply, Ticket,
};
pub use error::{EngineError, QueryError, SendError};
pub use event::{ConnectionState, DisconnectCause, Event, Origin};
pub use list_source::{ConversationPage, ListRequest, ListedConversation, RetryRequest};
pub use report::{MessageRef, Report, ReportRequest};
pub use source::{
    DataSource, FindRequest, PullRequest, PulledMessage, PulledMessages, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest, UploadRequest,
};
pub use stream::{StreamLane, StreamStatus, StreamUpdate};
pub use topic::{AccountFetch, ChannelFetch, FetchRequest, Fetched, Offers, Topic};
pub use wk_store as store;
