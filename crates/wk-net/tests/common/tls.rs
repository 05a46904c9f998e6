//! A certificate that nobody else has signed, and the TLS of a server that shows it.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use wk_net::rustls::ServerConfig;
use wk_net::rustls::crypto::ring;
use wk_net::rustls::pki_types::PrivateKeyDer;

/// A server's side for a name, and the root (PEM) that clients have to trust.
pub fn server(name: &str) -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}
