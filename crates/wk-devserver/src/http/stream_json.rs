//! What an HTTP answer says of a message that is written piece by piece, beside the message itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use crate::world::stream::{FINISH_LANE, Lane, MAIN_LANE, Status};

/// The fields in the server's order.
#[derive(Debug, Serialize)]
pub(super) struct StreamJson {
    #[serde(skip_serializing_if = "is_zero")]
    end: u8,
    #[serde(skip_serializing_if = "is_zero")]
    end_reason: u8,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    stream_data: String,
    event_meta: MetaJson,
    event_sync_hint: HintJson,
}

#[derive(Debug, Default, Serialize)]
struct MetaJson {
    has_events: bool,
    completed: bool,
    #[serde(skip_serializing_if = "is_zero")]
    event_version: u64,
    #[serde(skip_serializing_if = "is_zero")]
    last_msg_event_seq: u64,
    #[serde(skip_serializing_if = "is_zero")]
    event_count: usize,
    #[serde(skip_serializing_if = "is_zero")]
    open_event_count: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<LaneJson>,
}

#[derive(Debug, Serialize)]
struct LaneJson {
    event_key: Arc<str>,
    status: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    last_msg_event_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<Value>,
    #[serde(skip_serializing_if = "is_zero")]
    end_reason: u8,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

#[derive(Debug, Serialize)]
struct HintJson {
    client_msg_no: Arc<str>,
    from_msg_event_seq: u64,
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

impl StreamJson {
    /// What is known of a message, if it has events. Snapshots are told if `is_full`.
    pub(super) fn of(
        mut lanes: BTreeMap<Arc<str>, Lane>,
        client_msg_no: &Arc<str>,
        is_full: bool,
    ) -> Option<Self> {
        if lanes.is_empty() {
            return None;
        }
        let completed = lanes.remove(FINISH_LANE).is_some();
        let last_seq = lanes.values().map(|lane| lane.seq).max().unwrap_or_default();
        let main = lanes.get(MAIN_LANE).cloned().unwrap_or_default();
        let meta = MetaJson {
            has_events: true,
            completed,
            event_version: last_seq,
            last_msg_event_seq: last_seq,
            event_count: lanes.len(),
            open_event_count: lanes.values().filter(|lane| lane.status == Status::Open).count(),
            events: lanes.into_iter().map(|(key, lane)| LaneJson::new(key, lane, is_full)).collect(),
        };
        Some(Self {
            end: main.status.is_ended().into(),
            end_reason: main.end_reason,
            error: main.error,
            stream_data: main.snapshot.as_ref().map(stream_data).unwrap_or_default(),
            event_meta: meta,
            event_sync_hint: HintJson { client_msg_no: client_msg_no.clone(), from_msg_event_seq: 0 },
        })
    }
}

impl LaneJson {
    fn new(event_key: Arc<str>, lane: Lane, is_full: bool) -> Self {
        Self {
            event_key,
            status: lane.status.as_str(),
            last_msg_event_seq: lane.seq,
            snapshot: lane.snapshot.filter(|_| is_full),
            end_reason: lane.end_reason,
            error: lane.error,
        }
    }
}

/// The snapshot as clients of older releases know it: the text, or the data, or all of it.
fn stream_data(snapshot: &Value) -> String {
    let said = match snapshot["kind"].as_str() {
        Some("text") => Some(snapshot["text"].as_str().unwrap_or_default()),
        Some("binary") => snapshot["data"].as_str(),
        _ => None,
    };
    match said {
        Some(text) => STANDARD.encode(text),
        None => STANDARD.encode(snapshot.to_string()),
    }
}
