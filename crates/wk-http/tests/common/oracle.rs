//! A second, naive reading of the servers' JSON, to compare with.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(unreachable_pub, reason = "a module of a test binary")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wk_http::sync::store::model::{ChannelId, ChannelType, Uid};
use wk_http::sync::{PulledMessage, PulledMessages, SyncedConversation};

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

pub fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap()
}

pub fn channel(body: &Value) -> ChannelId {
    let channel_type = u8::try_from(number(body, "channel_type")).unwrap();
    ChannelId::new(text(body, "channel_id"), ChannelType::new(channel_type))
}

pub fn uid(body: &Value, key: &str) -> Uid {
    Uid::from(text(body, key))
}

pub fn assert_page(page: &PulledMessages, json: &Value) {
    assert_eq!(page.more, json["more"] == 1);
    assert_messages(&page.messages, &json["messages"]);
}

pub fn assert_messages(messages: &[PulledMessage], json: &Value) {
    let bodies = json.as_array().unwrap();
    assert_eq!(messages.len(), bodies.len());
    for (message, body) in messages.iter().zip(bodies) {
        assert_message(message, body);
    }
}

fn assert_message(message: &PulledMessage, body: &Value) {
    let absent = Value::from("");
    assert_eq!(message.message_id.get(), body["message_id"].as_i64().unwrap());
    assert_eq!(message.message_seq.get(), number(body, "message_seq"));
    assert_eq!(message.client_msg_no.as_str(), text(body, "client_msg_no"));
    assert_eq!(message.from_uid.as_str(), text(body, "from_uid"));
    assert_eq!(message.timestamp.get(), body["timestamp"].as_i64().unwrap() * 1000);
    assert_eq!(message.header.no_persist, body["header"]["no_persist"] == 1);
    assert_eq!(message.header.red_dot, body["header"]["red_dot"] == 1);
    assert_eq!(message.header.sync_once, body["header"]["sync_once"] == 1);
    assert_eq!(u64::from(message.setting.bits()), number(body, "setting"));
    assert_eq!(message.topic, body.get("topic").unwrap_or(&absent).as_str().unwrap());
    assert_eq!(u64::from(message.expire), number(body, "expire"));
    assert_eq!(STANDARD.encode(&message.payload), body["payload"].as_str().unwrap_or_default());
}

pub fn assert_conversations(conversations: &[SyncedConversation], json: &Value) {
    let items = json.as_array().unwrap();
    assert_eq!(conversations.len(), items.len());
    for (conversation, item) in conversations.iter().zip(items) {
        assert_eq!(conversation.channel, channel(item));
        let last = number(item, "last_msg_seq");
        assert_eq!(conversation.last_seq.get(), last);
        assert_eq!(conversation.read_to.get(), number(item, "readed_to_msg_seq").min(last));
        assert_eq!(conversation.timestamp.get(), item["timestamp"].as_i64().unwrap() * 1000);
        assert_messages(&conversation.recents, &item["recents"]);
    }
}
