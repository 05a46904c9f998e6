//! The events of messages that are written piece by piece, kept as v2 keeps them (docs/servers.md §8).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};
use wk_model::MessageId;

use super::conversation::ChannelKey;

/// How far a lane of a stream has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nobody said it: what opens no lane and ends none was stored.
    #[default]
    Unset,
    Open,
    Closed,
    Error,
    Cancelled,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) const fn is_ended(self) -> bool {
        matches!(self, Self::Closed | Self::Error | Self::Cancelled)
    }
}

/// One event as `/message/event` was given it.
#[derive(Debug, Clone)]
pub(crate) struct StreamEvent {
    /// The channel under the id of its log.
    pub(crate) channel: ChannelKey,
    /// The channel as the sender calls it.
    pub(crate) shown_channel: Arc<str>,
    pub(crate) client_msg_no: Arc<str>,
    pub(crate) from: Arc<str>,
    pub(crate) message_id: MessageId,
    pub(crate) lane: Arc<str>,
    pub(crate) id: Arc<str>,
    /// As the sender spelt it, for those who are pushed it.
    pub(crate) spelt_kind: String,
    /// In lower case.
    pub(crate) kind: String,
    pub(crate) visibility: String,
    /// In milliseconds since 1970, zero if not said.
    pub(crate) occurred_at: i64,
    pub(crate) payload: Option<Value>,
}

/// A lane as it is stored, or as it is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    pub(crate) status: Status,
    /// The number of the last stored event of the message that was about this lane.
    pub(crate) seq: u64,
    pub(crate) event_id: Arc<str>,
    pub(crate) event_kind: String,
    pub(crate) visibility: String,
    pub(crate) occurred_at: i64,
    pub(crate) snapshot: Option<Value>,
    pub(crate) end_reason: u8,
    pub(crate) error: String,
}

/// What the server says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) seq: u64,
    pub(crate) status: Status,
}

/// The lane that is the text of the message.
pub(crate) const MAIN_LANE: &str = "main";
/// The lane that only says that the message is complete.
pub(crate) const FINISH_LANE: &str = "__finish__";
/// How long the server remembers a stream in which nothing happens, in milliseconds.
const FORGOTTEN_AFTER_MS: i64 = 600_000;

/// The streams of all channels: what was stored of them, and what is in memory only.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    stored: HashMap<(ChannelKey, Arc<str>), Stored>,
    /// By the number of the message alone, as in the real server.
    running: HashMap<Arc<str>, Running>,
}

#[derive(Debug, Default)]
struct Stored {
    last_seq: u64,
    lanes: BTreeMap<Arc<str>, Lane>,
}

/// A stream of which not every lane has ended.
#[derive(Debug)]
struct Running {
    channel: ChannelKey,
    from: Arc<str>,
    message_id: MessageId,
    lanes: BTreeMap<Arc<str>, RunningLane>,
    changed_ms: i64,
}

#[derive(Debug, Default)]
struct RunningLane {
    status: Status,
    stored_seq: u64,
    /// The sum of the pieces of text.
    text: String,
    /// The last piece that was none.
    other: Option<Value>,
}

impl RunningLane {
    fn snapshot(&self) -> Option<Value> {
        if self.text.is_empty() {
            return self.other.clone();
        }
        Some(json!({ "kind": "text", "text": self.text }))
    }
}

impl Streams {
    /// A message was sent that shall be written piece by piece.
    pub(crate) fn begin(
        &mut self,
        client_msg_no: Arc<str>,
        channel: ChannelKey,
        from: Arc<str>,
        message_id: MessageId,
        now_ms: i64,
    ) {
        let fresh = Running { channel, from, message_id, lanes: BTreeMap::new(), changed_ms: now_ms };
        self.running.entry(client_msg_no).or_insert(fresh);
    }

    /// Who writes a stream that is in memory, and the id of its message.
    pub(crate) fn author(&self, client_msg_no: &str) -> Option<(&Arc<str>, MessageId)> {
        self.running.get(client_msg_no).map(|running| (&running.from, running.message_id))
    }

    /// Takes an event, or says in the server's words why not.
    pub(crate) fn take(&mut self, event: &StreamEvent, now_ms: i64) -> Result<Taken, &'static str> {
        self.running.retain(|_, running| now_ms - running.changed_ms < FORGOTTEN_AFTER_MS);
        if event.kind == "stream.delta" {
            self.add_piece(event, now_ms)
        } else {
            Ok(self.store(event, now_ms))
        }
    }

    /// A piece is only kept in memory, and counts each time it comes.
    fn add_piece(&mut self, event: &StreamEvent, now_ms: i64) -> Result<Taken, &'static str> {
        let lane = self.running_lane(event, now_ms).ok_or("message event channel mismatch")?;
        if lane.status.is_ended() {
            return Err("stream closed");
        }
        let text = event.payload.as_ref().filter(|payload| payload["kind"] == "text");
        match text.and_then(|payload| payload["delta"].as_str()).unwrap_or_default() {
            "" if event.payload.is_some() => lane.other.clone_from(&event.payload),
            text => lane.text.push_str(text),
        }
        lane.status = Status::Open;
        Ok(Taken { seq: lane.stored_seq, status: Status::Open })
    }

    /// Anything else is stored, with what the pieces add up to if it ends the lane. Once all lanes have an end the stream is
    /// forgotten, so that a later piece begins it anew (docs/servers.md T68).
    fn store(&mut self, event: &StreamEvent, now_ms: i64) -> Taken {
        let pieces = self.written(event);
        let stored = self.stored.entry((event.channel.clone(), event.client_msg_no.clone())).or_default();
        let lane = stored.lanes.entry(event.lane.clone()).or_default();
        if lane.event_id != event.id && !lane.status.is_ended() {
            stored.last_seq += 1;
            lane.seq = stored.last_seq;
            lane.append(event, pieces, now_ms);
        }
        let taken = Taken { seq: lane.seq, status: lane.status };
        if let Some(lane) = self.running_lane(event, now_ms) {
            lane.stored_seq = lane.stored_seq.max(taken.seq);
            if taken.status != Status::Unset {
                lane.status = taken.status;
            }
            let is_over = |running: &Running| running.lanes.values().all(|lane| lane.status.is_ended());
            if self.running.get(&event.client_msg_no).is_some_and(is_over) {
                self.running.remove(&event.client_msg_no);
            }
        }
        taken
    }

    /// What the pieces of the event's lane add up to.
    fn written(&self, event: &StreamEvent) -> Option<Value> {
        let running = self.running.get(&event.client_msg_no).filter(|it| it.channel == event.channel)?;
        running.lanes.get(&event.lane)?.snapshot()
    }

    /// The lane in memory, opened if there is none. None if the stream is known in another channel.
    fn running_lane(&mut self, event: &StreamEvent, now_ms: i64) -> Option<&mut RunningLane> {
        let running = self.running.entry(event.client_msg_no.clone()).or_insert_with(|| Running {
            channel: event.channel.clone(),
            from: event.from.clone(),
            message_id: event.message_id,
            lanes: BTreeMap::new(),
            changed_ms: now_ms,
        });
        if running.channel != event.channel {
            return None;
        }
        running.changed_ms = now_ms;
        let lane = running.lanes.entry(event.lane.clone()).or_default();
        if lane.status == Status::Unset {
            lane.status = Status::Open;
        }
        Some(lane)
    }

    /// What is stored of a stream, in the order of the numbers.
    pub(crate) fn stored(&self, channel: &ChannelKey, client_msg_no: &str) -> Vec<(&Arc<str>, &Lane)> {
        let stored = self.stored.get(&(channel.clone(), client_msg_no.into()));
        let mut lanes: Vec<_> = stored.iter().flat_map(|stored| &stored.lanes).collect();
        lanes.sort_by_key(|(_, lane)| lane.seq);
        lanes
    }

    /// The lanes as a page shows them: what is in memory wins, unless less of it is known there. What is stored is
    /// looked at for stream messages only.
    pub(crate) fn shown(
        &self,
        channel: &ChannelKey,
        client_msg_no: &str,
        with_stored: bool,
    ) -> BTreeMap<Arc<str>, Lane> {
        let stored = if with_stored { self.stored(channel, client_msg_no) } else { Vec::new() };
        let mut lanes: BTreeMap<_, _> =
            stored.into_iter().map(|(key, lane)| (key.clone(), lane.clone())).collect();
        let running = self.running.get(client_msg_no).filter(|running| running.channel == *channel);
        for (key, running) in running.iter().flat_map(|running| &running.lanes) {
            let lane: &mut Lane = lanes.entry(key.clone()).or_default();
            if running.stored_seq < lane.seq && running.status != Status::Open {
                continue;
            }
            lane.status = running.status;
            lane.seq = if running.stored_seq == 0 { lane.seq } else { running.stored_seq };
            lane.snapshot = running.snapshot().or_else(|| lane.snapshot.take());
        }
        lanes
    }
}

impl Lane {
    fn append(&mut self, event: &StreamEvent, pieces: Option<Value>, now_ms: i64) {
        self.event_id = event.id.clone();
        self.event_kind.clone_from(&event.kind);
        self.visibility.clone_from(&event.visibility);
        self.occurred_at = if event.occurred_at == 0 { now_ms } else { event.occurred_at };
        match &*event.kind {
            "stream.snapshot" => self.snapshot.clone_from(&event.payload),
            "stream.finish" => self.status = Status::Closed,
            "stream.close" | "stream.error" | "stream.cancel" => {
                self.end(event);
                self.snapshot = pieces.or_else(|| self.snapshot.take());
            }
            _ => {}
        }
    }

    /// Ends the lane as the event says; the reason of a close and the words of an error are kept.
    pub(crate) fn end(&mut self, event: &StreamEvent) {
        let said = |field: &str| event.payload.as_ref().and_then(|payload| payload.get(field));
        if let Some(snapshot) = said("snapshot") {
            self.snapshot = Some(snapshot.clone());
        }
        self.status = match &*event.kind {
            "stream.error" => {
                self.error = said("error").and_then(Value::as_str).unwrap_or_default().to_owned();
                Status::Error
            }
            "stream.cancel" => Status::Cancelled,
            _ => {
                self.end_reason = said("end_reason").map_or(0, end_reason);
                Status::Closed
            }
        };
    }

    /// The event as it is told later: what it led to.
    pub(crate) fn projected_payload(&self) -> Value {
        if let Some(snapshot) = &self.snapshot {
            return snapshot.clone();
        }
        let (status, end_reason) = (self.status.as_str(), self.end_reason);
        if self.error.is_empty() {
            json!({ "status": status, "end_reason": end_reason })
        } else {
            json!({ "status": status, "end_reason": end_reason, "error": self.error })
        }
    }
}

/// A number or digits, of which eight bits are kept.
fn end_reason(value: &Value) -> u8 {
    match value {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the server does it")]
        Value::Number(number) => number.as_f64().unwrap_or_default() as u64 as u8,
        Value::String(digits) => digits.parse().unwrap_or_default(),
        _ => 0,
    }
}
