//! Values that are too large, the list `encode_limits` of codec-invalid.json.

use serde_json::Value;
use wkproto::{EncodeError, Encoder, MAX_PLAINTEXT, MessageSeq, Packet, PacketType, ProtocolVersion};

use crate::{fields, list, load, text, version};

#[test]
fn what_is_too_large_is_refused_and_the_limit_named() {
    let v5 = ProtocolVersion::V5;
    for limit in list(&load("codec-invalid.json"), "encode_limits", 13) {
        let name = text(&limit, "name");
        let (inputs, payload) = expand(&limit["input"]);
        let client = Encoder::new(version(&limit));
        let encode = |encoder: Encoder| {
            let packet = fields::packet(text(&limit, "packet"), &inputs, &payload);
            encoder.to_bytes(&packet).map(|bytes| {
                assert_eq!(Packet::decode(&bytes, version(&limit)), Ok(packet), "{name}");
            })
        };
        let seq =
            |packet| Err(EncodeError::SeqTooLarge { packet, seq: MessageSeq::new(1 << 32), version: v5 });
        let string = |packet, field| Err(EncodeError::StringTooLong { packet, field, len: 32_768 });
        let expected = match name {
            // Both libraries stop at 32,767 bytes on the wire. This crate stops at a plaintext that a cluster
            // survives, and at 32,767 bytes of plaintext where the caller has allowed them.
            "send-payload-32767" | "send-payload-32768" | "send-payload-32768-v6" => {
                let too_long = |limit| {
                    Err(EncodeError::PayloadTooLong { len: payload.len(), limit, max_plaintext: limit })
                };
                let raised = if payload.len() == 32_767 { Ok(()) } else { too_long(32_767) };
                assert_eq!(encode(client.max_plaintext(32_767)), raised, "{name}");
                too_long(MAX_PLAINTEXT)
            }
            "recv-payload-100000" | "event-data-100000" | "connect-uid-32767" => Ok(()),
            // Both libraries write what neither of them reads.
            "recv-payload-2000000" => {
                let (packet, limit) = (PacketType::Recv, 1024 * 1024);
                Err(EncodeError::BodyTooLong { packet, len: 2_000_000 + 30, limit })
            }
            "connect-uid-32768" => string(PacketType::Connect, "uid"),
            // The v2 library does not write the field at all.
            "sendack-client-msg-no-32768" => string(PacketType::Sendack, "client_msg_no"),
            "sendack-v5-seq-2e32" => seq(PacketType::Sendack),
            "recv-v5-seq-2e32" => seq(PacketType::Recv),
            "recvack-v5-seq-2e32" => seq(PacketType::Recvack),
            // Both libraries cut the number off. Here the field has 32 bits, so there is nothing to cut.
            "send-client-seq-2e32p5" => continue,
            _ => panic!("{name} has no expectation"),
        };
        assert_eq!(encode(client), expected, "{name}");
    }
}

/// Writes out what the file abbreviates as `{"repeat":"61","count":n}`, apart from the payload.
fn expand(input: &Value) -> (Value, Vec<u8>) {
    let mut input = input.clone();
    let mut payload = Vec::new();
    for (name, value) in input.as_object_mut().unwrap() {
        if let Some(count) = value.get("count").and_then(Value::as_u64) {
            assert_eq!(text(value, "repeat"), "61");
            let count = usize::try_from(count).unwrap();
            if name.ends_with("_hex") {
                payload = vec![b'a'; count];
            } else {
                *value = "a".repeat(count).into();
            }
        }
    }
    (input, payload)
}
