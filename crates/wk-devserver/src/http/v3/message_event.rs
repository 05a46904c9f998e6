//! POST /message/event (v3): pieces of a message that is being written; nobody is pushed them (docs/servers.md §8).

use wk_model::ChannelType;

use super::super::message_event::{Request, missing, taken_reply};
use super::{Answer, Call, Reply, read};
use crate::world::v3::reads::stored_id;

pub(super) fn append(call: &Call<'_>) -> Answer {
    let (request, has_headers) =
        read(call, |fields| Ok((Request::read(fields)?, fields.value("headers").is_some())))?;
    request.check()?;
    if request.channel_type.value() == 0 {
        return Err(missing("channel_type"));
    }
    if has_headers {
        return Err(Reply::refused("message event headers are not supported"));
    }
    let is_named = request.channel_type != ChannelType::PERSON || !request.from.is_empty();
    let stored = stored_id(&request.from, &request.channel_id, request.channel_type).filter(|_| is_named);
    let stored = stored.ok_or_else(|| Reply::refused("runtime/channelid: invalid person channel"))?;
    let event = request.into_event(stored);
    let now_ms = call.shared.clock.unix_ms();
    let taken = call.shared.world().append_event(&event, now_ms).map_err(Reply::refused)?;
    Ok(taken_reply(&event, taken))
}
