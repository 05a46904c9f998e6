//! How HTTPS servers are trusted.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::BuildError;

/// Whom to trust.
pub(crate) enum Trust {
    /// Nobody: there will be no TLS, and no root certificates need to be installed.
    Nobody,
    /// What the operating system trusts.
    System,
    /// These roots (PEM) and no others.
    Only(Vec<u8>),
}

/// The provider is named here, not installed for the whole process: that choice is the application's.
pub(crate) fn config(trust: Trust) -> Result<ClientConfig, BuildError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(BuildError::Tls)?;
    Ok(match trust {
        Trust::Nobody => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        Trust::System => builder.with_platform_verifier().map_err(BuildError::Tls)?.with_no_client_auth(),
        Trust::Only(pem) => builder.with_root_certificates(roots(&pem)?).with_no_client_auth(),
    })
}

fn roots(pem: &[u8]) -> Result<RootCertStore, BuildError> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| BuildError::BadCertificates(error.to_string()))?;
        store.add(certificate).map_err(|error| BuildError::BadCertificates(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(BuildError::BadCertificates("the PEM text holds no certificate".to_owned()));
    }
    Ok(store)
}
