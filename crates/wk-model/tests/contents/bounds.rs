//! Large and deep payloads cost what their length says, and no more.

use wk_model::{Content, parse_payload};

#[test]
fn depth_neither_fails_nor_recurses() {
    for depth in [10_usize, 1_000, 200_000] {
        let arrays = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for deep in [arrays, objects] {
            for key in ["content", "mention", "entities", "visibles", "extra", "x"] {
                let json = format!("{{\"type\":1,\"content\":\"hi\",\"{key}\":{deep}}}");
                let parsed = parse_payload(json.as_bytes());
                assert_eq!(parsed.to_payload().unwrap(), json, "{key} {depth}");
                let text = if key == "content" { "" } else { "hi" };
                assert_eq!(parsed.content.display_text(), text, "{key} {depth}");
            }
        }
    }
}

#[test]
fn answers_within_answers_are_read_one_at_a_time() {
    let mut json = r#"{"type":1,"content":"0"}"#.to_owned();
    for number in 1..2_000 {
        json = format!(r#"{{"type":1,"content":"{number}","reply":{{"message_id":"7","payload":{json}}}}}"#);
    }
    let parsed = parse_payload(json.as_bytes());
    assert_eq!(parsed.reply.unwrap().payload().content.display_text(), "1998");
}

#[test]
fn a_text_of_a_mebibyte_is_held_a_few_times_and_no_more() {
    let text = "好".repeat((1 << 20) / 3);
    let json = format!("{{\"type\":1,\"content\":\"{text}\"}}");
    let mut parsed = None;
    let measured = allocation_counter::measure(|| parsed = Some(parse_payload(json.as_bytes())));
    let Some(Content::Text(found)) = parsed.map(|parsed| parsed.content) else { panic!("no text") };
    assert_eq!(found.text, text);
    assert!(measured.bytes_max < 3 * json.len() as u64, "{measured:?}");
}

#[test]
fn many_keys_and_many_items_are_read_in_bounds() {
    let keys: Vec<String> = (0..20_000).map(|number| format!("\"key{number}\":{number}")).collect();
    let items = vec!["{\"offset\":1,\"length\":1,\"type\":\"link\",\"value\":\"v\"}"; 20_000].join(",");
    let json = format!("{{\"type\":1,{},\"entities\":[{items}]}}", keys.join(","));
    let mut parsed = None;
    let measured = allocation_counter::measure(|| parsed = Some(parse_payload(json.as_bytes())));
    assert_eq!(parsed.unwrap().entities.len(), 20_000);
    assert!(measured.bytes_max < 12 * json.len() as u64, "{measured:?} for {}", json.len());
}
