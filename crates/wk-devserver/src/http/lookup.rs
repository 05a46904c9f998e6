//! Single messages and the end of a log.
//!
//! POST /messages, POST /message, GET /message/byclientmsgno, GET /channel/max_message_seq,
//! GET /channel/last_message.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use wk_model::{ChannelType, MessageId};

use super::Call;
use super::body::{BodyError, Fields};
use super::channel::{Named, named};
use super::message_json::MessageJson;
use super::messagesync::PageJson;
use super::reply::{Answer, Reply};
use crate::world::channel::{Channel, stored_id};
use crate::world::message::Message;

/// Messages by seqs, then by ids, then by client numbers; what does not exist is left out.
pub(super) fn messages(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "")?;
        Ok((
            named(&fields)?,
            fields.string("login_uid")?,
            fields.integers::<u32>("message_seqs", "[]uint32")?,
            fields.integers::<i64>("message_ids", "[]int64")?,
            fields.strings("client_msg_nos")?,
        ))
    };
    let (channel, login_uid, seqs, ids, numbers) = read().map_err(|_| Reply::refused("数据格式有误！"))?;
    if channel.id.is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    let stored = stored_id(&login_uid, &channel.id, channel.channel_type);
    let world = call.shared.world();
    let mut messages = Vec::new();
    if let Some(channel) = world.channels.get(&stored, channel.channel_type) {
        let by_seq = seqs.iter().filter_map(|seq| channel.log.read(u64::from(*seq)));
        let by_id = ids.iter().filter_map(|id| channel.log.by_id(MessageId::new(*id)));
        messages.extend(by_seq.chain(by_id).map(|message| MessageJson::without_header(&message)));
        let by_number = numbers.iter().flat_map(|number| channel.log.by_client_msg_no(number));
        // Only this way keeps the header.
        messages.extend(by_number.map(|message| MessageJson::new(&message)));
    }
    call.shared.counters.messages_pulled.add(messages.len() as u64);
    Ok(Reply::json(&PageJson { start_message_seq: 0, end_message_seq: 0, more: 0, messages }))
}

/// One message by its id. By its client number nothing is ever found.
pub(super) fn message(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "")?;
        fields.string("client_msg_no")?;
        Ok((named(&fields)?, fields.string("login_uid")?, fields.integer::<i64>("message_id", "int64")?))
    };
    let (channel, login_uid, id) = read().map_err(|_| Reply::refused("数据格式有误！"))?;
    if channel.id.is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        return Err(Reply::refused("channel_type不能为0"));
    }
    if channel.channel_type == ChannelType::PERSON && login_uid.is_empty() {
        return Err(Reply::refused("login_uid不能为空！"));
    }
    let stored = stored_id(&login_uid, &channel.id, channel.channel_type);
    let world = call.shared.world();
    let found = world.channels.get(&stored, channel.channel_type);
    Ok(one(call, found.and_then(|channel| channel.log.by_id(MessageId::new(id)))))
}

pub(super) fn by_client_msg_no(call: &Call<'_>) -> Answer {
    let query = call.query();
    let channel = named_in(&query)?;
    let number = query.get("client_msg_no").map(String::as_str).unwrap_or_default();
    if number.is_empty() {
        return Err(Reply::refused("client_msg_no不能为空"));
    }
    // The id is taken as it is stored.
    let world = call.shared.world();
    let found = world.channels.get(&channel.id, channel.channel_type);
    Ok(one(call, found.and_then(|channel| channel.log.by_client_msg_no(number).into_iter().next())))
}

pub(super) fn max_message_seq(call: &Call<'_>) -> Answer {
    let query = call.query();
    let channel = named_in(&query)?;
    let stored = match (channel.channel_type, login_uid(&query)) {
        (ChannelType::PERSON, "") if !channel.id.contains('@') => {
            return Err(Reply::refused("login_uid不能为空"));
        }
        // A joint id is taken as it is.
        (ChannelType::PERSON, "") => channel.id,
        (channel_type, uid) => stored_id(uid, &channel.id, channel_type),
    };
    let world = call.shared.world();
    match placed(world.channels.get(&stored, channel.channel_type), channel.channel_type) {
        Some(last) => Ok(Reply::json(&json!({ "message_seq": last }))),
        None => Err(Reply::refused("not found")),
    }
}

pub(super) fn last_message(call: &Call<'_>) -> Answer {
    let query = call.query();
    let channel = named_in(&query)?;
    let uid = login_uid(&query);
    if channel.channel_type == ChannelType::PERSON && uid.is_empty() {
        return Err(Reply::refused("login_uid不能为空"));
    }
    let stored = stored_id(uid, &channel.id, channel.channel_type);
    let world = call.shared.world();
    let found = world.channels.get(&stored, channel.channel_type);
    match placed(found, channel.channel_type) {
        Some(last) => Ok(one(call, found.and_then(|channel| channel.log.read(last)))),
        None => Err(Reply::refused("获取频道所在节点失败！")),
    }
}

/// The last seq of a channel that has a place in the cluster. Type 0 is taken for an empty channel.
fn placed(channel: Option<&Channel>, channel_type: ChannelType) -> Option<u64> {
    match channel {
        Some(channel) if channel.placed => Some(channel.log.last_seq()),
        _ if channel_type == ChannelType::new(0) => Some(0),
        _ => None,
    }
}

fn one(call: &Call<'_>, message: Option<Arc<Message>>) -> Reply {
    match message {
        Some(message) => {
            call.shared.counters.messages_pulled.add(1);
            Reply::json(&MessageJson::without_header(&message))
        }
        None => Reply::status(404),
    }
}

fn named_in(query: &HashMap<String, String>) -> Result<Named, Reply> {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let id = text("channel_id");
    if id.is_empty() {
        return Err(Reply::refused("channel_id不能为空"));
    }
    Ok(Named { id, channel_type: ChannelType::new(text("channel_type").parse().unwrap_or(0)) })
}

fn login_uid(query: &HashMap<String, String>) -> &str {
    query.get("login_uid").map(String::as_str).unwrap_or_default()
}
