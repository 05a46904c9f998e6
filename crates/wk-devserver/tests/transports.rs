//! WebSocket and TLS: what the real server does with messages, and that TLS is only a layer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use support::http;
use support::wire::Client;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wk_devserver::DevServer;
use wk_model::{DeviceFlag, MessageId, MessageSeq};
use wkproto::{ClientSecret, Encoder, Flags, ProtocolVersion, Recvack};

const ANY: &str = "127.0.0.1:0";

fn connect(uid: &str) -> Vec<u8> {
    let key = ClientSecret::from_bytes([7; 32]).public_key_base64();
    let packet = Client::connect_packet(uid, "device", DeviceFlag::APP, "", &key);
    Encoder::new(ProtocolVersion::V5).to_bytes(&packet.into()).unwrap().to_vec()
}

/// RECVACKs of unknown messages and a PING: 2 KB that the server answers with a PONG.
fn filler() -> Vec<u8> {
    let ack = Recvack { flags: Flags::EMPTY, message_id: MessageId::new(1), message_seq: MessageSeq::FIRST };
    let ack = Encoder::new(ProtocolVersion::V5).to_bytes(&ack.into()).unwrap();
    [&ack.repeat(145)[..], &[0x70]].concat()
}

/// A frame with a mask of zeros, which leaves the payload as it is.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[first, 0x80 | 126, len[0], len[1], 0, 0, 0, 0][..], payload].concat()
}

async fn open<S: AsyncRead + AsyncWrite + Unpin>(stream: S, uid: &str) -> WebSocketStream<S> {
    let (mut socket, _) = client_async("ws://127.0.0.1/any/path", stream).await.unwrap();
    socket.send(Message::Binary(connect(uid).into())).await.unwrap();
    let connack = binary(&mut socket).await.unwrap();
    assert_eq!(connack[0] >> 4, 2);
    socket
}

async fn binary<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> Option<Bytes> {
    match socket.next().await {
        Some(Ok(Message::Binary(bytes))) => Some(bytes),
        None | Some(Err(_)) => None,
        other => panic!("{other:?}"),
    }
}

async fn start(lossy: bool) -> DevServer {
    let builder = DevServer::builder().ws(ANY).timings(|timings| timings.idle = Duration::from_millis(200));
    builder.quirks(|quirks| quirks.websocket_burst_loss = lossy).start().await.unwrap()
}

/// How many of twenty messages that are written at once are answered before the server closes the idle connection.
async fn answered(server: &DevServer, burst: &[u8]) -> usize {
    let stream = TcpStream::connect(server.ws_addr().unwrap()).await.unwrap();
    let mut socket = open(stream, "alice").await;
    socket.get_mut().write_all(burst).await.unwrap();
    let mut pongs = 0;
    while let Some(message) = binary(&mut socket).await {
        assert_eq!(message[..], [0x80], "one packet in each message");
        pongs += 1;
    }
    pongs
}

#[tokio::test]
async fn a_burst_of_messages_kills_the_connection_without_closing_it() {
    let server = start(true).await;
    let pongs = answered(&server, &masked(0x82, &filler()).repeat(20)).await;
    assert!((1..20).contains(&pongs), "{pongs} of 20 were answered");
}

#[tokio::test]
async fn bursts_and_fragments_can_be_made_harmless() {
    let server = start(false).await;
    assert_eq!(answered(&server, &masked(0x82, &filler()).repeat(20)).await, 20);
    let fragments = [masked(0x02, &filler()), masked(0x80, &filler())].concat();
    assert_eq!(answered(&server, &fragments).await, 2);
}

#[tokio::test]
async fn a_fragmented_message_is_never_seen() {
    let server = start(true).await;
    let fragments = [masked(0x02, &filler()), masked(0x80, &filler())].concat();
    assert_eq!(answered(&server, &fragments).await, 0);
}

#[tokio::test]
async fn messages_are_one_stream_of_packets() {
    let server = start(true).await;
    let stream = TcpStream::connect(server.ws_addr().unwrap()).await.unwrap();
    let mut socket = open(stream, "alice").await;
    for round in 0..3 {
        // Two packets and a half, then the other half.
        let bytes = [filler(), filler(), filler()].concat();
        let (first, second) = bytes.split_at(2 * filler().len() + 3 + round);
        socket.send(Message::Binary(Bytes::copy_from_slice(first))).await.unwrap();
        for _ in 0..2 {
            assert_eq!(binary(&mut socket).await.unwrap()[..], [0x80]);
        }
        socket.send(Message::Binary(Bytes::copy_from_slice(second))).await.unwrap();
        assert_eq!(binary(&mut socket).await.unwrap()[..], [0x80]);
    }
}

#[tokio::test]
async fn the_routes_name_every_listener() {
    let server = DevServer::builder().ws(ANY).wss(ANY).start().await.unwrap();
    let answer = http::get(server.http_addr(), "/route").await;
    let (ws, wss) = (server.ws_addr().unwrap(), server.wss_addr().unwrap());
    assert!(answer.body.contains(&format!("\"ws://{ws}\"")), "{}", answer.body);
    assert!(answer.body.contains(&format!("\"wss://{wss}\"")), "{}", answer.body);
}

#[tokio::test]
async fn tls_is_a_layer_below_packets_and_messages() {
    let server = DevServer::builder().tls(ANY).wss(ANY).start().await.unwrap();
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(server.root_certificate().unwrap().as_bytes()).unwrap();
    roots.add(root).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("127.0.0.1").unwrap();

    let stream = TcpStream::connect(server.tls_addr().unwrap()).await.unwrap();
    let mut stream = connector.connect(name.clone(), stream).await.unwrap();
    stream.write_all(&connect("alice")).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap() >> 4, 2);

    let stream = TcpStream::connect(server.wss_addr().unwrap()).await.unwrap();
    open(connector.connect(name, stream).await.unwrap(), "bob").await;
    assert_eq!(server.stats().logins, 2);
}

#[tokio::test]
async fn a_stream_can_be_handed_over() {
    let server = DevServer::builder().start().await.unwrap();
    let (mut near, far) = duplex(1 << 16);
    server.attach(far);
    near.write_all(&connect("alice")).await.unwrap();
    assert_eq!(near.read_u8().await.unwrap() >> 4, 2);
    assert_eq!(server.stats().connections, 1);
    server.shutdown().await.unwrap();
    near.read_to_end(&mut Vec::new()).await.unwrap();
}
