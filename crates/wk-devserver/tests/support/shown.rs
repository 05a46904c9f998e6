//! The messages that recorded answers show, and the logs that they are in.

use serde_json::{Value, json};

/// The channel of a message: type, and the id under which the server stores it.
pub(crate) type Log = (u64, String);

/// Every message of an answer, with its channel.
pub(crate) fn messages_of(question: &Value, answer: &Value) -> Vec<(Log, Value)> {
    // v3 tells the channel of a person as the reader sees it, who is named in the question.
    let reader = question["uid"].as_str();
    let listed = answer["conversations"].as_array().into_iter().flatten().filter_map(|item| {
        let mut message = item["last_message"].as_object()?.clone();
        message.insert("channel_id".to_owned(), item["channel_id"].clone());
        message.insert("channel_type".to_owned(), item["channel_type"].clone());
        message.insert("header".to_owned(), json!({}));
        message.insert("setting".to_owned(), 0.into());
        Some((log_of(&message["channel_type"], reader?, item["channel_id"].as_str()?), message.into()))
    });
    let listed: Vec<_> = listed.collect();
    if !listed.is_empty() {
        return listed;
    }
    let in_log = |message: Value| {
        let (from, channel) =
            (message["from_uid"].as_str().unwrap(), message["channel_id"].as_str().unwrap());
        let is_own_view = message["channel_type"] == 1 && from == channel;
        let one = if is_own_view { question["login_uid"].as_str().unwrap_or(from) } else { from };
        (log_of(&message["channel_type"], one, channel), message)
    };
    message_objects(answer).into_iter().map(in_log).collect()
}

fn log_of(channel_type: &Value, one: &str, channel: &str) -> Log {
    let channel_type = channel_type.as_u64().unwrap_or(0);
    // A person's channel is told by the other one's uid.
    let is_person = channel_type == 1 && !channel.contains('@');
    (channel_type, if is_person { joint_id(one, channel) } else { channel.to_owned() })
}

/// The log that a request to send is about.
pub(crate) fn log_of_send(question: &Value) -> Log {
    let from = question["from_uid"].as_str().unwrap_or_default();
    log_of(&question["channel_type"], from, question["channel_id"].as_str().unwrap_or_default())
}

fn joint_id(from: &str, to: &str) -> String {
    let sum = |uid: &str| crc32fast::hash(uid.as_bytes());
    if sum(from) > sum(to) { format!("{from}@{to}") } else { format!("{to}@{from}") }
}

/// How the sender of a message calls its channel.
pub(crate) fn channel_to_send_to(message: &Value, log: &Log) -> String {
    let from = message["from_uid"].as_str().unwrap();
    match log {
        (1, joint) if message["channel_id"].as_str().is_some_and(|id| id == from) => {
            joint.split('@').find(|uid| *uid != from).unwrap_or(from).to_owned()
        }
        (1, _) => message["channel_id"].as_str().unwrap().split('@').next_back().unwrap().to_owned(),
        (_, id) => id.clone(),
    }
}

/// All messages in an answer, wherever they are.
fn message_objects(answer: &Value) -> Vec<Value> {
    match answer {
        Value::Object(fields) if fields.contains_key("message_idstr") => vec![answer.clone()],
        Value::Object(fields) => fields.values().flat_map(message_objects).collect(),
        Value::Array(items) => items.iter().flat_map(message_objects).collect(),
        _ => Vec::new(),
    }
}
