//! What the sending half of a link writes, when it refuses and how it closes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::io;
use std::time::Duration;

use common::{HOUR, Scripted, packet};
use tokio::io::{AsyncReadExt, BufStream, duplex};
use tokio::task::yield_now;
use tokio::time::timeout;
use wk_net::{Limits, Link, LinkSender, SendError, Unflushed};

fn with_queue(stream: Scripted, send_queue: usize) -> Link {
    let mut limits = Limits::default();
    limits.send_queue = send_queue;
    Link::with_limits(stream, limits)
}

/// Sends what fits.
fn fill(sender: &LinkSender, size: usize) -> usize {
    (0..).find(|_| sender.send(&vec![1; size]).is_err()).unwrap()
}

#[tokio::test]
async fn packets_that_gather_go_out_in_one_write_and_in_order() {
    let stream = Scripted::default();
    let link = Link::from_stream(stream.clone());
    let first = [packet(3, 1), packet(0, 2), packet(300, 3)];
    for packet in &first {
        link.sender.send(packet).unwrap();
    }
    stream.stall(true);
    yield_now().await;
    assert_eq!(stream.writes(), Vec::<Vec<u8>>::new());
    let second = [packet(4, 4), packet(5, 5)];
    for packet in &second {
        link.sender.send(packet).unwrap();
    }
    stream.stall(false);
    yield_now().await;
    assert_eq!(stream.writes(), [first.concat(), second.concat()]);
    assert_eq!(link.sender.queued(), 0);
}

#[tokio::test]
async fn what_a_stream_buffers_is_flushed() {
    let (near, mut far) = duplex(1024);
    let link = Link::from_stream(BufStream::new(near));
    link.sender.send(&packet(3, 1)).unwrap();
    let mut got = vec![0; 5];
    far.read_exact(&mut got).await.unwrap();
    assert_eq!(got, packet(3, 1));
}

#[tokio::test]
async fn a_full_queue_refuses_until_the_peer_reads() {
    let stream = Scripted::default();
    stream.stall(true);
    let link = with_queue(stream.clone(), 100);
    link.sender.send(&[1; 60]).unwrap();
    // Taken by the writer, but not written: it still counts.
    yield_now().await;
    link.sender.send(&[1; 40]).unwrap();
    let full = SendError::Full { queued: 100, packet: 1, limit: 100 };
    assert_eq!(link.sender.send(&[1]), Err(full));
    assert_eq!(
        full.to_string(),
        "cannot queue a packet of 1 bytes: 100 of 100 bytes are waiting to be written"
    );
    stream.stall(false);
    yield_now().await;
    link.sender.send(&[1; 100]).unwrap();
    yield_now().await;
    assert_eq!(stream.writes().concat().len(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_costs_no_more_than_the_limit() {
    let (near, _far) = duplex(1000);
    let link = Link::from_stream(near);
    let mut accepted = 0;
    for _ in 0..10 {
        accepted += fill(&link.sender, 64 << 10) * (64 << 10);
        assert!(timeout(HOUR, std::future::pending::<()>()).await.is_err());
    }
    assert!(accepted <= Limits::default().send_queue, "{accepted} bytes were taken");
}

#[tokio::test]
async fn a_graceful_close_writes_everything_and_then_ends_the_stream() {
    let (near, mut far) = duplex(1000);
    let (sender, receiver) = Link::from_stream(near).split();
    let count = fill(&sender, 1 << 20);
    let closing = sender.close(Duration::from_secs(5));
    let mut got = Vec::new();
    let peer = async {
        far.read_to_end(&mut got).await.unwrap();
    };
    let (closed, ()) = tokio::join!(closing, peer);
    assert_eq!(closed, Ok(()));
    assert_eq!(got.len(), count << 20);
    drop(receiver);
}

#[tokio::test]
async fn a_graceful_close_goes_on_when_nobody_waits_for_it() {
    let (near, mut far) = duplex(10);
    let (sender, _receiver) = Link::from_stream(near).split();
    sender.send(&packet(500, 1)).unwrap();
    drop(sender.close(Duration::from_secs(5)));
    let mut got = Vec::new();
    far.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, packet(500, 1));
}

#[tokio::test(start_paused = true)]
async fn a_graceful_close_ends_at_its_deadline() {
    let (near, mut far) = duplex(10);
    let (sender, receiver) = Link::from_stream(near).split();
    sender.send(&packet(500, 1)).unwrap();
    // The writer is in the middle of its write when the close begins.
    yield_now().await;
    let mut closing = sender.close(Duration::from_secs(5));
    assert!(timeout(Duration::from_secs(4), &mut closing).await.is_err());
    let result = timeout(Duration::from_secs(2), closing).await.unwrap();
    assert!(matches!(result, Err(Unflushed { bytes: 503, .. })), "{result:?}");
    drop(receiver);
    let mut got = Vec::new();
    far.read_to_end(&mut got).await.unwrap();
    assert_eq!(got.len(), 10);
}

#[tokio::test]
async fn dropping_both_halves_ends_the_stream_without_what_is_queued() {
    let (near, mut far) = duplex(10);
    let link = Link::from_stream(near);
    link.sender.send(&packet(500, 1)).unwrap();
    yield_now().await;
    drop(link);
    let mut got = Vec::new();
    far.read_to_end(&mut got).await.unwrap();
    assert_eq!(got.len(), 10);
}

#[tokio::test]
async fn after_a_failed_write_nothing_is_taken() {
    let link = Link::from_stream(Scripted::default().fail_writes(io::ErrorKind::BrokenPipe));
    link.sender.send(&packet(3, 1)).unwrap();
    yield_now().await;
    assert_eq!(link.sender.send(&packet(3, 1)), Err(SendError::Closed));
    let result = link.sender.close(Duration::from_secs(5)).await;
    assert!(matches!(result, Err(Unflushed { bytes: 5, .. })), "{result:?}");
}
