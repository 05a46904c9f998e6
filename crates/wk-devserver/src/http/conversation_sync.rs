//! POST /conversation/sync: the conversations of a user with their newest messages (docs/servers.md §6).

use std::collections::HashMap;

use axum::http::StatusCode;
use wk_model::{ChannelId, ChannelType};

use super::Call;
use super::body::{BodyError, Fields};
use super::conversation_json::ConversationJson;
use super::reply::{Answer, Reply};
use crate::world::channel::{Channel, stored_id};
use crate::world::conversation::Conversation;
use crate::world::ids::{SYSTEM_UID, peer_of};
use crate::world::stream::Streams;

struct Request {
    uid: String,
    version: i64,
    msg_count: i64,
    only_unread: bool,
    exclude: Vec<u8>,
    page: i64,
    page_size: i64,
    /// What the client has, by the ids as it wrote them.
    given: HashMap<(String, ChannelType), u64>,
}

fn read(body: &[u8]) -> Result<Request, BodyError> {
    let fields = Fields::parse(body, "")?;
    Ok(Request {
        uid: fields.string("uid")?,
        version: fields.integer("version", "int64")?,
        msg_count: fields.integer("msg_count", "int64")?,
        only_unread: fields.integer::<u8>("only_unread", "uint8")? == 1,
        exclude: fields.integers("exclude_channel_types", "[]uint8")?,
        page: fields.integer("page", "int")?,
        page_size: fields.integer("page_size", "int")?,
        given: last_msg_seqs(&fields.string("last_msg_seqs")?),
    })
}

/// `channel:type:seq|channel:type:seq`; entries that do not have this form are left out.
fn last_msg_seqs(text: &str) -> HashMap<(String, ChannelType), u64> {
    let entry = |entry: &str| {
        let mut parts = entry.split(':');
        let (id, channel_type, seq) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(((id.to_owned(), ChannelType::new(channel_type.parse().ok()?)), seq.parse().ok()?))
    };
    text.split('|').filter_map(entry).collect()
}

pub(super) fn sync(call: &Call<'_>) -> Answer {
    let request = read(call.body)?;
    if request.uid.is_empty() {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    // The same list by the ids under which channels are stored.
    let known: HashMap<(String, ChannelType), u64> = request
        .given
        .iter()
        .map(|((id, channel_type), seq)| ((stored_id(&request.uid, id, *channel_type), *channel_type), *seq))
        .collect();
    let mut guard = call.shared.world();
    let world = &mut *guard;
    let mut list = match world.users.get_mut(&*request.uid) {
        Some(user) => user.conversations.list(MAX_CONVERSATIONS, &mut world.changes),
        None => Vec::new(),
    };
    list.retain(|conversation| {
        let listed = known.contains_key(&(conversation.channel.to_string(), conversation.channel_type));
        listed || !request.exclude.contains(&conversation.channel_type.value())
    });
    let items: Vec<_> = paged(&list, &request)
        .iter()
        .filter_map(|conversation| {
            let channel = world.channels.get(&conversation.channel, conversation.channel_type)?;
            let key = (conversation.channel.to_string(), conversation.channel_type);
            let known_seq = known.get(&key).copied().unwrap_or(0);
            item(&request, conversation, channel, known_seq, &world.streams)
        })
        .collect();
    drop(guard);
    call.shared.counters.messages_pulled.add(items.iter().map(ConversationJson::messages).sum());
    Ok(Reply::json(&items))
}

/// Pages are cut before anything is left out.
fn paged<'a>(list: &'a [Conversation], request: &Request) -> &'a [Conversation] {
    let Some(before) = usize::try_from(request.page).ok().and_then(|page| page.checked_sub(1)) else {
        return list;
    };
    let size = match usize::try_from(request.page_size) {
        Ok(0) | Err(_) => DEFAULT_PAGE_SIZE,
        Ok(size) => size.min(MAX_PAGE_SIZE),
    };
    let start = before.saturating_mul(size).min(list.len());
    list.get(start..start.saturating_add(size).min(list.len())).unwrap_or_default()
}

fn item(
    request: &Request,
    conversation: &Conversation,
    channel: &Channel,
    known_seq: u64,
    streams: &Streams,
) -> Option<ConversationJson> {
    let Conversation { channel_type, deleted_to, .. } = *conversation;
    let is_person = channel_type == ChannelType::PERSON;
    if channel.id.ends_with(ChannelId::COMMAND_SUFFIX) {
        return None;
    }
    // Compared with the stored id, so that it works for a person only with the joint id.
    let last_seq = channel.log.last_seq();
    if request.given.get(&(channel.id.to_string(), channel_type)).is_some_and(|seq| *seq >= last_seq) {
        return None;
    }
    let mut above = if known_seq > 0 {
        known_seq
    } else if request.version > 0 || request.only_unread {
        conversation.known_read_to()
    } else {
        0
    };
    // The comparison is with the next one, which lets one deleted message through.
    if deleted_to > above.wrapping_add(1) {
        above = deleted_to;
    }
    let count = u64::try_from(request.msg_count).unwrap_or(0);
    // A spoilt read position wraps to the start.
    let first = above.wrapping_add(1).max(last_seq.saturating_sub(count) + 1);
    let messages: Vec<_> = channel.log.range(first..=last_seq).collect();
    if messages.is_empty() {
        return None;
    }
    let peer = if is_person { peer_of(&channel.id, &request.uid) } else { &channel.id };
    if is_person && peer == SYSTEM_UID {
        return None;
    }
    let (channel, conversation) = (Some(channel), Some(conversation));
    Some(ConversationJson::new(&request.uid, channel_type, peer, channel, conversation, messages, streams))
}

/// How many stored conversations the server looks at.
const MAX_CONVERSATIONS: usize = 1000;
const DEFAULT_PAGE_SIZE: usize = 100;
const MAX_PAGE_SIZE: usize = 500;
