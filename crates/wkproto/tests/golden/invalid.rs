//! Broken, partial and odd input of codec-invalid.json, and what this crate makes of it.

use serde_json::Value;
use wkproto::{DEFAULT_LIMIT, DecodeError, Decoder, Packet, Peek, peek};

use crate::{fields, list, load, text, unhex, version};

#[test]
fn every_odd_input_has_the_outcome_of_the_go_codecs_or_a_reason() {
    let mut others = Vec::new();
    for vector in list(&load("codec-invalid.json"), "vectors", 426) {
        let name = text(&vector, "name");
        let bytes = unhex(text(&vector, "hex"));
        let outcome = outcome(&bytes, &vector);
        if vector.get("every_prefix").is_some() {
            assert!(matches!(outcome, Outcome::Packet(_)), "{name}");
            check_prefixes(&bytes);
            continue;
        }
        if let Some(expected) = exception(name, &vector) {
            assert_eq!(outcome, expected, "{name}");
            others.push(name.to_owned());
            continue;
        }
        match go(&vector) {
            Outcome::Error(_) => {
                assert!(matches!(outcome, Outcome::Error(_)), "{name}: {outcome:?}");
                check_error(&vector, &outcome);
            }
            expected => assert_eq!(outcome, expected, "{name}"),
        }
    }
    // The numbers of exceptions, so that none is made by accident.
    let count = |start: &str| others.iter().filter(|name| name.starts_with(start)).count();
    assert_eq!(
        (count("type-"), count("empty-input"), count("short-connack"), count("connack-")),
        (13, 1, 4, 1)
    );
    assert_eq!((count("sendack-"), count("trailing-sendack"), others.len()), (12, 4, 35));
}

/// What this crate does differently, and why.
fn exception(name: &str, vector: &Value) -> Option<Outcome> {
    let packet = |fields: Value| Outcome::Packet(fields);
    let value = |key: &str| packet(vector[key].clone());
    Some(match name {
        // The Go codecs wait for ever for the rest of a packet of type 0, and for the whole body of a type that they
        // do not know. Nothing that could come would make a packet of it: it is refused at its first byte.
        _ if name.starts_with("type-0-") => Outcome::Error(DecodeError::UnknownType { value: 0 }),
        _ if name.starts_with("type-") && (name.ends_with("-only") || name.ends_with("-incomplete")) => {
            let value = name.split('-').nth(1)?.parse().ok()?;
            Outcome::Error(DecodeError::UnknownType { value })
        }
        // The Go codecs panic; an empty buffer is one that lacks at least one byte.
        "empty-input" => Outcome::NeedMore,
        // Nothing depends on the node id, and a login should not fail because of it.
        _ if node_id_is_missing(name, vector) => packet(connack_without_node_id(vector)),
        // The v2 codec ignores the tail, the v3 codec takes exactly one string or else tries an order of fields that
        // no server sends. Here one string is taken if it is whole, and everything else is ignored: the answer to a
        // SEND matters more than the echo of its number.
        "sendack-tail-v5-client-msg-no" => value("v3_value"),
        "sendack-tail-v5-string-and-more" | "sendack-tail-v6-string-and-more" => {
            packet(sendack(vector, &[("client_msg_no", "no-1".into())]))
        }
        "sendack-tail-v6-string-too-long" | "trailing-sendack-v6-00" | "trailing-sendack-v6-aabbcc" => {
            packet(sendack(vector, &[]))
        }
        "sendack-alternate-v6" => {
            packet(sendack(vector, &[("message_seq", "1247323685453824".into()), ("reason", 0.into())]))
        }
        _ if vector.get("goproto_value").is_some() => value("goproto_value"),
        _ => return None,
    })
}

/// What the Go codecs did. Where they differ there is an exception.
fn go(vector: &Value) -> Outcome {
    let answers = [text(vector, "goproto"), text(vector, "v3")];
    let answer = if answers[0] == "n/a" { answers[1] } else { answers[0] };
    match answer {
        "need_more" => Outcome::NeedMore,
        "ok" if vector.get("value").is_some() => Outcome::Packet(vector["value"].clone()),
        "ok" => panic!("{} has no expectation", text(vector, "name")),
        _ => Outcome::Error(DecodeError::Incomplete { missing: 0 }),
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    NeedMore,
    Error(DecodeError),
    /// As in the file: the packet's name, the bytes consumed, its fields.
    Packet(Value),
}

fn outcome(bytes: &[u8], vector: &Value) -> Outcome {
    let version = version(vector);
    let mut decoder = Decoder::new();
    decoder.extend(bytes);
    match (peek(bytes, DEFAULT_LIMIT), decoder.next_frame()) {
        (Ok(Peek::Need(missing)), Ok(None)) => {
            assert_ne!(missing, 0);
            Outcome::NeedMore
        }
        (Ok(Peek::Frame(len)), Ok(Some(frame))) => {
            assert_eq!(frame.as_bytes(), &bytes[..len]);
            match Packet::decode(&bytes[..len], version) {
                Ok(packet) => Outcome::Packet(serde_json::json!({
                    "packet": packet.packet_type().name(),
                    "consumed": len,
                    "fields": fields::of(&packet, version),
                })),
                Err(error) => Outcome::Error(error),
            }
        }
        (Err(error), Err(same)) if error == same => Outcome::Error(error),
        other => panic!("peek and the decoder disagree: {other:?}"),
    }
}

/// Every proper prefix of a packet needs more bytes, never more than there are.
fn check_prefixes(packet: &[u8]) {
    for len in 0..packet.len() {
        let Ok(Peek::Need(missing)) = peek(&packet[..len], DEFAULT_LIMIT) else { panic!("{len}") };
        assert!((1..=packet.len() - len).contains(&missing));
    }
}

/// The error names the field at which the file says that the bytes end or a length is wrong.
fn check_error(vector: &Value, outcome: &Outcome) {
    let (name, note) = (text(vector, "name"), vector["note"].as_str().unwrap_or_default());
    let wanted = match note.split(' ').collect::<Vec<_>>()[..] {
        ["body", "ends", "before", field, ..] | ["body", "ends", "one", "byte", "inside", field] => field,
        ["length", "of", field, "is", ..] => field,
        _ => return,
    };
    match *outcome {
        Outcome::Error(DecodeError::Cut { field, .. }) => {
            assert_eq!((field, note.ends_with("negative i16")), (wanted, false), "{name}");
        }
        Outcome::Error(DecodeError::StringTooLong { field, len, .. }) => {
            assert_eq!((field, len > 32_767), (wanted, true), "{name}");
        }
        _ => panic!("{name}: {outcome:?}"),
    }
}

fn node_id_is_missing(name: &str, vector: &Value) -> bool {
    let note = vector["note"].as_str().unwrap_or_default();
    name == "connack-v3-bytes-as-v5" || name.starts_with("short-connack") && note.ends_with("node_id")
}

fn connack_without_node_id(vector: &Value) -> Value {
    let vectors = list(&load("codec-invalid.json"), "vectors", 426);
    let whole = vectors.iter().find(|whole| whole["name"] == "trailing-connack-v5-00").unwrap();
    let mut value = whole["value"].clone();
    value["consumed"] = (text(vector, "hex").len() / 2).into();
    let fields = value["fields"].as_object_mut().unwrap();
    fields.remove("node_id");
    if text(vector, "hex").starts_with("20") {
        fields.insert("has_server_version".to_owned(), false.into());
        fields.remove("server_version");
    }
    value
}

fn sendack(vector: &Value, changes: &[(&str, Value)]) -> Value {
    let vectors = list(&load("codec-invalid.json"), "vectors", 426);
    let name = format!("trailing-sendack-v{}-0000", version(vector));
    let whole = vectors.iter().find(|whole| whole["name"] == name.as_str()).unwrap();
    let mut value = whole["value"].clone();
    value["consumed"] = (text(vector, "hex").len() / 2).into();
    for (name, change) in changes {
        value["fields"][name] = change.clone();
    }
    value
}
