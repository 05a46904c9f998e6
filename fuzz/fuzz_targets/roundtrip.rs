//! Any packet in any version.
//!
//! It is refused and nothing is written, or it is read back as what this version can carry of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wkproto::{Encoder, Packet, ProtocolVersion};

fuzz_target!(|input: (ProtocolVersion, bool, Packet<'_>)| {
    let (version, relay, packet) = input;
    let client = Encoder::new(version);
    let encoder = if relay { client.relay() } else { client };
    let mut written = b"before".to_vec();
    let outcome = encoder.encode(&packet, &mut written);
    let written = written.strip_prefix(b"before").expect("what was there stays");
    assert_eq!(encoder.encoded_len(&packet), outcome.map(|()| written.len()));
    if outcome.is_err() {
        return assert!(written.is_empty());
    }
    let read = Packet::decode(written, version).expect("what was written can be read");
    assert_eq!(encoder.to_bytes(&read).as_deref(), Ok(written));
    assert_eq!((read.packet_type(), read.flags()), (packet.packet_type(), packet.flags()));
    match (packet, read) {
        (Packet::Send(given), Packet::Send(read)) => {
            assert_eq!((given.payload, given.msg_key), (read.payload, read.msg_key));
        }
        (Packet::Recv(given), Packet::Recv(read)) => {
            assert_eq!((given.payload, given.message_seq), (read.payload, read.message_seq));
        }
        (Packet::Sendack(_) | Packet::Connack(_), _) => (),
        // The others carry all of their fields in every version.
        (given, read) => assert_eq!(given, read),
    }
});
