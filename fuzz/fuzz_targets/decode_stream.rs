//! Any bytes in any pieces, in every version.
//!
//! No panic, no more memory than was received, and every way of reading finds the same packets, which can be
//! written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wkproto::{DEFAULT_LIMIT, Decoder, Encoder, Frame, Packet, Peek, ProtocolVersion, packets, peek};

// The first byte is the size of the pieces, the rest is what is received.
fuzz_target!(|data: &[u8]| {
    let Some((&size, stream)) = data.split_first() else { return };
    for limit in [16, DEFAULT_LIMIT] {
        let frames = in_pieces(stream, usize::from(size).max(1), limit);
        assert_eq!(frames, by_peeking(stream, limit));
        assert!(frames.iter().all(|frame| frame.len() <= limit + 6));
        for version in ProtocolVersion::ALL {
            borrowed(stream, version, limit, &frames);
        }
    }
});

fn in_pieces(stream: &[u8], size: usize, limit: usize) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::with_limit(limit);
    let (mut frames, mut taken, mut received) = (Vec::new(), 0, 0);
    for piece in stream.chunks(size) {
        decoder.extend(piece);
        received += piece.len();
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => {
                    taken += frame.as_bytes().len();
                    frames.push(frame.as_bytes().to_vec());
                    assert_eq!(Frame::from_bytes(frame.clone().into_bytes()), Ok(frame));
                }
                Ok(None) => {
                    // What could be refused already has not been kept.
                    assert!(matches!(peek(&stream[taken..received], limit), Ok(Peek::Need(_))));
                    assert_eq!(decoder.buffered(), received - taken);
                    break;
                }
                Err(failure) => {
                    decoder.extend(stream);
                    assert_eq!((decoder.next_frame(), decoder.buffered()), (Err(failure), 0));
                    return frames;
                }
            }
        }
        // Room is made for what was received, never for what was only announced.
        assert!(decoder.buffer_mut().capacity() <= 4 * stream.len() + 64);
    }
    frames
}

fn by_peeking(mut stream: &[u8], limit: usize) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    while let Ok(Peek::Frame(len)) = peek(stream, limit) {
        let (frame, rest) = stream.split_at(len);
        frames.push(frame.to_vec());
        stream = rest;
    }
    frames
}

fn borrowed(stream: &[u8], version: ProtocolVersion, limit: usize, frames: &[Vec<u8>]) {
    let mut packets = packets(stream, version, limit);
    let mut frames = frames.iter();
    let encoder = Encoder::new(version).relay();
    for packet in packets.by_ref() {
        let Ok(packet) = packet else { return };
        assert_eq!(Packet::decode(frames.next().expect("as many frames as packets"), version), Ok(packet));
        let written = encoder.to_bytes(&packet).expect("what was read can be written");
        assert_eq!(Packet::decode(&written, version), Ok(packet));
    }
    assert!(packets.consumed() <= stream.len());
    assert!(frames.next().is_none());
}
