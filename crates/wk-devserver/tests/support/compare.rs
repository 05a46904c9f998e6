//! Recorded and live HTTP answers side by side: the same but for ids, times, and what the server makes up.

use std::collections::HashMap;

use serde_json::Value;

use super::seen::stable_number;

/// A status and a content type.
pub(crate) type Head<'a> = (u16, Option<&'a str>);

#[derive(Default)]
pub(crate) struct Comparison {
    /// Live message ids by recorded ones.
    pub(crate) ids: HashMap<i64, i64>,
    #[expect(clippy::type_complexity, reason = "it is used once")]
    pub(crate) unordered_persons: Option<Box<dyn Fn(&str) -> bool>>,
    differences: Vec<String>,
}

impl Comparison {
    pub(crate) fn compare(&mut self, name: &str, recorded: (Head<'_>, &str), live: (Head<'_>, &str)) {
        let ((head, body), (live_head, live_body)) = (recorded, live);
        let equal_bodies = match (serde_json::from_str(body), serde_json::from_str(live_body)) {
            (Ok(mut body), Ok(mut live_body)) => {
                let unordered = self.unordered_persons.as_ref().is_some_and(|is_so| is_so(name));
                for body in [&mut body, &mut live_body] {
                    sort_pulls(body);
                    sort_lanes(body);
                    if unordered {
                        sort_persons(body);
                    }
                }
                self.equal(&body, &live_body, "")
            }
            _ if body == live_body => Ok(()),
            _ => Err("the body".to_owned()),
        };
        let equal =
            if head == live_head { equal_bodies } else { Err(format!("{head:?} and not {live_head:?}")) };
        if let Err(what) = equal {
            let cut = |text: &str| text.chars().take(600).collect::<String>();
            self.differences.push(format!(
                "{name}: {what}\n  recorded {}\n  live     {}",
                cut(body),
                cut(live_body)
            ));
        }
    }

    pub(crate) fn assert_equal(self, file: &str) {
        let Self { differences, .. } = self;
        assert!(
            differences.is_empty(),
            "{file}: {} differences\n{}",
            differences.len(),
            differences.join("\n")
        );
    }

    /// Where the two differ, if they do.
    fn equal(&mut self, recorded: &Value, live: &Value, place: &str) -> Result<(), String> {
        match (recorded, live) {
            (Value::Object(recorded), Value::Object(live)) => {
                let keys =
                    |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<Vec<_>>();
                if keys(recorded) != keys(live) {
                    return Err(format!("{place}: keys {:?} and not {:?}", keys(recorded), keys(live)));
                }
                for (key, value) in recorded {
                    self.equal_field(key, value, &live[key], &format!("{place}.{key}"))?;
                }
                // The version follows from the time.
                match (live.get("version"), live.get("timestamp")) {
                    (Some(version), Some(time)) if *time != 0 => {
                        let fits = version.as_i64() == time.as_i64().map(|secs| secs * 1_000_000_000);
                        if fits { Ok(()) } else { Err(format!("{place}: version {version} at {time}")) }
                    }
                    _ => Ok(()),
                }
            }
            (Value::Array(recorded), Value::Array(live)) => {
                if recorded.len() != live.len() {
                    return Err(format!("{place}: {} entries and not {}", recorded.len(), live.len()));
                }
                let mut pairs = recorded.iter().zip(live).enumerate();
                pairs.try_for_each(|(at, (recorded, live))| {
                    self.equal(recorded, live, &format!("{place}[{at}]"))
                })
            }
            _ if recorded == live => Ok(()),
            _ => Err(format!("{place}: {recorded} and not {live}")),
        }
    }

    fn equal_field(&mut self, key: &str, recorded: &Value, live: &Value, place: &str) -> Result<(), String> {
        let equal = match key {
            "message_id" => self.same_id(recorded.as_i64(), live.as_i64()),
            "message_idstr" => {
                let number = |id: &Value| id.as_str().and_then(|id| id.parse().ok());
                self.same_id(number(recorded), number(live))
            }
            // Only whether there is a time.
            "timestamp" | "version" | "active_at" | "occurred_at" | "coverage" | "server_timestamp_ms" => {
                let given = |value: &Value| value.as_i64().map(|number| number > 0);
                given(recorded).is_some() && given(recorded) == given(live)
            }
            "client_msg_no" | "last_client_msg_no" => {
                let stable = |value: &Value| value.as_str().map(stable_number);
                stable(recorded) == stable(live)
            }
            "tcp_addr" | "ws_addr" => is_address(recorded) == is_address(live),
            _ => return self.equal(recorded, live, place),
        };
        if equal { Ok(()) } else { Err(format!("{place}: {recorded} and not {live}")) }
    }

    fn same_id(&mut self, recorded: Option<i64>, live: Option<i64>) -> bool {
        let (Some(recorded), Some(live)) = (recorded, live) else { return false };
        // v3 gives none to what it refuses.
        if recorded == 0 || live == 0 {
            return recorded == live;
        }
        *self.ids.entry(recorded).or_insert(live) == live
    }
}

fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|address| address.contains("127.0.0.1:"))
}

/// Puts the conversations with persons into the order of their ids, in the places where such are.
fn sort_persons(answer: &mut Value) {
    let Value::Array(conversations) = answer else { return };
    let is_person = |conversation: &Value| conversation["channel_type"] == 1;
    let mut persons: Vec<Value> = conversations.iter().filter(|item| is_person(item)).cloned().collect();
    persons.sort_by_key(|person| person["channel_id"].as_str().map(str::to_owned));
    let mut persons = persons.into_iter();
    for place in conversations.iter_mut().filter(|item| is_person(item)) {
        *place = persons.next().expect("as many as before");
    }
}

/// The answers to /conversation/syncMessages and /message/sync have their channels in the order of a map.
fn sort_pulls(answer: &mut Value) {
    let of_channel =
        |item: &Value| ["user_last_msg_seq", "message_idstr"].iter().any(|key| item.get(key).is_some());
    if let Value::Array(channels) = answer
        && channels.iter().all(of_channel)
    {
        channels.sort_by_key(|channel| channel["channel_id"].as_str().map(str::to_owned));
    }
}

/// The lanes of a message's stream come in the order of a map.
fn sort_lanes(answer: &mut Value) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(sort_lanes),
        Value::Object(fields) => {
            if let Some(Value::Array(lanes)) = fields.get_mut("event_meta").map(|meta| &mut meta["events"]) {
                lanes.sort_by_key(|lane| lane["event_key"].as_str().map(str::to_owned));
            }
            fields.values_mut().for_each(sort_lanes);
        }
        _ => {}
    }
}
