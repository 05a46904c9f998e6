//! Servers that mean harm: a clear end, and memory that stays within bounds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::io;

use allocation_counter::measure;
use common::{Scripted, packet};
use wk_net::{CloseReason, Link, LinkEvent};
use wkproto::{DecodeError, PacketType};

/// What one link may take beside its largest packet: buffers, tasks, the runtime.
const SLACK: u64 = 256 << 10;
const LARGEST: u64 = 1 << 20;

/// Reads everything that a server sends, forgetting it at once: how many packets, and how it ended.
async fn read(stream: Scripted) -> (usize, CloseReason) {
    let mut link = Link::from_stream(stream);
    let mut packets = 0;
    loop {
        match link.receiver.recv().await.unwrap() {
            LinkEvent::Frame(_) => packets += 1,
            LinkEvent::Closed(reason) => return (packets, reason),
        }
    }
}

/// Runs on one thread, and says how much memory was in use at most. The script itself is made before.
fn measured<T>(work: impl Future<Output = T>) -> (T, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut result = None;
    let used = measure(|| result = Some(runtime.block_on(work)));
    (result.unwrap(), used.bytes_max)
}

fn script(reads: impl IntoIterator<Item = Vec<u8>>) -> Scripted {
    let end = [Vec::new()];
    Scripted::default().reads(reads.into_iter().chain(end).map(io::Result::Ok))
}

#[test]
fn a_length_is_no_reason_to_take_memory() {
    // Each says that a megabyte follows, and a few bytes do.
    let lie = [&[0x20, 0x80, 0x80, 0x40][..], &[0; 100]].concat();
    let ((packets, reason), used) = measured(read(script([lie])));
    assert_eq!(packets, 0);
    assert!(matches!(reason, CloseReason::Truncated { received: 104 }), "{reason:?}");
    assert!(used < SLACK, "{used} bytes");
}

#[test]
fn a_length_over_the_limit_ends_the_link_at_once() {
    for header in [[0x20, 0x81, 0x80, 0x40], [0x50, 0xff, 0xff, 0xff]] {
        let endless = std::iter::once(header.to_vec()).chain((0..100).map(|_| vec![0; 16 << 10]));
        let ((packets, reason), used) = measured(read(script(endless.collect::<Vec<_>>())));
        assert_eq!(packets, 0);
        assert!(matches!(reason, CloseReason::Protocol(DecodeError::TooLarge { .. })), "{reason:?}");
        assert!(used < SLACK, "{used} bytes");
    }
}

#[test]
fn packets_of_the_largest_size_cost_one_of_them() {
    let largest = packet(1 << 20, 7);
    let reads: Vec<_> = (0..20).flat_map(|_| largest.chunks(8 << 10).map(<[u8]>::to_vec)).collect();
    let ((packets, reason), used) = measured(read(script(reads)));
    assert_eq!(packets, 20);
    assert!(matches!(reason, CloseReason::Ended), "{reason:?}");
    // While it grows, a buffer is there twice.
    assert!(used < 3 * LARGEST + SLACK, "{used} bytes");
}

#[test]
fn a_packet_in_every_read_of_a_byte_is_taken_one_by_one() {
    let ((packets, _), used) = measured(read(script((0..100_000).map(|_| vec![0x80]))));
    assert_eq!(packets, 100_000);
    assert!(used < 100_000 * 64 + SLACK, "{used} bytes, the script's queue included");
}

#[test]
fn a_hundred_thousand_tiny_packets_wait_in_the_network_until_they_are_read() {
    let reads: Vec<_> = (0..25).map(|_| [0xc0, 0].repeat(4_000)).collect();
    let stream = script(reads);
    let left = stream.clone();
    let ((), used) = measured(async move {
        let mut link = Link::from_stream(stream);
        assert!(matches!(link.receiver.recv().await, Some(LinkEvent::Frame(_))));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(left.unread() >= 24, "{} reads are left", left.unread());
    });
    assert!(used < SLACK, "{used} bytes");
}

#[test]
fn types_that_do_not_exist_end_the_link() {
    for value in [0_u8, 13, 14, 15] {
        let ((packets, reason), _) = measured(read(script([vec![0x80, value << 4, 1, 1]])));
        assert_eq!(packets, 1, "what came before is delivered");
        let CloseReason::Protocol(error) = reason else { panic!("{reason:?}") };
        assert_eq!(error, DecodeError::UnknownType { value });
        assert!(PacketType::new(value).is_none());
    }
}
