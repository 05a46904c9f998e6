//! The events of messages that are written piece by piece, kept as v3 keeps them (docs/servers.md §8).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::world::conversation::ChannelKey;
use crate::world::stream::{FINISH_LANE, Lane, Status, StreamEvent, Taken};

/// The streams of all channels, by the numbers of their messages.
#[derive(Debug, Default)]
pub(crate) struct StreamsV3(HashMap<(ChannelKey, Arc<str>), Stream>);

#[derive(Debug, Default)]
struct Stream {
    last_seq: u64,
    lanes: BTreeMap<Arc<str>, Lane>,
    /// The lane and id of each event that counted; a repeated one does not.
    seen: HashSet<(Arc<str>, Arc<str>)>,
}

impl StreamsV3 {
    /// Takes an event, or says in the server's words why not.
    pub(crate) fn take(&mut self, event: &StreamEvent) -> Result<Taken, &'static str> {
        let is_known = ["open", "delta", "snapshot", "close", "error", "cancel", "finish"]
            .iter()
            .any(|kind| event.kind.strip_prefix("stream.") == Some(kind));
        if !is_known {
            return Err("db: invalid argument");
        }
        let name = (event.channel.clone(), event.client_msg_no.clone());
        if event.kind == "stream.finish" {
            let stream = self.0.get_mut(&name);
            return stream.and_then(Stream::finish).ok_or(NOTHING_OPEN);
        }
        Ok(self.0.entry(name).or_default().append(event))
    }

    /// The lanes of a stream in the order of their keys.
    pub(crate) fn shown(&self, channel: &ChannelKey, client_msg_no: &Arc<str>) -> BTreeMap<Arc<str>, Lane> {
        let stream = self.0.get(&(channel.clone(), client_msg_no.clone()));
        stream.map(|stream| stream.lanes.clone()).unwrap_or_default()
    }
}

/// What a v3 server says to an end of what is not open.
const NOTHING_OPEN: &str = "internal/message: append failed: cluster: message event stream cache miss";

impl Stream {
    fn append(&mut self, event: &StreamEvent) -> Taken {
        let lane = self.lanes.entry(event.lane.clone()).or_default();
        if !lane.status.is_ended() && self.seen.insert((event.lane.clone(), event.id.clone())) {
            lane.status = Status::Open;
            match &*event.kind {
                "stream.open" => {}
                "stream.delta" => lane.snapshot = added(lane.snapshot.take(), event.payload.clone()),
                "stream.snapshot" => lane.snapshot.clone_from(&event.payload),
                _ => lane.end(event),
            }
            if lane.status.is_ended() {
                self.last_seq += 1;
                lane.seq = self.last_seq;
            }
        }
        Taken { seq: lane.seq, status: lane.status }
    }

    /// Closes what is open, lane by lane, and then the message. None if nothing is open.
    fn finish(&mut self) -> Option<Taken> {
        let open = self.lanes.values_mut().filter(|lane| lane.status == Status::Open);
        let before = self.last_seq;
        for lane in open {
            self.last_seq += 1;
            (lane.status, lane.seq) = (Status::Closed, self.last_seq);
        }
        if self.last_seq == before {
            return None;
        }
        self.last_seq += 1;
        let end = Lane { status: Status::Closed, seq: self.last_seq, ..Lane::default() };
        let taken = Taken { seq: end.seq, status: end.status };
        self.lanes.insert(FINISH_LANE.into(), end);
        Some(taken)
    }
}

/// Text is added to text, anything else takes the place of what was there.
fn added(before: Option<Value>, piece: Option<Value>) -> Option<Value> {
    let delta =
        piece.as_ref().filter(|piece| piece["kind"] == "text").and_then(|piece| piece["delta"].as_str());
    let Some(delta) = delta else { return piece.or(before) };
    let text = before.as_ref().filter(|before| before["kind"] == "text");
    let text = text.and_then(|before| before["text"].as_str()).unwrap_or_default();
    Some(json!({ "kind": "text", "text": format!("{text}{delta}") }))
}
