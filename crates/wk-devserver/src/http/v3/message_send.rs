//! POST /message/send (v3): messages that the application's own server sends, and what became of them.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use wk_model::{ChannelId, ChannelType, ReasonCode, Setting};
use wkproto::Flags;

use super::super::message_send::joint_name;
use super::{Answer, Call, Reply};
use crate::http::body::{BodyError, Fields};
use crate::world::send::{Draft, Origin, Stored};
use crate::world::v3::reads::stored_id;

/// What the log does not take; the real limit lies between 600,000 and 5,000,000.
const MAX_PAYLOAD: usize = 4 << 20;

struct Request {
    flags: Flags,
    setting: u8,
    from: String,
    device_id: String,
    client_msg_no: String,
    channel_id: String,
    channel_type: ChannelType,
    expire: u32,
    subscribers: Vec<String>,
    payload: Option<Value>,
}

fn read(body: &[u8]) -> Result<Request, BodyError> {
    let fields = Fields::parse(body, "")?;
    let header = fields.object("header", "")?;
    let mut flags = Flags::EMPTY;
    // The red dot is not looked at.
    for (field, flag) in [("no_persist", Flags::NO_PERSIST), ("sync_once", Flags::SYNC_ONCE)] {
        if header.integer::<i64>(field, "int")? == 1 || fields.integer::<i64>(field, "int")? == 1 {
            flags = flags.with(flag);
        }
    }
    let from = fields.string("from_uid")?;
    Ok(Request {
        flags,
        setting: fields.integer("setting", "uint8")?,
        from: if from.is_empty() { fields.string("sender_uid")? } else { from },
        device_id: fields.string("device_id")?,
        client_msg_no: fields.string("client_msg_no")?,
        channel_id: fields.string("channel_id")?,
        channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
        expire: fields.integer("expire", "uint32")?,
        subscribers: fields.strings("subscribers")?,
        payload: fields.value("payload").cloned(),
    })
}

fn refused(words: &str) -> Reply {
    Reply::failed(StatusCode::BAD_REQUEST, words)
}

fn payload(value: Option<&Value>) -> Result<Bytes, Reply> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => {
            STANDARD.decode(text).map(Bytes::from).map_err(|_| refused("invalid payload"))
        }
        _ => Err(refused("invalid request")),
    }
}

pub(super) fn send(call: &Call<'_>) -> Answer {
    let Ok(mut request) = read(call.body) else { return Err(refused("invalid request")) };
    let payload = payload(request.payload.as_ref())?;
    let has_receivers = !request.subscribers.is_empty();
    let has_channel = !request.channel_id.is_empty();
    if request.from.is_empty()
        || has_channel == has_receivers
        || (has_channel && request.channel_type.value() == 0)
    {
        return Err(refused("invalid request"));
    }
    let receivers: Vec<Arc<str>> = request
        .subscribers
        .iter()
        .filter(|uid| !uid.trim().is_empty())
        .map(|uid| uid.as_str().into())
        .collect();
    if has_receivers {
        if !request.flags.contains(Flags::SYNC_ONCE) {
            return Err(refused("request subscribers require sync_once"));
        }
        if receivers.is_empty() {
            return Err(refused("request subscribers required"));
        }
        request.channel_type = ChannelType::TEMP;
        request.channel_id = format!("{}{}", joint_name(&receivers), ChannelId::COMMAND_SUFFIX);
    }
    let is_agent = request.channel_type == ChannelType::AGENT;
    let plain = request.channel_id.trim_end_matches(ChannelId::COMMAND_SUFFIX);
    if stored_id(&request.from, plain, request.channel_type).is_none() || (is_agent && !plain.contains('@')) {
        return Err(refused("invalid channel id"));
    }
    if payload.len() > MAX_PAYLOAD {
        let words = "internal/message: backpressured: channel: backpressured";
        return Err(Reply::failed(StatusCode::INTERNAL_SERVER_ERROR, words));
    }
    let origin = if has_receivers { Origin::Named(&receivers) } else { Origin::Http };
    match deliver(call, request, payload, origin) {
        // Only a number that was given to another payload has this reason here.
        Err(ReasonCode::SYSTEM_ERROR) => {
            let words = "internal/message: append failed: channel: log conflict";
            Err(Reply::failed(StatusCode::INTERNAL_SERVER_ERROR, words))
        }
        Err(reason) => Ok(answer(0, 0, reason)),
        Ok(Stored { id, seq }) => Ok(answer(id.get(), seq.get(), ReasonCode::SUCCESS)),
    }
}

fn answer(id: i64, seq: u64, reason: ReasonCode) -> Reply {
    Reply::json(&json!({ "message_id": id, "message_seq": seq, "reason": reason.value() }))
}

fn deliver(
    call: &Call<'_>,
    request: Request,
    payload: Bytes,
    origin: Origin<'_>,
) -> Result<Stored, ReasonCode> {
    let shared = call.shared;
    let now = shared.clock.unix_secs();
    let mut world = shared.world();
    let id = world.next_message_id(shared.clock.unix_ms());
    let draft = Draft {
        id,
        flags: request.flags,
        setting: Setting::from_bits(request.setting),
        from: request.from.into(),
        device_id: Some(request.device_id.into()),
        client_msg_no: request.client_msg_no.into(),
        channel_id: request.channel_id.into(),
        channel_type: request.channel_type,
        topic: "".into(),
        expire: request.expire,
        payload,
    };
    let stored = world.send(draft, origin, now, &shared.faults)?;
    if stored.id == id && !stored.seq.is_zero() {
        shared.counters.messages_stored.add(1);
    }
    Ok(stored)
}
