//! What the tests of the packets share: values of the worked example, and the check of one packet both ways.

use alloc::vec::Vec;
use core::fmt::Debug;

use crate::{Encoder, MessageId, Packet, ProtocolVersion};

/// The values of docs/protocol.md §8.
pub(crate) const CLIENT_KEY: &str = "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=";
pub(crate) const SERVER_KEY: &str = "WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns=";
pub(crate) const SALT: &str = "aB3dE5gH7jK9mN1p";
pub(crate) const CIPHERTEXT: &[u8] = b"38D8a6ItgYxnbwQSdhvkw0WaegayZpPw1vWdP5RdABU=";
pub(crate) const CIPHERTEXT_HEX: &str =
    "33384438613649746759786e627751536468766b77305761656761795a70507731765764503552644142553d";
pub(crate) const MESSAGE_ID: MessageId = MessageId::new(1_745_678_901_234_567_168);

/// The bytes of a text of hex digits and blanks.
pub(crate) fn decode(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).unwrap()).collect()
}

/// A client's packet has these bytes and is read from them.
#[track_caller]
pub(crate) fn check<'a, P: Into<Packet<'a>>>(packet: P, version: ProtocolVersion, hex: &str) {
    check_with(Encoder::new(version), &packet.into(), version, hex);
}

/// The same for a packet that a client may not send.
#[track_caller]
pub(crate) fn check_relayed<'a, P: Into<Packet<'a>>>(packet: P, version: ProtocolVersion, hex: &str) {
    let packet = packet.into();
    assert!(packet.to_bytes(version).is_err());
    check_with(Encoder::new(version).relay(), &packet, version, hex);
}

#[track_caller]
fn check_with(encoder: Encoder, packet: &Packet<'_>, version: ProtocolVersion, hex: &str) {
    let bytes = decode(hex);
    assert_same(encoder.to_bytes(packet).as_deref(), Ok(&bytes[..]));
    assert_same(encoder.encoded_len(packet), Ok(bytes.len()));
    assert_same(Packet::decode(&bytes, version), Ok(*packet));
}

#[track_caller]
fn assert_same<T: PartialEq + Debug, E: PartialEq + Debug>(left: Result<T, E>, right: Result<T, E>) {
    assert_eq!(left, right);
}
