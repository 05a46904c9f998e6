//! Payloads of every kind in one page, and pushed one by one: none of them stops the others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;

use bytes::Bytes;
use common::*;
use proptest::prelude::*;
use wk_sync::store::model::{ContentType, PageQuery, Uid, parse_payload};

/// What strangers, old versions and attackers send.
fn payload() -> impl Strategy<Value = Bytes> {
    let key = prop_oneof![
        Just("content"),
        Just("url"),
        Just("mention"),
        Just("reply"),
        Just("entities"),
        Just("visibles"),
        Just("extra"),
        Just("msgs"),
        Just("param"),
        Just("x"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("1e400".to_owned()),
        Just("[[[{}]]]".to_owned()),
        Just(r#"{"payload":{"type":1},"uids":[1,null],"all":"1"}"#.to_owned()),
        Just(r#"["alice"]"#.to_owned()),
        Just(r#""\ud83d""#.to_owned()),
        "[0-9]{1,30}",
        "\"[a-z{}]{0,9}\"",
    ];
    let content_type = prop_oneof![
        6 => (0..13_i32).prop_map(|number| number.to_string()),
        2 => (97..100_i32).prop_map(|number| number.to_string()),
        1 => (990..2010_i32).prop_map(|number| number.to_string()),
        1 => Just("\"1\"".to_owned()),
        1 => Just("[]".to_owned()),
        1 => Just("99999999999999999999".to_owned()),
    ];
    let object =
        (content_type, proptest::collection::vec((key, value), 0..5)).prop_map(|(content_type, keys)| {
            let keys: String = keys.iter().map(|(key, value)| format!(",\"{key}\":{value}")).collect();
            Bytes::from(format!("{{\"type\":{content_type}{keys}}}"))
        });
    prop_oneof![
        6 => object.clone(),
        1 => proptest::collection::vec(any::<u8>(), 1..40).prop_map(Bytes::from),
        1 => (object, any::<prop::sample::Index>()).prop_map(|(whole, at)| whole.slice(..=at.index(whole.len()))),
    ]
}

proptest! {
    #![proptest_config(cases(100, 2_000))]

    #[test]
    fn every_message_of_a_mixed_page_is_there(
        payloads in proptest::collection::vec(payload(), 1..120), pushed in 0usize..120,
    ) {
        let mut world = World::online(11, Flavour::V2);
        let mut expected = BTreeMap::new();
        for (index, payload) in payloads.iter().enumerate() {
            let stored = world.server.append(&group(), Stored::with_payload("bob", payload.clone()));
            if index >= payloads.len().saturating_sub(pushed) {
                world.push(&group(), stored.seq);
            }
            let parsed = parse_payload(payload);
            if parsed.content_type.is_listed() && parsed.is_visible_to(&Uid::new(ALICE), &Uid::new("bob")) {
                expected.insert(stored.seq, payload.clone());
            }
        }
        world.settle();
        let page = world.page(PageQuery::newest(group()).limit(200));
        prop_assert!(page.incomplete.is_none() && page.reached_start);
        let found: BTreeMap<u64, Bytes> =
            page.messages.iter().map(|message| (message.message_seq().get(), message.payload.clone())).collect();
        prop_assert_eq!(found, expected);
        for message in &page.messages {
            prop_assert_eq!(message.content_type, message.parse().content_type);
            prop_assert_ne!(message.content_type, ContentType::COMMAND);
        }
    }
}
