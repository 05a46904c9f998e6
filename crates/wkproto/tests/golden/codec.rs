//! Every packet of codec.json, read and written.

use bytes::Bytes;
use wkproto::{Decoder, Encoder, Frame, Packet, Peek, Setting, peek};

use crate::{fields, list, load, text, unhex, version};

#[test]
fn every_packet_is_read_and_written_as_by_the_go_codecs() {
    let mut written = 0;
    for vector in list(&load("codec.json"), "vectors", 862) {
        let (name, version) = (text(&vector, "name"), version(&vector));
        let bytes = unhex(text(&vector, "hex"));
        let payload = fields::payload(&vector["fields"]);
        let packet = fields::packet(text(&vector, "packet"), &vector["fields"], &payload);
        let encoder = Encoder::new(version).relay();
        let encoded = encoder.to_bytes(&packet);
        if vector.get("decode").is_some() {
            // The header announces more than there is: not a packet, and never written like that.
            assert!(matches!(peek(&bytes, bytes.len() * 2), Ok(Peek::Need(_))), "{name}");
            assert_ne!(encoded.as_deref(), Ok(&bytes[..]), "{name}");
            continue;
        }
        let frame = Frame::from_bytes(Bytes::from(bytes.clone())).unwrap();
        assert_eq!(frame.packet_type().name(), text(&vector, "packet"), "{name}");
        assert_eq!(frame.decode(version), Packet::decode(&bytes, version), "{name}");
        let decoded = frame.decode(version).unwrap();
        assert_eq!(fields::of(&decoded, version), vector["fields"], "{name}");
        if text(&vector, "source") == "goproto-1.2.3" {
            continue;
        }
        assert_eq!(decoded, packet, "{name}");
        assert_eq!(encoded.as_deref(), Ok(&bytes[..]), "{name}");
        assert_eq!(encoder.encoded_len(&packet), Ok(bytes.len()), "{name}");
        written += 1;
    }
    assert_eq!(written, 847);
}

#[test]
fn a_client_writes_the_same_or_refuses() {
    let (mut same, mut refused) = (0, 0);
    for vector in list(&load("codec.json"), "vectors", 862) {
        if text(&vector, "source") == "goproto-1.2.3" {
            continue;
        }
        let payload = fields::payload(&vector["fields"]);
        let packet = fields::packet(text(&vector, "packet"), &vector["fields"], &payload);
        let not_for_clients = Setting::NO_ENCRYPT | Setting::STREAM;
        if matches!(packet, Packet::Send(send) if send.setting.intersects(not_for_clients)) {
            assert!(packet.to_bytes(version(&vector)).is_err());
            refused += 1;
        } else {
            let bytes = unhex(text(&vector, "hex"));
            assert_eq!(packet.to_bytes(version(&vector)).as_deref(), Ok(&bytes[..]));
            same += 1;
        }
    }
    assert_eq!((same, refused), (805, 42));
}

#[test]
fn one_stream_of_all_packets_comes_apart_again() {
    let vectors = list(&load("codec.json"), "vectors", 862);
    let packets: Vec<_> = vectors
        .iter()
        .filter(|vector| vector.get("decode").is_none())
        .map(|vector| unhex(text(vector, "hex")))
        .collect();
    let stream = packets.concat();
    for size in [1, 2, 3, 7, 64, 4096, stream.len()] {
        let mut decoder = Decoder::new();
        let mut packets = packets.iter();
        for piece in stream.chunks(size) {
            decoder.extend(piece);
            while let Some(frame) = decoder.next_frame().unwrap() {
                assert_eq!(frame.as_bytes(), packets.next().unwrap());
            }
        }
        assert_eq!((packets.next(), decoder.buffered()), (None, 0));
    }
}
