//! Tests of the race between the addresses of a host, on paused time.

use std::future::pending;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

const SLOW: &str = "192.0.2.1:1";
const REFUSED: &str = "192.0.2.2:1";
const OPEN: &str = "192.0.2.3:1";

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Milliseconds after the start at which each address was begun.
type Begun = Arc<Mutex<Vec<(String, u128)>>>;

/// An address acts as its name says; `SLOW` never answers. The connection made is the address's name.
async fn run(texts: &[&str]) -> (Result<String, Vec<Attempt>>, Vec<(String, u128)>, u128) {
    let begun = Begun::default();
    let start = now();
    let result = race(addresses(texts), |address| {
        let name = address.to_string();
        begun.lock().unwrap().push((name.clone(), start.elapsed().as_millis()));
        async move {
            match name.as_str() {
                SLOW => pending().await,
                REFUSED => Err(io::ErrorKind::ConnectionRefused.into()),
                _ => Ok(name),
            }
        }
    })
    .await;
    let begun = begun.lock().unwrap().clone();
    (result, begun, start.elapsed().as_millis())
}

#[allow(clippy::disallowed_methods, reason = "the test asks what the paused clock says")]
fn now() -> Instant {
    Instant::now()
}

fn at(text: &str, ms: u128) -> (String, u128) {
    (text.to_owned(), ms)
}

#[tokio::test(start_paused = true)]
async fn a_silent_address_delays_the_next_one_by_the_stagger() {
    let (winner, begun, took) = run(&[SLOW, SLOW, OPEN, OPEN]).await;
    assert_eq!(winner.unwrap(), OPEN);
    assert_eq!(begun, [at(SLOW, 0), at(SLOW, 250), at(OPEN, 500)]);
    assert_eq!(took, 500);
}

#[tokio::test(start_paused = true)]
async fn a_failed_address_lets_the_next_one_begin_at_once() {
    let (winner, begun, _) = run(&[REFUSED, REFUSED, OPEN]).await;
    assert_eq!(winner.unwrap(), OPEN);
    assert_eq!(begun, [at(REFUSED, 0), at(REFUSED, 0), at(OPEN, 0)]);
}

#[tokio::test(start_paused = true)]
async fn the_race_is_lost_when_every_address_failed() {
    let (lost, ..) = run(&[REFUSED, REFUSED]).await;
    let attempts = lost.unwrap_err();
    assert_eq!(attempts.len(), 2);
    assert!(attempts.iter().all(|attempt| attempt.error.kind() == io::ErrorKind::ConnectionRefused));
}

#[tokio::test(start_paused = true)]
async fn the_last_address_may_take_its_time() {
    let race = run(&[REFUSED, SLOW]);
    assert!(timeout(Duration::from_secs(3600), race).await.is_err());
}

#[test]
fn families_take_turns_and_keep_their_order() {
    let found = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
    let expected = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
    assert_eq!(alternate(found), expected);
    let found = addresses(&["1.1.1.1:1", "[::1]:1"]);
    assert_eq!(alternate(found.clone()), found);
    assert_eq!(alternate(Vec::new()), Vec::new());
}

#[test]
fn the_texts_name_host_port_addresses_and_causes() {
    let endpoint: Endpoint = "im.example.com:5100".parse().unwrap();
    let attempt = |address: &str, kind: io::ErrorKind| {
        let address = address.parse().unwrap();
        Attempt { address, error: kind.into() }
    };
    let failed = ConnectError::Failed {
        endpoint,
        attempts: vec![
            attempt("[::1]:5100", io::ErrorKind::ConnectionRefused),
            attempt("127.0.0.1:5100", io::ErrorKind::TimedOut),
        ],
    };
    assert_eq!(
        failed.to_string(),
        "cannot connect to im.example.com:5100: [::1]:5100: connection refused; 127.0.0.1:5100: timed out"
    );
}

#[tokio::test]
async fn packets_are_not_held_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = dial(listener.local_addr().unwrap()).await.unwrap();
    assert!(stream.nodelay().unwrap());
}
