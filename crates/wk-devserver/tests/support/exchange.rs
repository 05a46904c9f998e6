//! Recorded HTTP exchanges, played against a live server.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use wk_devserver::DevServer;

use super::compare::{Comparison, message_objects};
use super::http;

#[derive(Debug, Deserialize)]
struct File {
    server: String,
    exchanges: Vec<Exchange>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) name: String,
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    request_body: Option<Value>,
    request_body_generated: Option<Value>,
    status: u16,
    #[serde(default)]
    response_headers: BTreeMap<String, String>,
    #[serde(default)]
    response_body_raw: String,
}

impl Exchange {
    fn answer(&self) -> Option<Value> {
        serde_json::from_str(&self.response_body_raw).ok()
    }
}

/// The channel of a message: type, and the id under which the server stores it.
pub(crate) type Log = (u64, String);

/// One file of exchanges in the order in which they were recorded.
pub(crate) struct Exchanges<'s> {
    server: &'s DevServer,
    file: &'static str,
    rest: std::vec::IntoIter<Exchange>,
    /// Every message that some answer of the file shows, by log and seq.
    shown: HashMap<Log, BTreeMap<u64, Value>>,
    /// How many messages each log has by now.
    lengths: HashMap<Log, u64>,
    comparison: Comparison,
    played: usize,
}

impl<'s> Exchanges<'s> {
    pub(crate) fn load(server: &'s DevServer, file: &'static str) -> Self {
        let path = format!("{}/tests/data/http/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let File { server: recorded, exchanges } = serde_json::from_str(&text).unwrap();
        assert_eq!(recorded, "v2.2.5");
        let mut shown: HashMap<Log, BTreeMap<u64, Value>> = HashMap::new();
        for message in
            exchanges.iter().filter_map(Exchange::answer).flat_map(|answer| message_objects(&answer))
        {
            let by_seq = shown.entry(log_of(&message)).or_default();
            let seq = message["message_seq"].as_u64().unwrap();
            // The first of a page has lost its flags; any other occurrence is better.
            let better = message["header"]["red_dot"] == 1;
            if better || !by_seq.contains_key(&seq) {
                by_seq.insert(seq, message);
            }
        }
        Self {
            server,
            file,
            rest: exchanges.into_iter(),
            shown,
            lengths: HashMap::new(),
            comparison: Comparison::default(),
            played: 0,
        }
    }

    /// In the answers to these exchanges the conversations with persons come in any order: the server keeps young
    /// ones in a map.
    pub(crate) fn unordered_persons(mut self, is_so: impl Fn(&str) -> bool + 'static) -> Self {
        self.comparison.unordered_persons = Some(Box::new(is_so));
        self
    }

    /// Plays up to an exchange, which comes next.
    pub(crate) async fn play_before(&mut self, name: &str) {
        while self.rest.as_slice().first().unwrap_or_else(|| panic!("no exchange {name}")).name != name {
            self.play_next().await;
        }
    }

    /// Plays what is left. How many exchanges there were is checked, so that none is forgotten.
    pub(crate) async fn finish(mut self, count: usize) {
        while !self.rest.as_slice().is_empty() {
            self.play_next().await;
        }
        assert_eq!(self.played, count, "{}", self.file);
        self.comparison.assert_equal(self.file);
    }

    /// Leaves out the next exchange, which this server answers differently. The README says why.
    pub(crate) fn leave_out(&mut self, name: &str) {
        assert_eq!(self.rest.next().expect("an exchange").name, name);
        self.played += 1;
    }

    /// Makes a log as long as the answer to a later exchange shows it, now.
    pub(crate) async fn send_what_shows(&mut self, name: &str) {
        let exchange =
            self.rest.as_slice().iter().find(|exchange| exchange.name == name).expect(name).clone();
        self.send_what_it_shows(&exchange).await;
    }

    /// Notes that a log has so many messages already, which the test sent by other means.
    pub(crate) fn already_sent(&mut self, channel_type: u64, stored: &str, messages: u64) {
        self.lengths.insert((channel_type, stored.to_owned()), messages);
    }

    /// From here on the test sends everything itself.
    pub(crate) fn all_sent(&mut self) {
        self.lengths.extend(self.shown.keys().map(|log| (log.clone(), u64::MAX)));
    }

    async fn play_next(&mut self) {
        let exchange = self.rest.next().expect("an exchange");
        self.played += 1;
        self.send_what_it_shows(&exchange).await;
        let body = self.request_body(&exchange);
        let headers: Vec<_> = exchange.headers.clone().into_iter().collect();
        let address = self.server.http_addr();
        let answer =
            http::request(address, &exchange.method, &exchange.path, &headers, body.as_deref()).await;
        let recorded_type = exchange.response_headers.get("content-type");
        let head = (exchange.status, recorded_type.map(String::as_str));
        let live_head = (answer.status, answer.content_type.as_deref());
        self.comparison.compare(
            &exchange.name,
            (head, &exchange.response_body_raw),
            (live_head, &answer.body),
        );
        if exchange.path == "/message/send" && exchange.status == 200 {
            self.note_send(&exchange);
        }
    }

    /// The test sends what somebody must have sent before, because the answer shows it.
    async fn send_what_it_shows(&mut self, exchange: &Exchange) {
        let answer = exchange.answer().unwrap_or_default();
        let mut wanted: BTreeMap<Log, u64> = BTreeMap::new();
        for message in message_objects(&answer) {
            let seq = message["message_seq"].as_u64().unwrap();
            let longest = wanted.entry(log_of(&message)).or_default();
            *longest = seq.max(*longest);
        }
        for (log, length) in wanted {
            for seq in self.lengths.get(&log).copied().unwrap_or(0).saturating_add(1)..=length {
                self.send_one(&log, seq).await;
            }
        }
    }

    async fn send_one(&mut self, log: &Log, seq: u64) {
        let shown = &self.shown[log];
        // Of a message that no answer shows only the place is known: it was like the next one.
        let message = shown.range(seq..).next().expect("a later message").1.clone();
        let exact = message["message_seq"] == seq;
        let number = message["client_msg_no"].as_str().unwrap().to_owned();
        let stem = number.rsplit_once('-').map_or(&*number, |(stem, _)| stem);
        let body = json!({
            "from_uid": message["from_uid"],
            "channel_id": channel_to_send_to(&message, log),
            "channel_type": log.0,
            "header": message["header"],
            "client_msg_no": if exact { number.clone() } else { format!("{stem}-{seq}") },
            "payload": message["payload"],
        });
        let answer = http::post(self.server.http_addr(), "/message/send", &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        if exact {
            let live = answer.json()["data"]["message_id"].as_i64().unwrap();
            self.comparison.ids.insert(message["message_id"].as_i64().unwrap(), live);
        }
        self.lengths.insert(log.clone(), seq);
    }

    /// A recorded request has sent a message; if some answer shows it, it is in the log now.
    fn note_send(&mut self, exchange: &Exchange) {
        let sent = exchange.answer().unwrap_or_default()["data"]["message_id"].clone();
        for (log, messages) in &self.shown {
            if let Some((seq, _)) = messages.iter().find(|(_, message)| message["message_id"] == sent) {
                let length = self.lengths.entry(log.clone()).or_default();
                assert_eq!(*length + 1, *seq, "{}: {}", self.file, exchange.name);
                *length = *seq;
            }
        }
    }

    fn request_body(&self, exchange: &Exchange) -> Option<Vec<u8>> {
        let body = match (&exchange.request_body, &exchange.request_body_generated) {
            // A text is a body that was not JSON; U+00FF stands for a byte that is no UTF-8.
            (Some(Value::String(raw)), _) if raw.contains('\u{ff}') => {
                return Some(raw.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect());
            }
            (Some(Value::String(raw)), _) => return Some(raw.clone().into_bytes()),
            (Some(body), _) => body.clone(),
            (None, Some(generated)) => generate(&generated["json"]),
            (None, None) => return None,
        };
        Some(self.with_live_ids(body).to_string().into_bytes())
    }

    /// Message ids in a request are those of the recording.
    fn with_live_ids(&self, mut body: Value) -> Value {
        let live = |id: &mut Value| {
            if let Some(known) = id.as_i64().and_then(|id| self.comparison.ids.get(&id)) {
                *id = (*known).into();
            }
        };
        if let Value::Object(fields) = &mut body {
            fields.get_mut("message_id").into_iter().for_each(live);
            let ids = fields.get_mut("message_ids").and_then(Value::as_array_mut);
            ids.into_iter().flatten().for_each(live);
        }
        body
    }
}

fn log_of(message: &Value) -> Log {
    let text = |field: &str| message[field].as_str().unwrap().to_owned();
    let channel_type = message["channel_type"].as_u64().unwrap();
    let (from, channel) = (text("from_uid"), text("channel_id"));
    // A person's channel is told as the sender sees it.
    let name = if channel_type == 1 && !channel.contains('@') { joint_id(&from, &channel) } else { channel };
    (channel_type, name)
}

fn joint_id(from: &str, to: &str) -> String {
    let sum = |uid: &str| crc32fast::hash(uid.as_bytes());
    if sum(from) > sum(to) { format!("{from}@{to}") } else { format!("{to}@{from}") }
}

fn channel_to_send_to(message: &Value, log: &Log) -> String {
    let channel = message["channel_id"].as_str().unwrap();
    match log.0 {
        1 => channel.split('@').next_back().unwrap().to_owned(),
        _ => channel.to_owned(),
    }
}

/// Replaces `<600000 x>` by that many x, and `<base64 of 600000 x>` by the base64 of them.
fn generate(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), generate(value))).collect(),
        Value::String(text) => match text.strip_prefix('<').and_then(|text| text.strip_suffix(" x>")) {
            Some(count) => match count.strip_prefix("base64 of ") {
                Some(count) => STANDARD.encode("x".repeat(count.parse().unwrap())).into(),
                None => "x".repeat(count.parse().unwrap()).into(),
            },
            None => text.clone().into(),
        },
        other => other.clone(),
    }
}
