//! Why no connection was made.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;

use crate::Endpoint;

/// Why no connection was made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host has no address, or the name service did not answer.
    #[error("cannot connect to {endpoint}: unknown host: {source}")]
    UnknownHost {
        /// Where to.
        endpoint: Endpoint,
        /// What the resolver said.
        source: io::Error,
    },
    /// Every address of the host refused or failed.
    #[error("cannot connect to {endpoint}: {}", Attempts(attempts))]
    Failed {
        /// Where to.
        endpoint: Endpoint,
        /// What each address said, at least one.
        attempts: Vec<Attempt>,
    },
    /// The application's own connector failed.
    #[error("cannot connect to {endpoint}: {source}")]
    Connector {
        /// Where to.
        endpoint: Endpoint,
        /// What it said.
        source: io::Error,
    },
    /// The server is not trusted, or does not speak TLS.
    #[error("cannot connect to {endpoint}: no TLS session: {source}")]
    Tls {
        /// Where to.
        endpoint: Endpoint,
        /// Why.
        source: io::Error,
    },
    /// The server does not speak WebSocket, or not at this path.
    #[error("cannot connect to {endpoint}: no WebSocket: {source}")]
    WebSocket {
        /// Where to.
        endpoint: Endpoint,
        /// Why.
        source: io::Error,
    },
    /// No connection was there in time.
    #[error("cannot connect to {endpoint}: no answer within {limit:?}")]
    TimedOut {
        /// Where to.
        endpoint: Endpoint,
        /// The time that was given.
        limit: Duration,
    },
}

/// One address that could not be connected to.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "an address and its error")]
pub struct Attempt {
    /// The address.
    pub address: SocketAddr,
    /// Why not.
    pub error: io::Error,
}

struct Attempts<'a>(&'a [Attempt]);

impl fmt::Display for Attempts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Attempt { address, error }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{address}: {error}")?;
        }
        Ok(())
    }
}
