//! POST /channel/messagesync: pages of a channel's log, with the server's rules (docs/servers.md §5).

use std::ops::RangeInclusive;

use serde::Serialize;
use wk_model::ChannelType;

use super::Call;
use super::body::{BodyError, Fields};
use super::message_json::MessageJson;
use super::reply::{Answer, Reply};
use crate::world::channel::stored_id;

#[derive(Serialize)]
pub(super) struct PageJson {
    pub(super) start_message_seq: u64,
    pub(super) end_message_seq: u64,
    pub(super) more: u8,
    pub(super) messages: Vec<MessageJson>,
}

struct Request {
    login_uid: String,
    channel_id: String,
    channel_type: ChannelType,
    start: u64,
    end: u64,
    limit: i64,
    pull_mode: i64,
    /// Whether what was written of a stream is told, and not only how far it is.
    with_snapshots: bool,
}

fn read(body: &[u8]) -> Result<Request, BodyError> {
    let fields = Fields::parse(body, "")?;
    Ok(Request {
        login_uid: fields.string("login_uid")?,
        channel_id: fields.string("channel_id")?,
        channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
        start: fields.integer("start_message_seq", "uint64")?,
        end: fields.integer("end_message_seq", "uint64")?,
        limit: fields.integer("limit", "int")?,
        pull_mode: fields.integer("pull_mode", "api.PullMode")?,
        with_snapshots: matches!(&*fields.string("event_summary_mode")?.trim().to_lowercase(), "" | "full"),
    })
}

pub(super) fn page(call: &Call<'_>) -> Answer {
    let request = read(call.body)?;
    if request.login_uid.is_empty() {
        return Err(Reply::refused("login_uid不能为空！"));
    }
    if request.channel_id.is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    let limit = request.limit.min(MAX_LIMIT);
    let stored = stored_id(&request.login_uid, &request.channel_id, request.channel_type);
    let messages = {
        let mut guard = call.shared.world();
        let world = &mut *guard;
        let channel = world.channels.entry(&stored, request.channel_type);
        // Whoever reads a channel gives it a place in the cluster.
        channel.placed = true;
        let window = window(&request, limit, channel.log.last_seq());
        let most = most(limit, request.pull_mode);
        let mut page = MessageJson::page(channel.log.range(window).take(most));
        let key = (channel.id.clone(), request.channel_type);
        MessageJson::add_streams_to_all(&mut page, &world.streams, &key, request.with_snapshots);
        page
    };
    let more = u8::from(i64::try_from(messages.len()).unwrap_or(i64::MAX) >= limit);
    call.shared.counters.messages_pulled.add(messages.len() as u64);
    Ok(Reply::json(&PageJson {
        start_message_seq: request.start,
        end_message_seq: request.end,
        more,
        messages,
    }))
}

/// The seqs that the server looks at. There is no search beyond them.
#[allow(clippy::reversed_empty_ranges, reason = "an empty window is written as one")]
fn window(request: &Request, limit: i64, last: u64) -> RangeInclusive<u64> {
    let &Request { start, end, pull_mode, .. } = request;
    // A negative limit is read as a huge number here.
    let reach = u64::try_from(limit).unwrap_or(u64::MAX);
    if start == 0 && end == 0 {
        last.saturating_sub(reach) + 1..=last
    } else if pull_mode == MODE_NEWER {
        start..=if end == 0 { last } else { end - 1 }
    } else if start <= end {
        1..=0
    } else {
        end.max(start.saturating_sub(reach)).saturating_add(1)..=start
    }
}

/// How many messages of the window are returned. A negative limit is reached by the first one, and none stands
/// for all where the window is not made from it.
fn most(limit: i64, pull_mode: i64) -> usize {
    match limit {
        0 if pull_mode == MODE_NEWER => usize::MAX,
        limit => usize::try_from(limit).unwrap_or(1),
    }
}

const MODE_NEWER: i64 = 1;
const MAX_LIMIT: i64 = 10_000;
