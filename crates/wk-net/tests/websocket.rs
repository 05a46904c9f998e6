//! Links over WebSocket: messages out, a stream of bytes in, the pace that v2 servers need.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::result_large_err, reason = "a test")]

mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{end, frame, packet, tls};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, accept_async, accept_hdr_async};
use wk_net::{CloseReason, ConnectError, Connector, Dialer, Endpoint, Limits, Link, Opening, Stream, Tls};

const SOON: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_secs(3600);

/// Gives the other end of a pipe, once.
struct Pipe(Mutex<Option<DuplexStream>>);

impl Connector for Pipe {
    fn connect(&self, _: &Endpoint) -> Opening {
        let end = self.0.lock().unwrap().take();
        Box::pin(async move {
            let end = end.ok_or(io::ErrorKind::ConnectionRefused)?;
            Ok(Box::new(end) as Box<dyn Stream>)
        })
    }
}

fn pipe() -> (Dialer, DuplexStream) {
    let (near, far) = duplex(64 << 10);
    (Dialer::new().connector(Arc::new(Pipe(Mutex::new(Some(near))))), far)
}

async fn pair_with(limits: Limits) -> (Link, WebSocketStream<DuplexStream>) {
    let (dialer, far) = pipe();
    let (dialer, endpoint) = (dialer.limits(limits), "ws://im.example.com/".parse().unwrap());
    let (link, peer) = tokio::join!(dialer.connect(&endpoint, SOON), accept_async(far));
    (link.unwrap(), peer.unwrap())
}

async fn pair() -> (Link, WebSocketStream<DuplexStream>) {
    pair_with(Limits::default()).await
}

/// The next message.
async fn binary(peer: &mut WebSocketStream<DuplexStream>) -> Vec<u8> {
    match peer.next().await {
        Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
        other => panic!("expected a binary message, got {other:?}"),
    }
}

async fn is_quiet(peer: &mut WebSocketStream<DuplexStream>) -> bool {
    tokio::time::timeout(HOUR, peer.next()).await.is_err()
}

#[tokio::test]
async fn what_gathers_is_one_message() {
    let (link, mut peer) = pair().await;
    let packets = [packet(3, 1), packet(0, 2), packet(300, 3)];
    for packet in &packets {
        link.sender.send(packet).unwrap();
    }
    assert_eq!(binary(&mut peer).await, packets.concat());
}

#[tokio::test]
async fn what_comes_is_a_stream_wherever_messages_begin() {
    let (mut link, mut peer) = pair().await;
    let packets = [packet(3, 1), packet(0, 2), packet(300, 3), packet(40_000, 4)];
    let stream = packets.concat();
    for cut in [1, 4, 5, 6, 9, 200] {
        let (first, second) = stream.split_at(cut);
        for part in [first, &[], second] {
            peer.send(Message::Binary(Bytes::copy_from_slice(part))).await.unwrap();
        }
        peer.send(Message::Ping(Bytes::new())).await.unwrap();
        for packet in &packets {
            assert_eq!(&frame(&mut link.receiver).await, packet);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_pace_lets_one_message_go_for_each_pong() {
    let (mut link, mut peer) = pair().await;
    // The CONNECT of a session: nothing may follow it, not even a PING.
    link.sender.send(&packet(3, 0)).unwrap();
    assert_eq!(binary(&mut peer).await, packet(3, 0));
    link.sender.pace();
    link.sender.send(&packet(3, 1)).unwrap();
    assert_eq!(binary(&mut peer).await, [packet(3, 1), vec![0x70]].concat());
    // Everything that gathers meanwhile is the next one.
    link.sender.send(&packet(3, 2)).unwrap();
    link.sender.send(&packet(3, 3)).unwrap();
    assert!(is_quiet(&mut peer).await);
    peer.send(Message::Binary(Bytes::from_static(&[0x80]))).await.unwrap();
    assert_eq!(frame(&mut link.receiver).await, [0x80]);
    assert_eq!(binary(&mut peer).await, [packet(3, 2), packet(3, 3), vec![0x70]].concat());
    assert!(is_quiet(&mut peer).await);
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_for_no_pong_when_nothing_is_left() {
    let (link, mut peer) = pair().await;
    link.sender.pace();
    link.sender.send(&packet(3, 1)).unwrap();
    let (sender, _receiver) = link.split();
    let closing = sender.close(HOUR);
    assert_eq!(binary(&mut peer).await, [packet(3, 1), vec![0x70]].concat());
    assert!(matches!(peer.next().await, Some(Ok(Message::Close(_)))));
    assert_eq!(closing.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_close_that_gets_no_pong_says_what_is_left() {
    let (link, mut peer) = pair().await;
    link.sender.pace();
    link.sender.send(&packet(3, 1)).unwrap();
    binary(&mut peer).await;
    link.sender.send(&packet(3, 2)).unwrap();
    let (sender, _receiver) = link.split();
    let left = sender.close(SOON).await.unwrap_err();
    assert_eq!(left.bytes, 5);
}

#[tokio::test]
async fn every_kind_of_end_is_an_end() {
    let (mut link, mut peer) = pair().await;
    peer.close(None).await.unwrap();
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Ended));

    let (mut link, peer) = pair().await;
    drop(peer);
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Ended));

    let (mut link, mut peer) = pair().await;
    peer.send(Message::Binary(Bytes::from_static(&[0xc0, 9, 1]))).await.unwrap();
    drop(peer);
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Truncated { received: 3 }));
}

#[tokio::test]
async fn text_and_too_large_messages_are_refused() {
    let (mut link, mut peer) = pair().await;
    peer.send(Message::Text("{}".into())).await.unwrap();
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Read(_)));

    let mut limits = Limits::default();
    limits.frame_body = 1000;
    let (mut link, mut peer) = pair_with(limits).await;
    peer.send(Message::Binary(Bytes::from(vec![0xc0; 4001]))).await.unwrap();
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Read(_)));
}

#[tokio::test]
async fn path_query_and_host_reach_the_server() {
    let (dialer, far) = pipe();
    let mut seen = None;
    let endpoint = "ws://im.example.com:5200/im?a=b".parse().unwrap();
    let look = |request: &Request, response: Response| {
        seen = Some((request.uri().to_string(), request.headers()["host"].to_str().unwrap().to_owned()));
        Ok(response)
    };
    let (link, peer) = tokio::join!(dialer.connect(&endpoint, SOON), accept_hdr_async(far, look));
    drop((link.unwrap(), peer.unwrap()));
    assert_eq!(seen.unwrap(), ("/im?a=b".to_owned(), "im.example.com:5200".to_owned()));
}

#[tokio::test]
async fn tls_goes_below_websocket() {
    let (acceptor, root) = tls::server("im.example.com");
    let (dialer, far) = pipe();
    let dialer = dialer.tls(Tls::with_roots(root.as_bytes()).unwrap());
    let endpoint = "wss://im.example.com/".parse().unwrap();
    let serve = async {
        let mut peer = accept_async(acceptor.accept(far).await.unwrap()).await.unwrap();
        let message = peer.next().await.unwrap().unwrap();
        peer.send(message).await.unwrap();
        peer
    };
    let talk = async {
        let mut link = dialer.connect(&endpoint, SOON).await.unwrap();
        link.sender.send(&packet(30_000, 1)).unwrap();
        assert_eq!(frame(&mut link.receiver).await, packet(30_000, 1));
    };
    tokio::join!(talk, serve);
}

#[tokio::test]
async fn a_server_that_is_no_websocket_says_so() {
    let (dialer, mut far) = pipe();
    far.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let error = dialer.connect(&"ws://h/wrong".parse().unwrap(), SOON).await.unwrap_err();
    assert!(matches!(error, ConnectError::WebSocket { .. }) && error.to_string().contains("404"), "{error}");
}

#[tokio::test]
async fn a_connector_that_fails_is_named_as_the_cause() {
    let dialer = Dialer::new().connector(Arc::new(Pipe(Mutex::new(None))));
    let error = dialer.connect(&"ws://h/".parse().unwrap(), SOON).await.unwrap_err();
    assert!(matches!(error, ConnectError::Connector { .. }), "{error:?}");
}
