//! Every decision of a WuKongIM client, as a synchronous state machine over a store transaction.
//!
//! [`Engine`] is told what happened ([`Input`]), writes to the transaction it is given, and says what to do
//! ([`Output`]): it never opens a socket, reads a clock or waits. Its small machines are the folders here: `session`,
//! `outbox`, `inbox`, `history`, `conversation`, over the common `record`. [`DataSource`] is the port to a server's HTTP side or an application's own backend.

mod conversation;
mod engine;
mod error;
mod event;
mod history;
mod inbox;
mod outbox;
mod record;
mod session;
mod source;

pub use engine::{
    Answer, Config, Engine, EngineMemory, Entropy, Input, JobId, LinkId, Output, Question, Reply, Ticket,
};
pub use error::{EngineError, QueryError, SendError};
pub use event::{ConnectionState, DisconnectCause, Event, Origin};
pub use source::{
    DataSource, FindRequest, PullRequest, PulledMessage, PulledMessages, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest, UploadRequest,
};
pub use wk_store as store;
