//! Recorded HTTP exchanges, played against a live server.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use wk_devserver::DevServer;

use super::compare::Comparison;
use super::http;
use super::shown::{Log, channel_to_send_to, log_of_send, messages_of};

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

    /// Every message that the answer shows.
    fn shown(&self) -> Vec<(Log, Value)> {
        let question = self.request_body.clone().unwrap_or_default();
        messages_of(&question, &self.answer().unwrap_or_default())
    }
}

/// One file of exchanges in the order in which they were recorded.
pub(crate) struct Exchanges<'s> {
    server: &'s DevServer,
    file: &'static str,
    is_v3: bool,
    rest: std::vec::IntoIter<Exchange>,
    /// Every message that some answer of the file shows, by log and seq.
    shown: HashMap<Log, BTreeMap<u64, Value>>,
    /// How many messages each log has by now.
    lengths: HashMap<Log, u64>,
    comparison: Comparison,
    played: usize,
}

impl<'s> Exchanges<'s> {
    /// A recording of v2.
    pub(crate) fn load(server: &'s DevServer, file: &'static str) -> Self {
        Self::load_from(server, file, "http", "v2.2.5")
    }

    /// A recording of v3.
    pub(crate) fn load_v3(server: &'s DevServer, file: &'static str) -> Self {
        Self::load_from(server, file, "http_v3", "v3 beta b249d3a")
    }

    fn load_from(server: &'s DevServer, file: &'static str, folder: &str, version: &str) -> Self {
        let path = format!("{}/tests/data/{folder}/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let File { server: recorded, exchanges } = serde_json::from_str(&text).unwrap();
        assert_eq!(recorded, version);
        let mut shown: HashMap<Log, BTreeMap<u64, Value>> = HashMap::new();
        for (log, message) in exchanges.iter().flat_map(Exchange::shown) {
            let by_seq = shown.entry(log).or_default();
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
            is_v3: folder == "http_v3",
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
        let mut wanted: BTreeMap<Log, u64> = BTreeMap::new();
        for (log, message) in exchange.shown() {
            let seq = message["message_seq"].as_u64().unwrap();
            let longest = wanted.entry(log).or_default();
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
            "setting": message["setting"],
            "client_msg_no": if exact { number.clone() } else { format!("{stem}-{seq}") },
            "payload": message["payload"],
        });
        let answer = http::post(self.server.http_addr(), "/message/send", &body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        if exact {
            let live = sent_id(&answer.json()).as_i64().unwrap();
            self.comparison.ids.insert(message["message_id"].as_i64().unwrap(), live);
        }
        self.lengths.insert(log.clone(), seq);
    }

    /// A recorded request has sent a message; if some answer shows it, it is in the log now.
    fn note_send(&mut self, exchange: &Exchange) {
        let answer = exchange.answer().unwrap_or_default();
        if self.is_v3 {
            // It says the seq itself; the log of commands is another one.
            let question = exchange.request_body.clone().unwrap_or_default();
            if question["header"]["sync_once"] != 1 && question["sync_once"] != 1 {
                let length = self.lengths.entry(log_of_send(&question)).or_default();
                *length = answer["message_seq"].as_u64().unwrap_or(0).max(*length);
            }
            return;
        }
        let sent = answer["data"]["message_id"].clone();
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

/// The id in the answer to a send; v3 does not wrap it.
fn sent_id(answer: &Value) -> &Value {
    let wrapped = &answer["data"]["message_id"];
    if wrapped.is_null() { &answer["message_id"] } else { wrapped }
}

/// Replaces `<600000 x>` by that many x, and `<base64 of 600000 x>` by the base64 of them.
fn generate(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), generate(value))).collect(),
        // The second so many times.
        Value::Array(items) => match items.as_slice() {
            [Value::String(times), item] if times.ends_with(" times>") => {
                let count = times.trim_start_matches('<').trim_end_matches(" times>").parse().unwrap();
                vec![item.clone(); count].into()
            }
            items => items.iter().map(generate).collect(),
        },
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
