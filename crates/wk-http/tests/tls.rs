//! HTTPS: whom a source trusts.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};
use wk_http::sync::SourceError;
use wk_http::{BuildError, HttpSource};

/// A server that answers HTTPS requests with a route; its address and its certificate, which nobody else has signed.
fn server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust the certificate ends the handshake: this fails, as it should.
            if stream.read(&mut [0; 4096]).is_ok() {
                let body = r#"{"tcp_addr":"h:1"}"#;
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    (base, made.cert.pem())
}

#[tokio::test]
async fn a_server_is_trusted_by_the_given_root_and_only_by_it() {
    let (base, pem) = server();
    let (_, other_pem) = server();
    let source = HttpSource::builder(&base).unwrap().root_certificates(pem).build().unwrap();
    assert_eq!(source.route().await.unwrap().tcp_addr, "h:1");

    let source = HttpSource::builder(&base).unwrap().root_certificates(other_pem).build().unwrap();
    let Err(SourceError::Unreachable(cause)) = source.route().await else { panic!("it was trusted") };
    assert!(cause.contains("certificate"), "{cause}");
}

#[test]
fn certificates_that_cannot_be_read_are_told_when_the_source_is_built() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let result = HttpSource::builder("https://h").unwrap().root_certificates(pem).build();
        assert!(matches!(result, Err(BuildError::BadCertificates(_))), "{pem:?}: {result:?}");
    }
}
