//! POST /message/event and /message/eventsync: pieces of a message that is being written (docs/servers.md §8).

use serde_json::{Value, json};
use wk_model::{ChannelType, MessageId};

use super::Call;
use super::body::{BodyError, Fields};
use super::reply::{Answer, Reply};
use crate::world::channel::log_id;
use crate::world::ids::{SYSTEM_UID, person_channel};
use crate::world::stream::{FINISH_LANE, MAIN_LANE, StreamEvent, Taken};

/// An event as it is posted.
pub(super) struct Request {
    pub(super) channel_id: String,
    pub(super) channel_type: ChannelType,
    pub(super) from: String,
    message_id: i64,
    client_msg_no: String,
    id: String,
    kind: String,
    lane: String,
    visibility: String,
    occurred_at: i64,
    payload: Option<Value>,
}

impl Request {
    pub(super) fn read(fields: &Fields) -> Result<Self, BodyError> {
        Ok(Self {
            channel_id: fields.string("channel_id")?,
            channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
            from: fields.string("from_uid")?,
            message_id: fields.integer("message_id", "int64")?,
            client_msg_no: fields.string("client_msg_no")?,
            id: fields.string("event_id")?,
            kind: fields.string("event_type")?,
            lane: fields.string("event_key")?,
            visibility: fields.string("visibility")?,
            occurred_at: fields.integer("occurred_at", "int64")?,
            payload: fields.value("payload").cloned(),
        })
    }

    /// Whether everything is there that an event must have.
    pub(super) fn check(&self) -> Result<(), Reply> {
        let needed = [
            ("channel_id", &self.channel_id),
            ("client_msg_no", &self.client_msg_no),
            ("event_id", &self.id),
            ("event_type", &self.kind),
        ];
        match needed.into_iter().find(|(_, value)| value.trim().is_empty()) {
            Some((field, _)) => Err(missing(field)),
            None => Ok(()),
        }
    }

    /// The event in the log with this id.
    pub(super) fn into_event(self, stored: String) -> StreamEvent {
        let kind = self.kind.trim().to_lowercase();
        let lane = match (&*kind, self.lane.trim()) {
            ("stream.finish", _) => FINISH_LANE,
            (_, "") => MAIN_LANE,
            (_, lane) => lane,
        };
        StreamEvent {
            channel: (stored.into(), self.channel_type),
            shown_channel: self.channel_id.into(),
            client_msg_no: self.client_msg_no.trim().into(),
            from: self.from.into(),
            message_id: MessageId::new(self.message_id),
            lane: lane.into(),
            id: self.id.trim().into(),
            spelt_kind: self.kind,
            kind,
            visibility: self.visibility,
            occurred_at: self.occurred_at,
            payload: self.payload,
        }
    }
}

/// Takes an event and pushes it to the members who are online.
pub(super) fn append(call: &Call<'_>) -> Answer {
    let mut request = Request::read(&Fields::parse(call.body, "eventAppendReq")?)?;
    let shared = call.shared;
    let now_ms = shared.clock.unix_ms();
    let mut world = shared.world();
    if let Some((from, message_id)) = world.streams.author(request.client_msg_no.trim()) {
        if request.from.trim().is_empty() {
            request.from = from.to_string();
        }
        if request.message_id == 0 {
            request.message_id = message_id.get();
        }
    }
    request.check()?;
    if request.from.trim().is_empty() {
        SYSTEM_UID.clone_into(&mut request.from);
    }
    let stored = log_id(&request.from, &request.channel_id, request.channel_type);
    let event = request.into_event(stored);
    let taken = world.append_event(&event, now_ms).map_err(Reply::refused)?;
    Ok(taken_reply(&event, taken))
}

pub(super) fn taken_reply(event: &StreamEvent, taken: Taken) -> Reply {
    let data = json!({
        "client_msg_no": event.client_msg_no, "event_key": event.lane, "event_id": event.id,
        "msg_event_seq": taken.seq, "stream_status": taken.status.as_str(),
        "channel_id": event.shown_channel, "channel_type": event.channel.1.value(), "from_uid": event.from,
    });
    Reply::json(&json!({ "data": data, "status": 200 }))
}

/// What the stored events of a message led to, lane by lane.
pub(super) fn sync(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "eventSyncReq")?;
    let (channel_id, from) = (fields.string("channel_id")?, fields.string("from_uid")?);
    let channel_type = ChannelType::new(fields.integer("channel_type", "uint8")?);
    let client_msg_no = fields.string("client_msg_no")?;
    let lane = fields.string("event_key")?;
    let above: u64 = fields.integer("from_msg_event_seq", "uint64")?;
    let limit: i64 = fields.integer("limit", "int")?;
    let with_private = fields.integer::<u8>("include_private", "uint8")? == 1;
    for (field, value) in [("channel_id", &channel_id), ("client_msg_no", &client_msg_no)] {
        if value.trim().is_empty() {
            return Err(missing(field));
        }
    }
    let limit = match usize::try_from(limit) {
        Ok(0) => DEFAULT_LIMIT,
        Ok(limit) => limit.min(MAX_LIMIT),
        Err(_) => return Err(Reply::refused("limit不能为负数！")),
    };
    let stored = if channel_type == ChannelType::PERSON && !from.trim().is_empty() {
        person_channel(&channel_id, &from)
    } else {
        channel_id
    };
    let world = call.shared.world();
    let channel = (stored.into(), channel_type);
    let lanes = world.streams.stored(&channel, client_msg_no.trim());
    let wanted = |key: &str| lane.trim().is_empty() || key == lane.trim();
    let above_it = lanes.into_iter().filter(|(key, state)| wanted(key) && state.seq > above);
    // Private ones are left out after the page is cut.
    let page = above_it.take(limit + 1);
    let hidden = |visibility: &str| !with_private && matches!(visibility, "private" | "restricted");
    let mut events: Vec<_> = page.filter(|(_, state)| !hidden(&state.visibility)).collect();
    let more = u8::from(events.len() > limit);
    events.truncate(limit);
    let next = events.last().map_or(above, |(_, state)| state.seq);
    let events: Vec<Value> = events
        .into_iter()
        .map(|(key, state)| {
            json!({
                "msg_event_seq": state.seq, "event_id": state.event_id, "event_key": key,
                "event_type": state.event_kind, "visibility": state.visibility,
                "occurred_at": state.occurred_at, "payload": state.projected_payload(),
            })
        })
        .collect();
    let data = json!({
        "client_msg_no": client_msg_no, "from_msg_event_seq": above, "next_msg_event_seq": next,
        "more": more, "events": events, "filtered_by_event_key": lane,
    });
    Ok(Reply::json(&json!({ "data": data, "status": 200 })))
}

pub(super) fn missing(field: &str) -> Reply {
    Reply::refused(format!("{field}不能为空！"))
}

const DEFAULT_LIMIT: usize = 200;
const MAX_LIMIT: usize = 2000;
