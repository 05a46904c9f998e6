//! What can go wrong when the server is started or stopped.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The server could not be started, or not keep its state. The environment is at fault: an address is taken or not ours, a
/// file is another one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevServerError {
    /// An address is not `host:port`.
    #[error("{address:?} is not an address of the form host:port")]
    Address {
        /// What was given.
        address: String,
    },
    /// A listener could not be opened.
    #[error("cannot listen on {address} for {service}")]
    Listen {
        /// Which listener: `tcp`, `tls`, `ws`, `wss` or `http`.
        service: &'static str,
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The state file cannot be read, is none, or cannot be written. It is left as it was.
    #[error("cannot use the state file {}: {reason}", path.display())]
    State {
        /// Which file.
        path: PathBuf,
        /// Why, for people.
        reason: String,
    },
    /// Generated histories are new in each run, so that they do not go together with what is kept.
    #[error("a server with a state file cannot have seeds: generated histories are not kept")]
    SeedsAndState,
    /// No certificate could be made for TLS.
    #[error("cannot make a certificate: {reason}")]
    Certificate {
        /// Why, for people.
        reason: String,
    },
}
