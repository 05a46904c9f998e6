//! Why a source could not be built. What a request can fail of is `wk_sync::SourceError`.

use thiserror::Error;

/// Why a source could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base URL is none that requests can start from.
    #[error("cannot use {url:?} as the base of a REST API: {reason}")]
    BadUrl {
        /// The URL, without its user and password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header's name or value holds what HTTP cannot carry.
    #[error("cannot send the header {name:?}: its {part} is not valid")]
    BadHeader {
        /// The header's name.
        name: String,
        /// `name` or `value`.
        part: &'static str,
    },
    /// The given root certificates cannot be read, or there is none among them.
    #[error("cannot use the root certificates: {0}")]
    BadCertificates(String),
    /// TLS cannot be set up, mostly because the system has no root certificates.
    #[error("cannot set up TLS: {0}")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}
