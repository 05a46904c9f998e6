//! Reading a packet from a filled buffer allocates nothing, writing one at most once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use allocation_counter::measure;
use bytes::BytesMut;
use wkproto::*;

const TEXT: &str = "0123456789abcdef0123456789abcdef";

/// One packet of each kind, with all its fields, in a version that has them.
fn each() -> Vec<(Packet<'static>, ProtocolVersion)> {
    let setting = Setting::TOPIC | Setting::STREAM;
    let (stream_no, topic) = (TEXT.into(), TEXT.into());
    let (message_id, message_seq) = (MessageId::new(1), MessageSeq::new(2));
    let payload = &[b'p'; 500];
    let all: [Packet<'_>; 12] = [
        Connect { uid: TEXT.into(), token: TEXT.into(), client_key: TEXT.into(), ..Connect::default() }
            .into(),
        Connack { server_version: Some(4), salt: TEXT.into(), node_id: Some(1), ..Connack::default() }.into(),
        Send { setting, stream_no, topic, msg_key: TEXT.into(), payload, ..Send::default() }.into(),
        Sendack { message_id, message_seq, client_msg_no: Some(TEXT.into()), ..Sendack::default() }.into(),
        Recv { setting, stream_no, topic, message_id, message_seq, payload, ..Recv::default() }.into(),
        Recvack { message_id, message_seq, ..Recvack::default() }.into(),
        Packet::Ping,
        Packet::Pong,
        Disconnect { reason_text: TEXT.into(), ..Disconnect::default() }.into(),
        Sub { sub_no: TEXT.into(), param: TEXT.into(), ..Sub::default() }.into(),
        Suback { sub_no: TEXT.into(), channel_id: TEXT.into(), ..Suback::default() }.into(),
        Event { id: TEXT.into(), event_type: TEXT.into(), data: payload, ..Event::default() }.into(),
    ];
    assert!(all.iter().map(Packet::packet_type).eq(PacketType::ALL));
    all.into_iter().map(|packet| (packet, ProtocolVersion::V4)).collect()
}

#[test]
fn decoding_allocates_nothing() {
    for (packet, version) in each() {
        let bytes = Encoder::new(version).relay().to_bytes(&packet).unwrap();
        let frame = Frame::from_bytes(bytes.clone()).unwrap();
        let allocations = measure(|| {
            assert_eq!(Packet::decode(&bytes, version), Ok(packet));
            assert_eq!(frame.decode(version), Ok(packet));
            assert!(packets(&bytes, version, DEFAULT_LIMIT).eq([Ok(packet)]));
            assert_eq!(peek(&bytes, DEFAULT_LIMIT), Ok(Peek::Frame(bytes.len())));
        });
        assert_eq!(allocations.count_total, 0, "{packet:?}");
    }
}

#[test]
fn broken_packets_allocate_nothing() {
    for (packet, version) in each() {
        let bytes = Encoder::new(version).relay().to_bytes(&packet).unwrap();
        let allocations = measure(|| {
            for len in 0..bytes.len() {
                assert!(Packet::decode(&bytes[..len], version).is_err());
            }
        });
        assert_eq!(allocations.count_total, 0, "{packet:?}");
    }
}

#[test]
fn encoding_allocates_once_or_not_at_all() {
    for (packet, version) in each() {
        let encoder = Encoder::new(version).relay();
        let mut prepared = BytesMut::with_capacity(encoder.encoded_len(&packet).unwrap());
        let fresh = measure(|| encoder.encode(&packet, &mut Vec::new()).unwrap());
        let into_room = measure(|| encoder.encode(&packet, &mut prepared).unwrap());
        assert_eq!((fresh.count_total, into_room.count_total), (1, 0), "{packet:?}");
        // The shared owner is made when it is first cloned.
        assert_eq!(measure(|| drop(encoder.to_bytes(&packet).unwrap())).count_total, 1, "{packet:?}");
    }
}

#[test]
fn a_filled_buffer_becomes_frames_without_copies() {
    let stream: Vec<u8> = each()
        .iter()
        .flat_map(|(packet, version)| Encoder::new(*version).relay().to_bytes(packet).unwrap())
        .collect();
    let mut decoder = Decoder::new();
    decoder.extend(&stream.repeat(10));
    let allocations = measure(|| {
        let mut frames = 0;
        while let Some(frame) = decoder.next_frame().unwrap() {
            frame.decode(ProtocolVersion::V4).unwrap();
            frames += 1;
        }
        assert_eq!(frames, 120);
    });
    // The one is the owner that all frames of the buffer share.
    assert_eq!(allocations.count_total, 1);
}

#[test]
fn an_announced_length_allocates_nothing() {
    let mut decoder = Decoder::new();
    decoder.extend(b"\x30\x80\x80\x40");
    assert_eq!(measure(|| assert_eq!(decoder.next_frame(), Ok(None))).count_total, 0);
}

#[test]
fn a_msg_key_is_checked_without_allocating() {
    let secret = ClientSecret::from_bytes([7; 32]);
    let cipher = secret.agree(b"WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns=", &[b's'; 16]).unwrap();
    let mut wire = cipher.encrypt(&[b'p'; 5000]);
    let allocations = measure(|| {
        let send = Send { payload: &wire, ..Send::default() };
        assert!(cipher.send_msg_key(&send).as_str().len() == 32);
        assert_eq!(cipher.decrypt_in_place(&mut wire).unwrap().len(), 5000);
    });
    assert_eq!(allocations.count_total, 0);
    assert_eq!(measure(|| drop(cipher.encrypt(&[b'p'; 5000]))).count_total, 1);
}
