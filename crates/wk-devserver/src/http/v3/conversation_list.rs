//! POST /conversation/list and /conversation/retry (v3): conversations page by page, and by name (docs/servers.md §6).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use wk_model::{ChannelId, ChannelType};

use super::{Answer, Call, Reply, cursor, malformed, read};
use crate::http::body::Fields;
use crate::world::World;
use crate::world::conversation::ChannelKey;
use crate::world::ids::peer_of;
use crate::world::message::Message;
use crate::world::v3::reads::{Hidden, stored_id};
use crate::world::v3::roster::{Membership, place};

#[derive(Debug, Default, Serialize)]
struct PageJson {
    conversations: Vec<ItemJson>,
    deletes: Vec<ChannelJson>,
    unresolved: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    done: bool,
    coverage: i64,
    tombstones_retained_since: i64,
    reset_required: bool,
}

#[derive(Debug, Serialize)]
struct ChannelJson {
    channel_id: Arc<str>,
    channel_type: u8,
}

#[derive(Debug, Serialize)]
struct ItemJson {
    #[serde(flatten)]
    channel: ChannelJson,
    active_at: i64,
    read_seq: u64,
    deleted_to_seq: u64,
    unread: u64,
    last_message: Option<LastMessageJson>,
}

#[derive(Debug, Serialize)]
struct LastMessageJson {
    message_id: i64,
    message_idstr: String,
    message_seq: u64,
    from_uid: Arc<str>,
    client_msg_no: Arc<str>,
    server_timestamp_ms: i64,
    payload: String,
}

impl ChannelJson {
    /// A channel as the user names it.
    fn new(uid: &str, (id, channel_type): &ChannelKey) -> Self {
        let id = if *channel_type == ChannelType::PERSON { peer_of(id, uid).into() } else { id.clone() };
        Self { channel_id: id, channel_type: channel_type.value() }
    }
}

impl LastMessageJson {
    fn new(message: &Message) -> Self {
        Self {
            message_id: message.id.get(),
            message_idstr: message.id.to_string(),
            message_seq: message.seq.get(),
            from_uid: message.from.clone(),
            client_msg_no: message.client_msg_no.clone(),
            server_timestamp_ms: message.id.unix_ms().unwrap_or_default(),
            payload: STANDARD.encode(&message.payload),
        }
    }
}

impl PageJson {
    /// Tells of one channel: as a conversation, as one to hide, or not at all.
    fn tell(&mut self, world: &mut World, uid: &str, key: &ChannelKey) {
        let channel = ChannelJson::new(uid, key);
        let seen = match world.seen(uid, key) {
            Ok(seen) => seen,
            // Also a channel that never had a message (docs/servers.md T64).
            Err(Hidden::NoMember | Hidden::Disbanded | Hidden::Empty(_)) => {
                return self.deletes.push(channel);
            }
        };
        let is_command = key.0.ends_with(ChannelId::COMMAND_SUFFIX);
        let last_message = seen.last_message().map(|message| LastMessageJson::new(&message));
        if last_message.is_none() && seen.membership.active_at == 0 {
            return;
        }
        self.conversations.push(ItemJson {
            channel,
            active_at: seen.membership.active_at,
            read_seq: seen.membership.read_seq,
            deleted_to_seq: seen.membership.deleted_to,
            // Of a log of commands it shows no message, and counts the own ones too.
            unread: if is_command { seen.all_unread() } else { seen.unread(uid) },
            last_message: last_message.filter(|_| !is_command),
        });
    }
}

/// The limit is for the memberships that are looked at: a page may be empty and not the last (docs/servers.md T47).
pub(super) fn list(call: &Call<'_>) -> Answer {
    let (uid, cursor, limit, coverage): (String, String, i64, i64) = read(call, |fields| {
        let (limit, coverage) =
            (fields.integer("limit", "int")?, fields.integer("completed_coverage", "int64")?);
        Ok((fields.string("uid")?, fields.string("cursor")?, limit, coverage))
    })?;
    if uid.is_empty() {
        return Err(Reply::refused("uid不能为空！"));
    }
    let behind = match cursor.as_str() {
        "" => None,
        text => Some(cursor::read(text).ok_or_else(|| Reply::refused("cursor格式错误！"))?),
    };
    let limit = match usize::try_from(limit) {
        Ok(0) => 50,
        Ok(limit @ 1..=200) if coverage >= 0 => limit,
        _ => 0,
    };
    if limit == 0 || coverage < 0 {
        return Err(Reply::refused("internal/usecase/conversation: invalid request"));
    }
    let mut world = call.shared.world();
    let now_ms = world.changes.now_ms;
    let all = world.users.get(&*uid).map(|user| user.roster.list(now_ms)).unwrap_or_default();
    let is_left = |(key, membership): &(ChannelKey, Membership)| {
        behind.as_ref().is_none_or(|behind| place(key, membership.active_at) > *behind)
    };
    let rest: Vec<_> = all.into_iter().filter(is_left).collect();
    let mut page = PageJson {
        done: rest.len() <= limit,
        coverage: now_ms.saturating_mul(1_000_000),
        ..PageJson::default()
    };
    let looked_at = rest.get(..limit).unwrap_or(&rest);
    // Channels that were left are told first.
    let (left, members): (Vec<_>, Vec<_>) = looked_at.iter().partition(|(_, membership)| membership.left);
    left.iter().chain(&members).for_each(|(key, _)| page.tell(&mut world, &uid, key));
    page.next_cursor = looked_at.last().map(|(key, membership)| cursor::write(key, membership.active_at));
    Ok(Reply::json(&page))
}

pub(super) fn retry(call: &Call<'_>) -> Answer {
    const AT_ONCE: usize = 200;
    let (uid, channels) =
        read(call, |fields| Ok((fields.string("uid")?, fields.value("channels").cloned())))?;
    let channels = match channels {
        Some(Value::Array(channels)) => channels,
        None => Vec::new(),
        Some(_) => return Err(malformed()),
    };
    if uid.is_empty() || channels.is_empty() {
        return Err(Reply::refused("uid或channels不能为空！"));
    }
    if channels.len() > AT_ONCE {
        return Err(Reply::refused("internal/usecase/conversation: invalid request"));
    }
    let mut keys: Vec<ChannelKey> = Vec::new();
    for channel in channels {
        let Value::Object(members) = channel else { return Err(malformed()) };
        let fields = Fields::of_object(members, "");
        let named = || {
            Ok::<_, crate::http::body::BodyError>((
                fields.string("channel_id")?,
                fields.integer("channel_type", "uint8")?,
            ))
        };
        let (id, channel_type): (String, u8) = named().map_err(|_| malformed())?;
        let channel_type = ChannelType::new(channel_type);
        let stored =
            stored_id(&uid, &id, channel_type).filter(|_| !id.is_empty() && channel_type.value() != 0);
        let Some(stored) = stored else { return Err(Reply::refused("channel_id或channel_type错误！")) };
        let key = (stored.into(), channel_type);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let mut world = call.shared.world();
    let mut page = PageJson { done: true, ..PageJson::default() };
    keys.iter().for_each(|key| page.tell(&mut world, &uid, key));
    Ok(Reply::json(&page))
}
