//! What can go wrong when the server is started.

use std::io;
use std::net::SocketAddr;

/// The server could not be started. The environment is at fault: an address is taken or not ours.
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
    /// No certificate could be made for TLS.
    #[error("cannot make a certificate: {reason}")]
    Certificate {
        /// Why, for people.
        reason: String,
    },
}
