//! POST /message/send and /message/sendbatch: messages that the application's own server sends.

use std::sync::Arc;

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use bytes::Bytes;
use serde_json::{Value, json};
use wk_model::{ChannelType, MessageId, Setting};
use wkproto::Flags;

use super::Call;
use super::body::{BodyError, Fields};
use super::reply::{Answer, Reply};
use crate::world::channel::log_id;
use crate::world::ids::{ONLINE_COMMANDS, has_reserved};
use crate::world::send::{Draft, Origin, sender_or_system};

struct Request {
    flags: Flags,
    client_msg_no: String,
    is_stream: bool,
    from: String,
    channel_id: String,
    channel_type: ChannelType,
    expire: u32,
    subscribers: Vec<String>,
    payload: Bytes,
}

fn read(body: &[u8], name: &'static str) -> Result<Request, BodyError> {
    let fields = Fields::parse(body, name)?;
    let header = fields.object("header", "MessageHeader.header")?;
    let mut flags = Flags::EMPTY;
    for (field, flag) in
        [("no_persist", Flags::NO_PERSIST), ("red_dot", Flags::RED_DOT), ("sync_once", Flags::SYNC_ONCE)]
    {
        // Only 1 counts.
        if header.integer::<i64>(field, "int")? == 1 {
            flags = flags.with(flag);
        }
    }
    Ok(Request {
        flags,
        client_msg_no: fields.string("client_msg_no")?,
        is_stream: fields.integer::<i64>("is_stream", "int")? == 1,
        from: fields.string("from_uid")?,
        channel_id: fields.string("channel_id")?,
        channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
        expire: fields.integer("expire", "uint32")?,
        subscribers: fields.strings("subscribers")?,
        payload: payload(&fields, name)?,
    })
}

fn payload(fields: &Fields, name: &str) -> Result<Bytes, BodyError> {
    match fields.value("payload") {
        None => Ok(Bytes::new()),
        Some(Value::String(text)) => match STANDARD.decode(text) {
            Ok(payload) => Ok(payload.into()),
            Err(error) => {
                let byte = match error {
                    DecodeError::InvalidByte(offset, _) => offset,
                    // What is wrong with the end is reported at the start of the last group of four.
                    _ => text.len() / 4 * 4,
                };
                Err(BodyError(format!("illegal base64 data at input byte {byte}")))
            }
        },
        Some(other) => {
            let kind = if other.is_object() { "object" } else { "value" };
            Err(BodyError(format!(
                "json: cannot unmarshal {kind} into Go struct field {name}.payload of type []uint8"
            )))
        }
    }
}

pub(super) fn send(call: &Call<'_>) -> Answer {
    let request =
        read(call.body, "messageSendReq").map_err(|BodyError(text)| Reply::refused_as_text(text))?;
    if request.payload.is_empty() {
        return Err(Reply::refused("payload不能为空！"));
    }
    let has_channel = !request.channel_id.trim().is_empty();
    if !has_channel {
        return send_to_named(call, request);
    }
    if !request.subscribers.is_empty() {
        return Err(Reply::refused("无法处理发送消息请求！"));
    }
    if has_reserved(&request.channel_id) {
        return Err(Reply::refused("频道ID不合法！"));
    }
    let (id, client_msg_no) = deliver(call, request, Origin::Http);
    // This is the only place where the number has no text beside it (docs/servers.md T41).
    let data = json!({ "client_msg_no": client_msg_no, "message_id": id.get() });
    Ok(Reply::json(&json!({ "data": data, "status": 200 })))
}

/// A command to named users: it is sent to a channel that is made up from their names.
fn send_to_named(call: &Call<'_>, mut request: Request) -> Answer {
    if request.subscribers.is_empty() || !request.flags.contains(Flags::SYNC_ONCE) {
        return Err(Reply::refused("无法处理发送消息请求！"));
    }
    let receivers: Vec<Arc<str>> = request.subscribers.iter().map(|uid| uid.as_str().into()).collect();
    request.channel_type = ChannelType::TEMP;
    request.channel_id = if request.flags.contains(Flags::NO_PERSIST) {
        ONLINE_COMMANDS.to_owned()
    } else {
        format!("{}{}", joint_name(&receivers), wk_model::ChannelId::COMMAND_SUFFIX)
    };
    request.client_msg_no.clear();
    deliver(call, request, Origin::Named(&receivers));
    Ok(Reply::done())
}

/// One message to each of many people.
pub(super) fn send_batch(call: &Call<'_>) -> Answer {
    let request =
        read(call.body, "messageSendBatchReq").map_err(|BodyError(text)| Reply::refused_as_text(text))?;
    if request.from.is_empty() {
        return Err(Reply::refused("from_uid不能为空！"));
    }
    if request.subscribers.is_empty() {
        return Err(Reply::refused("subscribers不能为空！"));
    }
    if request.payload.is_empty() {
        return Err(Reply::refused("payload不能为空！"));
    }
    let (mut failed, mut reasons) = (Vec::new(), Vec::new());
    for uid in &request.subscribers {
        if has_reserved(uid) {
            failed.push(uid.clone());
            reasons.push("频道ID不合法！");
            continue;
        }
        let one = Request {
            channel_id: uid.clone(),
            channel_type: ChannelType::PERSON,
            client_msg_no: String::new(),
            from: request.from.clone(),
            subscribers: Vec::new(),
            payload: request.payload.clone(),
            ..request
        };
        deliver(call, one, Origin::Http);
    }
    Ok(Reply::json(&json!({ "fail_uids": failed, "reason": reasons })))
}

/// What becomes of the message after this is not told.
fn deliver(call: &Call<'_>, request: Request, origin: Origin<'_>) -> (MessageId, Arc<str>) {
    let shared = call.shared;
    let now = shared.clock.unix_secs();
    let mut world = shared.world();
    let id = world.next_message_id(shared.clock.unix_ms());
    let client_msg_no: Arc<str> = match request.client_msg_no.as_str() {
        "" => format!("{:032x}0", crate::random::Random::new(id.get().cast_unsigned()).wide()).into(),
        given => given.into(),
    };
    if request.is_stream {
        let (from, channel_type) = (sender_or_system(&request.from), request.channel_type);
        let stored = log_id(from, &request.channel_id, channel_type).into();
        let (world, now_ms) = (&mut *world, shared.clock.unix_ms());
        world.streams.begin(client_msg_no.clone(), (stored, channel_type), from.into(), id, now_ms);
    }
    let draft = Draft {
        id,
        flags: request.flags,
        setting: if request.is_stream { Setting::STREAM } else { Setting::EMPTY },
        from: sender_or_system(&request.from).into(),
        device_id: None,
        client_msg_no: client_msg_no.clone(),
        channel_id: request.channel_id.into(),
        channel_type: request.channel_type,
        topic: "".into(),
        expire: request.expire,
        payload: request.payload,
    };
    match world.send(draft, origin, now, &shared.faults) {
        Ok(stored) if !stored.seq.is_zero() => shared.counters.messages_stored.add(1),
        Ok(_) => {}
        Err(reason) => tracing::debug!(%reason, "a message sent over HTTP is dropped"),
    }
    (id, client_msg_no)
}

/// The same number for the same users in any order.
pub(super) fn joint_name(uids: &[Arc<str>]) -> u64 {
    let hash = |uid: &Arc<str>| {
        // FNV-1a.
        uid.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    };
    uids.iter().fold(0, |sum, uid| sum ^ hash(uid))
}
