//! Payloads of every content as each SDK writes them, from tests/data/contents.json.

use serde_json::{Value, json};
use wk_model::{Content, ParsedPayload, TipName, parse_payload};

const GOLDEN: &str = include_str!("../data/contents.json");

fn cases() -> Vec<Value> {
    serde_json::from_str(GOLDEN).unwrap()
}

fn payload(case: &Value) -> &str {
    case["payload"].as_str().unwrap()
}

/// The types that each SDK writes, or that its documents tell applications to write.
const WRITTEN: [(&str, &[i32]); 6] = [
    ("Flutter", &[1, 2, 4, 5, 7, 10]),
    ("Android", &[1, 2, 4, 5, 6, 11, 12, 13, 98]),
    ("iOS", &[1, 2, 3, 4]),
    ("JavaScript", &[1, 2, 98, 101, 21000]),
    ("HarmonyOS", &[1, 2, 3, 7, 17]),
    ("the server", &[99, 1000, 1002, 2000]),
];

#[test]
fn every_type_that_an_sdk_writes_is_there() {
    for (sdk, types) in WRITTEN {
        let of_sdk = |case: &Value| case["from"].as_str().is_some_and(|from| from.starts_with(sdk));
        let there: Vec<i32> = cases()
            .iter()
            .filter(|case| of_sdk(case))
            .map(|case| parse_payload(payload(case).as_bytes()).content_type.value())
            .collect();
        assert!(types.iter().all(|number| there.contains(number)), "{sdk}: {there:?}");
    }
}

#[test]
fn every_payload_reads_as_it_was_meant() {
    for case in cases() {
        let parsed = parse_payload(payload(&case).as_bytes());
        assert_eq!(fields(&parsed.content), case["reads"], "{case}");
        assert_eq!(parsed.content.display_text(), case["display"].as_str().unwrap(), "{case}");
        assert_eq!(parsed.content.searchable_text(), case["search"].as_str().unwrap(), "{case}");
        for (key, value) in case["beside"].as_object().into_iter().flatten() {
            assert_eq!(beside(&parsed, key), *value, "{key} of {case}");
        }
    }
}

#[test]
fn every_payload_is_written_again_byte_for_byte() {
    for case in cases() {
        let parsed = parse_payload(payload(&case).as_bytes());
        assert_eq!(parsed.to_payload().unwrap(), payload(&case), "{case}");
    }
}

#[test]
fn a_change_of_the_content_leaves_every_other_key_alone() {
    for case in cases() {
        let odd = payload(&case).replacen('{', r#"{"x-1":123456789012345678901.50,"x-2":[ null ],"#, 1);
        let mut parsed = parse_payload(odd.as_bytes());
        let before = parsed.keys.clone();
        let touched: &[&str] = match &mut parsed.content {
            Content::Text(text) => {
                text.text.push('!');
                &["content"]
            }
            Content::Image(image) => {
                image.width += 1;
                &["width"]
            }
            Content::Gif(gif) => {
                gif.height += 1;
                &["height"]
            }
            Content::Voice(voice) => {
                voice.seconds += 1;
                &["timeTrad"]
            }
            Content::Video(video) => {
                video.size += 1;
                &["size"]
            }
            Content::Location(location) => {
                location.latitude += 1.0;
                &["latitude"]
            }
            Content::Card(card) => {
                card.name.push('!');
                &["name"]
            }
            Content::File(file) => {
                file.name.push('!');
                &["name"]
            }
            Content::MergeForward(forward) => {
                forward.users.push(TipName { uid: "c".into(), name: "Carol".into() });
                &["users"]
            }
            Content::StreamPart(part) => {
                part.stream_no.push('!');
                &["streamNo"]
            }
            Content::Command(command) => {
                command.cmd.push('!');
                &["cmd"]
            }
            Content::Tip(tip) => {
                tip.template.push('!');
                &["content"]
            }
            _ => &[],
        };
        let after = parse_payload(&parsed.to_payload().unwrap());
        assert_eq!(after.content, parsed.content, "{case}");
        for key in before.keys() {
            let same = after.keys.raw(key) == before.raw(key);
            assert_eq!(same, !touched.contains(&key), "{key} of {case}");
        }
    }
}

#[test]
fn what_stands_beside_a_content_changes_without_it() {
    for case in cases() {
        let mut parsed = parse_payload(payload(&case).as_bytes());
        let before = parsed.keys.clone();
        parsed.flame = Some(77);
        parsed.visibles.push("mallory".into());
        parsed.entities.clear();
        parsed.reply = None;
        let mention = parsed.mention.get_or_insert_default();
        mention.all = !mention.all;
        mention.uids.push("zoe".into());
        let after = parse_payload(&parsed.to_payload().unwrap());
        parsed.keys = after.keys.clone();
        assert_eq!(parsed, after, "{case}");
        let touched = ["flame", "flame_second", "visibles", "entities", "reply", "mention"];
        for key in before.keys().filter(|key| !touched.contains(key)) {
            assert_eq!(after.keys.raw(key), before.raw(key), "{key} of {case}");
        }
    }
}

fn fields(content: &Content) -> Value {
    let names = |names: &[TipName]| -> Vec<Value> {
        names.iter().map(|name| json!([name.uid.as_str(), name.name])).collect()
    };
    match content {
        Content::Text(text) => match &text.format {
            Some(format) => json!({"text": text.text, "format": format}),
            None => json!({"text": text.text}),
        },
        Content::Image(image) => json!({"url": image.url, "width": image.width, "height": image.height}),
        Content::Gif(gif) => json!({"url": gif.url, "width": gif.width, "height": gif.height}),
        Content::Voice(voice) => {
            json!({"url": voice.url, "seconds": voice.seconds, "waveform": voice.waveform})
        }
        Content::Video(video) => json!({
            "url": video.url, "cover": video.cover, "size": video.size, "width": video.width,
            "height": video.height, "seconds": video.seconds,
        }),
        Content::Location(at) => json!({
            "latitude": at.latitude, "longitude": at.longitude, "address": at.address, "url": at.url,
        }),
        Content::Card(card) => {
            json!({"uid": card.uid.as_str(), "name": card.name, "vercode": card.vercode})
        }
        Content::File(file) => json!({"url": file.url, "name": file.name, "size": file.size}),
        Content::MergeForward(forward) => {
            let messages = forward.messages.iter().map(|message| {
                json!([
                    message.message_id.get().to_string(),
                    message.from_uid.as_str(),
                    message.timestamp,
                    message.parse().content.display_text(),
                ])
            });
            let messages: Vec<Value> = messages.collect();
            let channel_type = forward.channel_type.value();
            json!({"channel_type": channel_type, "users": names(&forward.users), "messages": messages})
        }
        Content::StreamPart(part) => json!({"stream_no": part.stream_no, "text": part.text()}),
        Content::Command(command) => {
            json!({"cmd": command.cmd, "param": command.param.to_json(), "sign": command.sign})
        }
        Content::Tip(tip) => json!({"template": tip.template, "names": names(&tip.names)}),
        Content::Custom(custom) => json!({"text": custom.text}),
        other => panic!("{other:?} has no fields"),
    }
}

fn beside(parsed: &ParsedPayload, key: &str) -> Value {
    let uids = |uids: &[wk_model::Uid]| -> Vec<String> { uids.iter().map(ToString::to_string).collect() };
    match key {
        "mention" => match &parsed.mention {
            Some(mention) => json!({"all": mention.all, "uids": uids(&mention.uids)}),
            None => Value::Null,
        },
        "reply" => match &parsed.reply {
            Some(reply) => json!({
                "message_id": reply.message_id().get().to_string(),
                "root_id": reply.root_id().get().to_string(),
                "message_seq": reply.message_seq().get(),
                "from_uid": reply.from_uid().as_str(),
                "from_name": reply.from_name(),
                "display": reply.payload().content.display_text(),
            }),
            None => Value::Null,
        },
        "entities" => {
            let text = parsed.content.display_text();
            let entities = parsed.entities.iter().map(|entity| {
                let range = entity.range(&text).unwrap();
                json!({"kind": entity.kind.as_str(), "text": text.get(range).unwrap(), "value": entity.value})
            });
            entities.collect()
        }
        "visibles" => json!(uids(&parsed.visibles)),
        "invisibles" => json!(uids(&parsed.invisibles)),
        "flame" => json!(parsed.flame),
        "robot_id" => json!(parsed.robot_id),
        _ => panic!("{key} stands beside nothing"),
    }
}
