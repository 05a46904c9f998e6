//! Links over TCP on the loopback interface.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::io::ErrorKind;
use std::time::Duration;

use common::{end, frame, packet};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wk_net::{CloseReason, ConnectError, Endpoint, Link, connect};

const SOON: Duration = Duration::from_secs(10);

async fn pair() -> (Link, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from(listener.local_addr().unwrap());
    let (link, accepted) = tokio::join!(connect(&endpoint, SOON), listener.accept());
    (link.unwrap(), accepted.unwrap().0)
}

#[tokio::test]
async fn packets_cross_in_both_directions() {
    let (mut link, mut peer) = pair().await;
    link.sender.send(&packet(3, 1)).unwrap();
    let mut got = [0; 5];
    peer.read_exact(&mut got).await.unwrap();
    assert_eq!(got[..], packet(3, 1));
    peer.write_all(&packet(100_000, 2)).await.unwrap();
    assert_eq!(frame(&mut link.receiver).await, packet(100_000, 2));
}

#[tokio::test]
async fn a_name_with_several_addresses_is_connected_by_the_one_that_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new("localhost", listener.local_addr().unwrap().port()).unwrap();
    let (link, accepted) = tokio::join!(connect(&endpoint, SOON), listener.accept());
    link.unwrap();
    accepted.unwrap();
}

#[tokio::test]
async fn a_refused_connection_names_the_endpoint_and_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = connect(&Endpoint::from(address), SOON).await.unwrap_err();
    let ConnectError::Failed { attempts, .. } = &error else { panic!("{error:?}") };
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].address, attempts[0].error.kind()), (address, ErrorKind::ConnectionRefused));
    let expected = format!("cannot connect to {address}: {address}: ");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[tokio::test]
async fn an_unknown_host_is_called_so() {
    // A label of more than 63 bytes cannot be a name, so no name service is asked.
    let endpoint = Endpoint::new(format!("{}.invalid", "x".repeat(64)), 5100).unwrap();
    let error = connect(&endpoint, SOON).await.unwrap_err();
    assert!(matches!(error, ConnectError::UnknownHost { .. }), "{error:?}");
    let expected = format!("cannot connect to {endpoint}: unknown host: ");
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[tokio::test]
async fn a_peer_that_stops_sending_can_still_be_sent_to() {
    let (mut link, mut peer) = pair().await;
    peer.shutdown().await.unwrap();
    assert!(matches!(end(&mut link.receiver).await, CloseReason::Ended));
    link.sender.send(&packet(3, 1)).unwrap();
    let mut got = [0; 5];
    peer.read_exact(&mut got).await.unwrap();
    assert_eq!(got[..], packet(3, 1));
}

#[tokio::test]
async fn a_graceful_close_reaches_the_peer_and_lets_it_answer() {
    let (link, mut peer) = pair().await;
    let (sender, mut receiver) = link.split();
    sender.send(&packet(200_000, 1)).unwrap();
    let closing = sender.close(SOON);
    let mut got = Vec::new();
    peer.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, packet(200_000, 1));
    assert_eq!(closing.await, Ok(()));
    peer.write_all(&packet(3, 2)).await.unwrap();
    drop(peer);
    assert_eq!(frame(&mut receiver).await, packet(3, 2));
    assert!(matches!(end(&mut receiver).await, CloseReason::Ended));
}

#[tokio::test]
async fn dropping_the_link_ends_the_connection() {
    let (link, mut peer) = pair().await;
    drop(link);
    let mut got = Vec::new();
    assert_eq!(peer.read_to_end(&mut got).await.unwrap(), 0);
}

#[tokio::test]
async fn a_reset_is_a_failed_read() {
    let (mut link, peer) = pair().await;
    link.sender.send(&packet(3, 1)).unwrap();
    assert_eq!(peer.peek(&mut [0; 5]).await.unwrap(), 5);
    // Closing with unread bytes resets the connection.
    drop(peer);
    let reason = end(&mut link.receiver).await;
    assert!(
        matches!(&reason, CloseReason::Read(error) if error.kind() == ErrorKind::ConnectionReset),
        "{reason:?}"
    );
}
