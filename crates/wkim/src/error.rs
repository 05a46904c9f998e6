//! What can go wrong, and whose fault it is.

use thiserror::Error;
use wk_net::EndpointError;
use wk_sync::store::StoreError;
use wk_sync::store::model::{ContentError, IdError};
use wk_sync::{QueryError, SendError};

/// Why a client could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The uid is one that servers cannot take.
    #[error(transparent)]
    Uid(#[from] IdError),
    /// A server's address cannot be read.
    #[error("the server's address is not usable: {0}")]
    Endpoint(#[from] EndpointError),
    /// The base URL of the HTTP API cannot be read.
    #[error("the API address is not usable: {0}")]
    Api(#[from] wk_http::BuildError),
    /// Neither a server's address, nor a way to ask for one, nor an API that could tell one was given.
    #[error("there is no server address: give one, or a lookup, or an API address")]
    NoServer,
    /// A content of the application's cannot be registered.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system has no randomness to give.
    #[error("the operating system gave no random numbers: {0}")]
    Randomness(String),
}

/// Why a request to a client failed.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum Error {
    /// The content cannot be written.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The message was refused before it was stored.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The question makes no sense.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The local store failed; nothing of the request happened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Callbacks were given outside of a tokio runtime, so that nothing could call them.
    #[error("callbacks need a tokio runtime to run on")]
    NoRuntime,
    /// The client's runner has ended.
    #[error("the client is not running")]
    Stopped,
}
