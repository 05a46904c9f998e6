//! Why the engine could not do what it was asked.

use thiserror::Error;
use wk_store::StoreError;
use wk_store::model::{IdError, PageQuery};

/// Why handling an input failed. The transaction must be dropped and the engine loaded anew.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a message was refused before it was stored.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// An id that would harm a server, or that it could not store.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The payload is larger than servers pass on.
    #[error("the payload has {len} bytes, the limit is {limit}")]
    PayloadTooLarge {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The payload has no bytes; v3 servers refuse that.
    #[error("the payload is empty")]
    EmptyPayload,
    /// The topic is longer than the wire can carry.
    #[error("the topic has {len} bytes, the limit is {limit}")]
    TopicTooLong {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why a question could not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QueryError {
    /// The limit is 0 or more than servers take.
    #[error("the limit is {limit}, it must be 1 to {max}", max = PageQuery::MAX_LIMIT)]
    Limit {
        /// The limit asked for.
        limit: u32,
    },
    /// The message does not wait to be sent.
    #[error("the message does not wait to be sent")]
    NotWaiting,
    /// Sending the message was not given up.
    #[error("sending the message was not given up")]
    NotGivenUp,
    /// There is no such conversation.
    #[error("there is no such conversation")]
    NoConversation,
    /// There is no such message here, or no server has it yet.
    #[error("there is no such message at the server")]
    NoMessage,
    /// There is no such reminder.
    #[error("there is no such reminder")]
    NoReminder,
    /// The payload is empty or larger than servers pass on.
    #[error("the payload has {len} bytes, it must be 1 to {limit}")]
    Payload {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The data source does not offer this.
    #[error("the data source does not offer this")]
    NotOffered,
    /// An id that no server may be given.
    #[error(transparent)]
    Id(#[from] IdError),
}
