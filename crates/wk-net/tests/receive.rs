//! What the receiving half of a link makes of the bytes that come.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::io;

use common::{HOUR, Scripted, end, frame, packet};
use proptest::prelude::*;
use tokio::io::{AsyncWriteExt, duplex};
use tokio::time::timeout;
use wk_net::proto::{DecodeError, PacketType};
use wk_net::{CloseReason, Limits, Link, LinkEvent};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn frames_do_not_depend_on_where_the_stream_was_cut(
        bodies in proptest::collection::vec(0_usize..40_000, 1..8),
        cuts in proptest::collection::vec(1_usize..50_000, 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let packets: Vec<_> = (0..).zip(&bodies).map(|(tag, len)| packet(*len, tag)).collect();
            let mut reads = Vec::new();
            let stream = packets.concat();
            let mut rest = stream.as_slice();
            // A read buffer may have less room than a cut is long: 2 KiB is what every read can take.
            for cut in cuts.iter().map(|cut| cut % 2048 + 1).cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, tail) = rest.split_at(cut.min(rest.len()));
                reads.push(Ok(piece.to_vec()));
                rest = tail;
            }
            reads.push(Ok(Vec::new()));
            let (_sender, mut receiver) = Link::from_stream(Scripted::default().reads(reads)).split();
            for packet in packets {
                assert_eq!(frame(&mut receiver).await, packet);
            }
            assert!(matches!(end(&mut receiver).await, CloseReason::Ended));
        });
    }
}

#[tokio::test]
async fn frames_of_one_read_are_all_there_at_once() {
    let (near, mut far) = duplex(1024);
    let mut link = Link::from_stream(near);
    assert!(link.receiver.try_recv().is_none());
    far.write_all(&[packet(3, 1), packet(0, 2), packet(5, 3), vec![0xc0, 9]].concat()).await.unwrap();
    assert_eq!(frame(&mut link.receiver).await, packet(3, 1));
    for expected in [packet(0, 2), packet(5, 3)] {
        match link.receiver.try_recv() {
            Some(LinkEvent::Frame(frame)) => assert_eq!(frame.as_bytes(), expected),
            other => panic!("expected a frame, got {other:?}"),
        }
    }
    assert!(link.receiver.try_recv().is_none());
    far.write_all(&[7; 9]).await.unwrap();
    assert_eq!(frame(&mut link.receiver).await, packet(9, 7));
}

#[tokio::test]
async fn an_end_within_a_packet_is_told_from_one_between_two() {
    let (near, mut far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    far.write_all(&packet(300, 1)).await.unwrap();
    drop(far);
    frame(&mut receiver).await;
    assert!(matches!(end(&mut receiver).await, CloseReason::Ended));

    let (near, mut far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    far.write_all(&packet(300, 1)[..250]).await.unwrap();
    drop(far);
    assert!(matches!(end(&mut receiver).await, CloseReason::Truncated { received: 250 }));
}

#[tokio::test]
async fn bytes_that_are_no_packet_end_the_link_after_the_packets_before_them() {
    let (near, mut far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    far.write_all(&[packet(3, 1), b"HTTP/1.1 400 Bad Request".to_vec()].concat()).await.unwrap();
    assert_eq!(frame(&mut receiver).await, packet(3, 1));
    // 0x48 is a SENDACK with a body of 0x54 bytes; 0xf0 would have the type 15.
    assert!(receiver.try_recv().is_none());
    let (near, mut far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    far.write_all(&[packet(3, 1), vec![0xf0, 1, 1], packet(3, 2)].concat()).await.unwrap();
    assert_eq!(frame(&mut receiver).await, packet(3, 1));
    let reason = end(&mut receiver).await;
    assert!(matches!(reason, CloseReason::Protocol(DecodeError::UnknownType { value: 15 })), "{reason:?}");
}

#[tokio::test]
async fn a_body_over_the_limit_ends_the_link_before_it_is_read() {
    let (near, mut far) = duplex(1024);
    let mut limits = Limits::default();
    limits.frame_body = 100;
    let (_sender, mut receiver) = Link::with_limits(near, limits).split();
    far.write_all(&packet(100, 1)).await.unwrap();
    assert_eq!(frame(&mut receiver).await, packet(100, 1));
    far.write_all(&packet(101, 1)[..2]).await.unwrap();
    let reason = end(&mut receiver).await;
    let refused = DecodeError::TooLarge { packet: PacketType::Event, len: 101, limit: 100 };
    assert!(matches!(reason, CloseReason::Protocol(error) if error == refused));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_holds_the_peer_back() {
    const CAPACITY: usize = 4096;
    let (near, mut far) = duplex(CAPACITY);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    let peer = tokio::spawn(async move {
        let mut written = 0;
        // A write that waits for an hour of paused time waits for ever.
        while let Ok(result) = timeout(HOUR, far.write_all(&packet(98, 1))).await {
            result.unwrap();
            written += 100;
        }
        written
    });
    frame(&mut receiver).await;
    let written = peer.await.unwrap();
    // One full pipe was read (and may be kept), one more is full again.
    assert!(written <= 2 * CAPACITY, "{written} bytes were taken from a peer that nobody listens to");
    let mut received = 1;
    while let Some(LinkEvent::Frame(_)) = receiver.try_recv() {
        received += 1;
    }
    assert_eq!(received, written / 100);
}

#[tokio::test(start_paused = true)]
async fn giving_up_waiting_loses_nothing() {
    let (near, mut far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    for byte in packet(5, 1) {
        assert!(timeout(HOUR, receiver.recv()).await.is_err());
        far.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(frame(&mut receiver).await, packet(5, 1));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_falls_silent_ends_nothing() {
    let (near, _far) = duplex(1024);
    let (_sender, mut receiver) = Link::from_stream(near).split();
    assert!(timeout(1000 * HOUR, receiver.recv()).await.is_err());
}

#[tokio::test]
async fn a_failed_read_is_the_end() {
    let reads = [Ok(packet(3, 1)), Err(io::ErrorKind::ConnectionReset.into())];
    let (_sender, mut receiver) = Link::from_stream(Scripted::default().reads(reads)).split();
    frame(&mut receiver).await;
    let reason = end(&mut receiver).await;
    assert!(matches!(&reason, CloseReason::Read(error) if error.kind() == io::ErrorKind::ConnectionReset));
    assert_eq!(reason.to_string(), "cannot read from the connection: connection reset");
}

#[tokio::test]
async fn a_failed_write_ends_the_link_after_what_was_there_to_read() {
    let stream = Scripted::default().reads([Ok(packet(3, 1))]).fail_writes(io::ErrorKind::BrokenPipe);
    let (sender, mut receiver) = Link::from_stream(stream).split();
    sender.send(&packet(1, 1)).unwrap();
    tokio::task::yield_now().await;
    frame(&mut receiver).await;
    let reason = end(&mut receiver).await;
    assert!(matches!(reason, CloseReason::Write(error) if error.kind() == io::ErrorKind::BrokenPipe));
}

#[tokio::test(start_paused = true)]
async fn reading_goes_on_after_the_sender_is_gone() {
    let (near, mut far) = duplex(1024);
    let (sender, mut receiver) = Link::from_stream(near).split();
    drop(sender);
    assert!(timeout(HOUR, receiver.recv()).await.is_err());
    far.write_all(&packet(3, 1)).await.unwrap();
    assert_eq!(frame(&mut receiver).await, packet(3, 1));
}
