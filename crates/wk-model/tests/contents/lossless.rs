//! Any JSON, and any bytes: read without a failure, and written again without a loss.

use proptest::prelude::*;
use serde_json::{Map, Value};
use wk_model::{Content, ContentType, Uid, parse_payload};

/// Values as strangers write them: odd types everywhere, below keys that mean something too.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        (0..2100).prop_map(Value::from),
        Just(Value::from("{\"a\":1}")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    const KNOWN: [&str; 34] = [
        "type",
        "content",
        "format",
        "url",
        "width",
        "height",
        "timeTrad",
        "waveform",
        "cover",
        "size",
        "second",
        "latitude",
        "longitude",
        "address",
        "name",
        "uid",
        "vercode",
        "streamNo",
        "data",
        "cmd",
        "param",
        "extra",
        "msgs",
        "users",
        "payload",
        "mention",
        "all",
        "uids",
        "reply",
        "entities",
        "offset",
        "visibles",
        "flame",
        "message_id",
    ];
    prop_oneof![9 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    let content_type = prop_oneof![
        8 => prop_oneof![0..=12, 97..=99, Just(1000)].prop_map(Value::from),
        1 => value(),
    ];
    (content_type, proptest::collection::vec((key(), value()), 0..12)).prop_map(|(content_type, entries)| {
        let mut map: Map<String, Value> = entries.into_iter().collect();
        map.insert("type".to_owned(), content_type);
        map
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn any_object_is_read_shown_and_written_again(map in object()) {
        let json = Value::Object(map).to_string();
        let parsed = parse_payload(json.as_bytes());
        prop_assert_ne!(&parsed.content, &Content::FormatError);
        let _ = (parsed.content.display_text(), parsed.content.searchable_text());
        let _ = parsed.calls(&Uid::new("bob"));
        if let Some(reply) = &parsed.reply {
            let _ = (reply.message_id(), reply.root_id(), reply.payload().content.display_text());
        }
        let text = parsed.content.display_text();
        for entity in &parsed.entities {
            let _ = entity.range(&text);
        }
        prop_assert_eq!(&parsed.to_payload().unwrap()[..], json.as_bytes());
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let parsed = parse_payload(&bytes);
        if parsed.content == Content::FormatError {
            prop_assert_eq!(parsed.content_type, ContentType::FORMAT_ERROR);
            prop_assert_eq!(parsed.to_payload(), None);
        }
    }

    #[test]
    fn a_cut_or_flipped_object_is_read(map in object(), at in any::<prop::sample::Index>(), flip in 0u8..8) {
        let mut json = Value::Object(map).to_string().into_bytes();
        let at = at.index(json.len());
        let _ = parse_payload(&json[..at]);
        json[at] ^= 1 << flip;
        let _ = parse_payload(&json).content.display_text();
    }
}

#[test]
fn what_is_no_object_is_a_format_error() {
    for odd in
        [&b""[..], b"hi", b"[1]", b"{\"type\":1", b"\xff\xfe", b"null", b"{\"type\":1,\"content\":\"\xff\"}"]
    {
        assert_eq!(parse_payload(odd).content_type, ContentType::FORMAT_ERROR, "{odd:?}");
    }
    for (json, number) in [
        ("{\"type\":\"1\"}", 1),
        ("{\"type\":1.0}", 1),
        ("{\"type\":99999999999}", 0),
        ("{\"type\":[]}", 0),
        ("{\"type\":-5}", -5),
        ("{}", 0),
    ] {
        assert_eq!(parse_payload(json.as_bytes()).content_type.value(), number, "{json}");
    }
}

#[test]
fn visibles_and_invisibles_exclude_others_but_never_the_sender() {
    let [alice, bob, eve] = ["alice", "bob", "eve"].map(Uid::new);
    let seen_by = |json: &str| {
        let parsed = parse_payload(json.as_bytes());
        [&alice, &bob, &eve].map(|uid| parsed.is_visible_to(uid, &alice))
    };
    assert_eq!(seen_by(r#"{"type":1,"visibles":["bob",3]}"#), [true, true, false]);
    assert_eq!(seen_by(r#"{"type":1,"visibles":[]}"#), [true, true, true]);
    assert_eq!(seen_by(r#"{"type":1,"invisibles":["bob","alice"]}"#), [true, false, true]);
    assert_eq!(seen_by(r#"{"type":1,"visibles":["bob"],"invisibles":["bob"]}"#), [true, false, false]);
}
