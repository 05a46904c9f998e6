//! POST /message/sync, /message/syncack, /message/cmd/bind and unbind (v3): commands of the logs that a user bound.

use std::sync::Arc;

use wk_model::{ChannelId, ChannelType};

use super::message_json::MessageJson;
use super::{Answer, Call, Reply, read};
use crate::world::World;
use crate::world::conversation::ChannelKey;
use crate::world::message::Message;
use crate::world::v3::reads::Hidden;

/// The user and the command log of a request. A person's channel is named by its joint id: by the peer's uid it is
/// another one.
fn named(call: &Call<'_>) -> Result<(String, ChannelKey), Reply> {
    let (uid, id, channel_type): (String, String, u8) = read(call, |fields| {
        Ok((fields.string("uid")?, fields.string("channel_id")?, fields.integer("channel_type", "uint8")?))
    })?;
    if uid.is_empty() || id.is_empty() || channel_type == 0 {
        return Err(Reply::refused("uid、channel_id和channel_type不能为空！"));
    }
    let log = format!("{id}{}", ChannelId::COMMAND_SUFFIX);
    Ok((uid, (log.into(), ChannelType::new(channel_type))))
}

/// What is sent to the log from now on is the user's to pull. Nobody needs to be a member.
pub(super) fn bind(call: &Call<'_>) -> Answer {
    let (uid, key) = named(call)?;
    let mut world = call.shared.world();
    let last = world.channels.get(&key.0, key.1).map_or(0, |channel| channel.log.last_seq());
    world.user(&uid).bound_commands.entry(key).or_insert(last);
    Ok(Reply::done())
}

pub(super) fn unbind(call: &Call<'_>) -> Answer {
    let (uid, key) = named(call)?;
    call.shared.world().user(&uid).bound_commands.remove(&key);
    Ok(Reply::done())
}

/// The commands behind the user's positions, in the order in which the server took them. A log that never had one makes all
/// of it fail.
pub(super) fn sync(call: &Call<'_>) -> Answer {
    const DEFAULT: usize = 200;
    let (uid, limit): (String, i64) =
        read(call, |fields| Ok((fields.string("uid")?, fields.integer("limit", "int")?)))?;
    if uid.is_empty() {
        return Err(Reply::refused("uid不能为空！"));
    }
    let limit = match usize::try_from(limit) {
        Ok(0) => DEFAULT,
        Ok(limit) => limit,
        Err(_) => return Err(Reply::refused("limit不能为负数！")),
    };
    let mut world = call.shared.world();
    let messages = pull(&world, &uid, limit)
        .map_err(|(log, kind)| Reply::refused(super::messagesync::words(&Hidden::Empty(log), kind)))?;
    // Later positions come later.
    let positions =
        messages.iter().map(|message| ((message.channel.clone(), message.channel_type), message.seq.get()));
    world.user(&uid).pulled_commands = positions.collect();
    call.shared.counters.messages_pulled.add(messages.len() as u64);
    Ok(Reply::json(&messages.iter().map(|message| MessageJson::command(message, &uid)).collect::<Vec<_>>()))
}

fn pull(world: &World, uid: &str, limit: usize) -> Result<Vec<Arc<Message>>, ChannelKey> {
    let Some(user) = world.users.get(uid) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for (key, position) in &user.bound_commands {
        let channel = world.channels.get(&key.0, key.1).filter(|channel| channel.log.last_seq() > 0);
        let log = &channel.ok_or_else(|| key.clone())?.log;
        all.extend(log.range(position + 1..=log.last_seq()).take(limit));
    }
    all.sort_by_key(|message| message.id);
    all.truncate(limit);
    Ok(all)
}

/// Everything that was pulled last is taken, whatever seq is given.
pub(super) fn acknowledge(call: &Call<'_>) -> Answer {
    let (uid, last_seq): (String, u64) =
        read(call, |fields| Ok((fields.string("uid")?, fields.integer("last_message_seq", "uint64")?)))?;
    if uid.is_empty() {
        return Err(Reply::refused("uid不能为空！"));
    }
    if last_seq == 0 {
        return Err(Reply::refused("last_message_seq不能为空！"));
    }
    let mut world = call.shared.world();
    let user = world.user(&uid);
    for (key, seq) in std::mem::take(&mut user.pulled_commands) {
        if let Some(position) = user.bound_commands.get_mut(&key) {
            *position = seq.max(*position);
        }
    }
    Ok(Reply::done())
}
