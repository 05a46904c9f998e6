//! Conversations that are asked for by name.
//!
//! POST /conversation/channels, /conversation/syncByChannels, /conversation/syncMessages.

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use wk_model::ChannelType;

use super::Call;
use super::body::{BodyError, Fields};
use super::channel::{Named, named};
use super::conversation_json::ConversationJson;
use super::message_json::MessageJson;
use super::reply::{Answer, Reply};
use crate::world::channel::stored_id;

/// The channels of a user's conversations, by the ids under which they are stored.
pub(super) fn channels(call: &Call<'_>) -> Answer {
    let uid = Fields::parse(call.body, "")?.string("uid")?;
    if uid.is_empty() {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let mut guard = call.shared.world();
    let world = &mut *guard;
    let list = match world.users.get_mut(&*uid) {
        Some(user) => user.conversations.list(usize::MAX, &mut world.changes),
        None => Vec::new(),
    };
    let channels: Vec<_> = list
        .iter()
        .map(|known| json!({ "channel_id": *known.channel, "channel_type": known.channel_type.value() }))
        .collect();
    Ok(Reply::json(&channels))
}

/// One entry for each channel asked for, member or not, deleted or not, empty or not.
pub(super) fn sync_by_channels(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "")?;
    let (uid, count) = (fields.string("uid")?, message_count(&fields)?);
    let wanted: Vec<Named> = objects(&fields)?.iter().map(named).collect::<Result<_, _>>()?;
    if uid.is_empty() {
        return Err(Reply::refused("uid cannot be empty"));
    }
    if wanted.is_empty() {
        return Err(Reply::refused("channels cannot be empty"));
    }
    let world = call.shared.world();
    let conversations = world.users.get(&*uid).map(|user| &user.conversations);
    let items: Vec<_> = wanted
        .iter()
        .map(|Named { id, channel_type }| {
            let stored = stored_id(&uid, id, *channel_type);
            let channel = world.channels.get(&stored, *channel_type);
            let messages = channel.map(|channel| {
                let last_seq = channel.log.last_seq();
                channel.log.range(last_seq.saturating_sub(count) + 1..=last_seq).collect()
            });
            let conversation = conversations.and_then(|list| list.get(&(stored.into(), *channel_type)));
            ConversationJson::new(
                &uid,
                *channel_type,
                id,
                channel,
                conversation,
                messages.unwrap_or_default(),
                &world.streams,
            )
        })
        .collect();
    call.shared.counters.messages_pulled.add(items.iter().map(ConversationJson::messages).sum());
    Ok(Reply::json(&items))
}

#[derive(Serialize)]
struct MessagesJson {
    channel_id: String,
    channel_type: u8,
    messages: Vec<MessageJson>,
    user_last_msg_seq: u64,
}

/// Messages from a seq on, from the oldest or from the newest; channel ids are taken as they are stored.
pub(super) fn sync_messages(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "")?;
    let (uid, count) = (fields.string("uid")?, message_count(&fields)?);
    let newest_first = fields.integer::<u8>("order_by_last", "uint8")? == 1;
    let wanted: Vec<(Named, u64)> = objects(&fields)?
        .iter()
        .map(|channel| Ok((named(channel)?, channel.integer("last_msg_seq", "uint64")?)))
        .collect::<Result<_, BodyError>>()?;
    let world = call.shared.world();
    let mut items = Vec::new();
    for (Named { id, channel_type }, from_seq) in wanted {
        let channel = world.channels.get(&id, channel_type);
        let messages = channel.map(|channel| {
            let last_seq = channel.log.last_seq();
            let first = from_seq.max(if newest_first { last_seq.saturating_sub(count) + 1 } else { 1 });
            let most = usize::try_from(count).unwrap_or(usize::MAX);
            let mut page = MessageJson::page(channel.log.range(first..=last_seq).take(most));
            if newest_first {
                page.reverse();
            }
            page
        });
        items.push(MessagesJson {
            user_last_msg_seq: channel.and_then(|channel| channel.last_sent_by(&uid)).unwrap_or(0),
            channel_id: id,
            channel_type: ChannelType::value(channel_type),
            messages: messages.unwrap_or_default(),
        });
    }
    call.shared.counters.messages_pulled.add(items.iter().map(|item| item.messages.len() as u64).sum());
    Ok(Reply::json(&items))
}

/// How many messages of each channel are wanted.
fn message_count(fields: &Fields) -> Result<u64, BodyError> {
    let count: i64 = fields.integer("msg_count", "int64")?;
    Ok(u64::try_from(count).ok().filter(|count| *count > 0).unwrap_or(DEFAULT_COUNT))
}

/// The entries of `channels`.
fn objects(fields: &Fields) -> Result<Vec<Fields>, BodyError> {
    let Some(Value::Array(items)) = fields.value("channels") else { return Ok(Vec::new()) };
    let object = |item: &Value| match item {
        Value::Object(members) => Ok(Fields::of_object(members.clone(), "channelReq")),
        _ => Err(BodyError("json: cannot unmarshal into Go struct field .channels".to_owned())),
    };
    items.iter().map(object).collect()
}

const DEFAULT_COUNT: u64 = 15;
