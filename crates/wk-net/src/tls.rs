//! TLS: whom a client trusts, and the handshake.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use thiserror::Error;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Stream;

/// Whom to trust, and as whom the server has to identify itself. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    trust: Trust,
    server_name: Option<ServerName<'static>>,
}

#[derive(Clone)]
enum Trust {
    /// What the operating system trusts, read when the first connection is made.
    System(Arc<OnceLock<Arc<ClientConfig>>>),
    Config(Arc<ClientConfig>),
}

/// What is wrong with TLS settings.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The PEM text holds no certificate that can be used as a root.
    #[error("the root certificates are not usable: {0}")]
    BadCertificates(String),
    /// The name is neither a DNS name nor an IP address.
    #[error("{0:?} is not a server name")]
    BadServerName(String),
    /// TLS cannot be set up at all.
    #[error("cannot set up TLS: {0}")]
    Setup(#[source] rustls::Error),
}

impl Tls {
    /// Trusts what the operating system trusts.
    pub fn system() -> Self {
        Self { trust: Trust::System(Arc::default()), server_name: None }
    }

    /// Trusts these roots (PEM) and no others.
    ///
    /// # Errors
    /// The text holds no certificate, or one that cannot be read.
    pub fn with_roots(pem: &[u8]) -> Result<Self, TlsError> {
        let config = builder()?.with_root_certificates(roots(pem)?).with_no_client_auth();
        Ok(Self::with_config(Arc::new(config)))
    }

    /// Uses the application's own configuration: client certificates, another crypto provider, pinning.
    pub const fn with_config(config: Arc<ClientConfig>) -> Self {
        Self { trust: Trust::Config(config), server_name: None }
    }

    /// Expects a certificate for this name (and asks for it) instead of the endpoint's host.
    ///
    /// # Errors
    /// It is no name.
    pub fn server_name(self, name: &str) -> Result<Self, TlsError> {
        Ok(Self { server_name: Some(parse_name(name)?), ..self })
    }

    pub(crate) async fn handshake<S: Stream>(&self, host: &str, stream: S) -> io::Result<TlsStream<S>> {
        let invalid = |error: TlsError| io::Error::new(io::ErrorKind::InvalidInput, error);
        let config = self.config().map_err(invalid)?;
        let name = match &self.server_name {
            Some(name) => name.clone(),
            None => parse_name(host).map_err(invalid)?,
        };
        TlsConnector::from(config).connect(name, stream).await
    }

    fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        match &self.trust {
            Trust::Config(config) => Ok(Arc::clone(config)),
            Trust::System(cell) => {
                if let Some(config) = cell.get() {
                    return Ok(Arc::clone(config));
                }
                let config =
                    builder()?.with_platform_verifier().map_err(TlsError::Setup)?.with_no_client_auth();
                Ok(Arc::clone(cell.get_or_init(|| Arc::new(config))))
            }
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trust = match &self.trust {
            Trust::System(_) => "system",
            Trust::Config(_) => "own",
        };
        f.debug_struct("Tls").field("trust", &trust).field("server_name", &self.server_name).finish()
    }
}

/// The provider is named here, not installed for the whole process: that choice is the application's.
fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, TlsError> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)
}

fn roots(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| TlsError::BadCertificates(error.to_string()))?;
        store.add(certificate).map_err(|error| TlsError::BadCertificates(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(TlsError::BadCertificates("the PEM text holds no certificate".to_owned()));
    }
    Ok(store)
}

fn parse_name(name: &str) -> Result<ServerName<'static>, TlsError> {
    // The scope of an address is this machine's affair.
    let name = name.split_once('%').map_or(name, |(address, _scope)| address);
    ServerName::try_from(name.to_owned()).map_err(|_| TlsError::BadServerName(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_cannot_be_read_are_told() {
        for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let result = Tls::with_roots(pem.as_bytes());
            assert!(matches!(result, Err(TlsError::BadCertificates(_))), "{pem:?}: {result:?}");
        }
    }

    #[test]
    fn names_and_addresses_are_server_names() {
        for name in ["im.example.com", "127.0.0.1", "::1", "fe80::1%eth0"] {
            assert!(Tls::system().server_name(name).is_ok(), "{name}");
        }
        assert!(matches!(Tls::system().server_name("a b"), Err(TlsError::BadServerName(_))));
    }
}
