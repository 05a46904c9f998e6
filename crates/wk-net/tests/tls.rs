//! Links over TLS on the loopback interface: whom a client trusts, and what passes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{end, frame, packet, tls::server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use wk_net::rustls::crypto::ring;
use wk_net::rustls::pki_types::{CertificateDer, pem::PemObject};
use wk_net::rustls::{ClientConfig, RootCertStore};
use wk_net::{CloseReason, ConnectError, Dialer, Endpoint, Tls, Transport};

const SOON: Duration = Duration::from_secs(10);

/// A server that sends every byte back.
async fn echo(acceptor: TlsAcceptor) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from(listener.local_addr().unwrap()).over(Transport::Tls);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate ends the handshake: this fails, as it should.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let (mut reader, mut writer) = tokio::io::split(stream);
            tokio::io::copy(&mut reader, &mut writer).await.unwrap();
            writer.shutdown().await.unwrap();
        }
    });
    endpoint
}

#[tokio::test]
async fn packets_cross_and_a_close_flushes_them() {
    let (acceptor, root) = server("127.0.0.1");
    let endpoint = echo(acceptor).await;
    let dialer = Dialer::new().tls(Tls::with_roots(root.as_bytes()).unwrap());
    let (sender, mut receiver) = dialer.connect(&endpoint, SOON).await.unwrap().split();
    sender.send(&packet(3, 1)).unwrap();
    assert_eq!(frame(&mut receiver).await, packet(3, 1));
    sender.send(&packet(200_000, 2)).unwrap();
    let closing = sender.close(SOON);
    assert_eq!(frame(&mut receiver).await, packet(200_000, 2));
    assert!(matches!(end(&mut receiver).await, CloseReason::Ended));
    assert_eq!(closing.await, Ok(()));
}

#[tokio::test]
async fn a_server_is_trusted_by_the_given_root_and_only_by_it() {
    let (acceptor, _) = server("127.0.0.1");
    let (_, other_root) = server("127.0.0.1");
    let endpoint = echo(acceptor).await;
    for tls in [Tls::with_roots(other_root.as_bytes()).unwrap(), Tls::system()] {
        let error = Dialer::new().tls(tls).connect(&endpoint, SOON).await.unwrap_err();
        assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}

#[tokio::test]
async fn the_name_in_the_certificate_counts_and_can_be_chosen() {
    let (acceptor, root) = server("im.example.com");
    let endpoint = echo(acceptor).await;
    let tls = Tls::with_roots(root.as_bytes()).unwrap();
    let error = Dialer::new().tls(tls.clone()).connect(&endpoint, SOON).await.unwrap_err();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
    let named = Dialer::new().tls(tls.server_name("im.example.com").unwrap());
    named.connect(&endpoint, SOON).await.unwrap();
}

#[tokio::test]
async fn an_applications_own_configuration_is_used() {
    let (acceptor, root) = server("127.0.0.1");
    let endpoint = echo(acceptor).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let dialer = Dialer::new().tls(Tls::with_config(Arc::new(config)));
    dialer.connect(&endpoint, SOON).await.unwrap();
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_an_error_and_not_a_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from(listener.local_addr().unwrap()).over(Transport::Tls);
    let accept = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"hello, this is no handshake\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.ok();
    };
    let tls = Tls::with_roots(server("127.0.0.1").1.as_bytes()).unwrap();
    let dialer = Dialer::new().tls(tls);
    let (error, ()) = tokio::join!(dialer.connect(&endpoint, SOON), accept);
    assert!(matches!(error, Err(ConnectError::Tls { .. })), "{error:?}");
}
