//! Sessions recorded from real servers: every packet read, decrypted, checked and written again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use wkproto::{Cipher, ClientSecret, Connack, CryptoError, Encoder, Frame, Packet, Recv, Send, peek};
use wkproto::{DEFAULT_LIMIT, DecodeError, Peek, ProtocolVersion};

use crate::crypto::secret;
use crate::{fields, load, text, unhex};

#[test]
fn every_recorded_packet_is_understood() {
    let mut seen = Seen::default();
    for server in ["captures/v2", "captures/v3"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(server);
        for file in fs::read_dir(path).unwrap() {
            let name = format!("{server}/{}", file.unwrap().file_name().into_string().unwrap());
            for session in load(&name)["sessions"].as_array().unwrap() {
                replay(session, &name, &mut seen);
            }
        }
    }
    let packets: Vec<_> = seen.packets.iter().map(|(name, count)| (&**name, *count)).collect();
    let expected = [
        ("CONNACK", 88),
        ("CONNECT", 99),
        ("DISCONNECT", 21),
        ("EVENT", 10),
        ("PING", 62),
        ("PONG", 58),
        ("RECV", 206),
        ("RECVACK", 116),
        ("SEND", 166),
        ("SENDACK", 160),
        ("SUB", 2),
    ];
    assert_eq!(packets, expected);
    assert_eq!((seen.recv_opened, seen.send_opened), (206, 156));
    // A wrong MsgKey, none at all with an empty and with a plain payload, and no payload with a right MsgKey.
    let mismatch = seen.send_refused.iter().filter(|error| **error == CryptoError::MsgKeyMismatch).count();
    let empty = CryptoError::PayloadLength { len: 0 };
    let empty = seen.send_refused.iter().filter(|error| **error == empty).count();
    assert_eq!((mismatch, empty, seen.send_refused.len()), (2 * 3, 2, 2 * 4));
}

#[derive(Default)]
struct Seen {
    packets: BTreeMap<String, usize>,
    recv_opened: usize,
    send_opened: usize,
    send_refused: Vec<CryptoError>,
}

fn replay(session: &Value, file: &str, seen: &mut Seen) {
    let events = session["events"].as_array().unwrap();
    let secret = ClientSecret::from_bytes(secret(session, "client_private_key_hex"));
    let requested = session["requested_version"].as_u64().unwrap();
    // Servers take any number; those above the newest and 0 are read like the newest.
    let requested = ProtocolVersion::new(u8::try_from(requested).unwrap()).unwrap_or_default();
    let connack = events.iter().find(|event| event["packet"] == "CONNACK");
    let connack = connack.map(|event| unhex(text(event, "hex")));
    let connack = connack.as_deref().map(|bytes| match Packet::decode(bytes, requested) {
        Ok(Packet::Connack(connack)) => connack,
        other => panic!("{other:?}"),
    });
    let version = match connack {
        Some(connack) if connack.reason.is_success() => session_version(session, &connack, requested),
        _ => requested,
    };
    let cipher = connack
        .filter(Connack::is_encrypted)
        .map(|connack| secret.agree(connack.server_key.as_bytes(), connack.salt.as_bytes()).unwrap());
    let mut client_bytes = Vec::new();
    for event in events.iter().filter(|event| event["hex"].is_string()) {
        let bytes = unhex(text(event, "hex"));
        if event["dir"] == "c2s" {
            client_bytes.extend(bytes);
            continue;
        }
        let frame = Frame::from_bytes(bytes.into()).unwrap();
        let version = if event["packet"] == "CONNACK" { requested } else { version };
        let packet = frame.decode(version).unwrap();
        assert_eq!(packet.packet_type().name(), text(event, "packet"), "{file}");
        assert_eq!(u64::from(frame.flags().bits()), event["flags"].as_u64().unwrap(), "{file}");
        check_fields(&packet, version, &event["fields"], cipher.as_ref(), seen);
        written_alike(&packet, version, frame.as_bytes());
        *seen.packets.entry(packet.packet_type().name().to_owned()).or_default() += 1;
    }
    let mut rest = &client_bytes[..];
    while !rest.is_empty() {
        let len = match peek(rest, DEFAULT_LIMIT) {
            Ok(Peek::Frame(len)) => len,
            // Sent to see what the server does.
            Ok(Peek::Need(_)) | Err(DecodeError::UnknownType { .. } | DecodeError::TooLarge { .. }) => break,
            other => panic!("{other:?}"),
        };
        let packet = Packet::decode(&rest[..len], version).unwrap();
        written_alike(&packet, version, &rest[..len]);
        match (&packet, &cipher) {
            (Packet::Send(send), Some(cipher)) => check_send(send, cipher, seen),
            (Packet::Connect(connect), _) if !file.contains("bad-connects") => {
                assert_eq!(connect.client_key, &*secret.public_key_base64());
            }
            _ => (),
        }
        *seen.packets.entry(packet.packet_type().name().to_owned()).or_default() += 1;
        rest = &rest[len..];
    }
}

/// What the server chose, except that a client that asks for version 0 is not told.
fn session_version(session: &Value, connack: &Connack<'_>, requested: ProtocolVersion) -> ProtocolVersion {
    let recorded = session["session_version"].as_u64().unwrap();
    match connack.session_version(requested) {
        Some(version) => {
            assert_eq!(u64::from(version.value()), recorded);
            version
        }
        None => {
            assert_eq!(session["requested_version"], 0);
            ProtocolVersion::new(u8::try_from(recorded).unwrap()).unwrap_or(ProtocolVersion::V1)
        }
    }
}

fn check_fields(
    packet: &Packet<'_>,
    version: ProtocolVersion,
    recorded: &Value,
    cipher: Option<&Cipher>,
    seen: &mut Seen,
) {
    let mut got = fields::of(packet, version);
    let got = got.as_object_mut().unwrap();
    for flag in ["no_persist", "red_dot", "sync_once", "dup", "has_server_version"] {
        got.remove(flag);
    }
    let mut recorded = recorded.as_object().cloned().unwrap_or_default();
    recorded.retain(|_, value| !value.is_null());
    if let Packet::Recv(recv) = packet {
        got.remove("payload_hex");
        let plain = open(recv, cipher.unwrap());
        seen.recv_opened += 1;
        match (recorded.remove("msg_key_verified"), recorded.remove("plaintext_length")) {
            // Received before the CONNACK: what is recorded is not decrypted.
            (None, _) => {
                assert_eq!(recorded.remove("plaintext").unwrap().as_str().unwrap().as_bytes(), recv.payload)
            }
            (_, Some(len)) => assert_eq!(len, plain.len()),
            (_, None) => assert_eq!(recorded.remove("plaintext").unwrap(), *String::from_utf8_lossy(&plain)),
        }
    }
    if let Packet::Event(event) = packet {
        got.remove("data_hex");
        got.insert("data".to_owned(), String::from_utf8_lossy(event.data).into());
        got.insert("timestamp".to_owned(), event.timestamp.to_string().into());
    }
    assert_eq!(*got, recorded);
}

fn open(recv: &Recv<'_>, cipher: &Cipher) -> Vec<u8> {
    let plain = cipher.open_recv(recv).unwrap();
    assert_eq!(cipher.encrypt(&plain), recv.payload);
    plain
}

fn check_send(send: &Send<'_>, cipher: &Cipher, seen: &mut Seen) {
    match cipher.open_send(send) {
        Ok(plain) => {
            seen.send_opened += 1;
            assert_eq!(cipher.encrypt(&plain), send.payload);
        }
        Err(error) => seen.send_refused.push(error),
    }
}

fn written_alike(packet: &Packet<'_>, version: ProtocolVersion, bytes: &[u8]) {
    assert_eq!(Encoder::new(version).relay().to_bytes(packet).as_deref(), Ok(bytes));
}
