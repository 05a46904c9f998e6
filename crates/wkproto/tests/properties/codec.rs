//! Packets and streams.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use wkproto::*;

use crate::parts::{parts, version};

proptest! {
    #[test]
    fn a_packet_is_the_same_after_encoding_and_decoding(parts in parts(), version in version()) {
        let packet = parts.packet(version);
        let bytes = parts.bytes(version);
        assert_eq!(Encoder::new(version).relay().encoded_len(&packet), Ok(bytes.len()));
        assert_eq!(Packet::decode(&bytes, version), Ok(packet));
        assert_eq!(naive_len(&bytes), Some(bytes.len()));
    }

    #[test]
    fn a_stream_cut_anywhere_gives_the_same_packets(
        all in vec(parts(), 1..12),
        cuts in vec(any::<Index>(), 0..30),
        version in version(),
    ) {
        let bytes: Vec<_> = all.iter().map(|parts| parts.bytes(version)).collect();
        let stream = bytes.concat();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let mut decoder = Decoder::new();
        let mut frames = vec![];
        for cut in cuts.windows(2) {
            decoder.extend(&stream[cut[0]..cut[1]]);
            while let Some(frame) = decoder.next_frame().unwrap() {
                frames.push(frame);
            }
        }
        assert_eq!(decoder.buffered(), 0);
        assert_eq!(frames.iter().map(Frame::as_bytes).collect::<Vec<_>>(), bytes);
        let expected: Vec<_> = all.iter().map(|parts| parts.packet(version)).collect();
        assert_eq!(frames.iter().map(|frame| frame.decode(version).unwrap()).collect::<Vec<_>>(), &expected[..]);
        let mut whole = packets(&stream, version, DEFAULT_LIMIT);
        assert_eq!(whole.by_ref().map(Result::unwrap).collect::<Vec<_>>(), expected);
        assert_eq!(whole.consumed(), stream.len());
    }

    #[test]
    fn a_truncated_packet_asks_for_more(parts in parts(), version in version(), cut: Index) {
        let bytes = parts.bytes(version);
        let start = &bytes[..cut.index(bytes.len())];
        let missing = bytes.len() - start.len();
        let Peek::Need(wanted) = peek(start, DEFAULT_LIMIT).unwrap() else { panic!("a packet") };
        assert!((1..=missing).contains(&wanted));
        let mut decoder = Decoder::new();
        decoder.extend(start);
        assert_eq!(decoder.next_frame(), Ok(None));
        let incomplete = Packet::decode(start, version).is_err_and(
            |error| matches!(error, DecodeError::Incomplete { missing } if missing == wanted)
        );
        assert!(incomplete);
    }

    #[test]
    fn a_flipped_bit_never_panics(
        all in vec(parts(), 1..4),
        version in version(),
        place: Index,
        bit in 0_u8..8,
    ) {
        let mut stream: Vec<u8> = all.iter().flat_map(|parts| parts.bytes(version)).collect();
        let place = place.index(stream.len());
        stream[place] ^= 1_u8 << bit;
        check_any_bytes(&stream);
    }

    #[test]
    fn any_bytes_are_cut_as_the_protocol_says(stream in vec(any::<u8>(), 0..200)) {
        check_any_bytes(&stream);
    }
}

/// Nothing panics, every reader agrees with the naive one on where packets end, and what is read can be written.
fn check_any_bytes(stream: &[u8]) {
    for version in ProtocolVersion::ALL {
        let mut decoder = Decoder::new();
        decoder.extend(stream);
        let mut rest = stream;
        while let Ok(Some(frame)) = decoder.next_frame() {
            assert_eq!(Some(frame.as_bytes().len()), naive_len(rest));
            if let Ok(packet) = frame.decode(version) {
                let again = Encoder::new(version).relay().to_bytes(&packet).unwrap();
                assert_eq!(Packet::decode(&again, version), Ok(packet));
            }
            rest = &rest[frame.as_bytes().len()..];
        }
        if decoder.next_frame().is_ok() {
            assert_eq!(naive_len(rest), None);
        }
    }
}

/// How long the packet at the front is, by the letter of the protocol; nothing if it is not all there.
fn naive_len(bytes: &[u8]) -> Option<usize> {
    if matches!(*bytes.first()? >> 4, 7 | 8) {
        return Some(1);
    }
    let mut digits = vec![];
    for &digit in bytes[1..].iter().take(4) {
        digits.push(usize::from(digit));
        if digit < 128 {
            break;
        }
    }
    let goes_on = *digits.last()? >= 128;
    let body = digits.iter().rev().fold(0, |value, digit| value * 128 + digit % 128);
    let len = 1 + digits.len() + usize::from(goes_on) + body;
    Some(len).filter(|len| *len <= bytes.len() && !(goes_on && digits.len() < 4))
}
