//! POST /message/sync and /message/syncack: commands that a user has not had (docs/servers.md §8).

use super::Call;
use super::body::Fields;
use super::message_json::MessageJson;
use super::reply::{Answer, Reply};

/// The commands after the user's read positions, channel by channel, at most `limit`. The server remembers how far
/// they went, and with a limit it remembers too much: a channel that got no place is noted with the seq of another.
pub(super) fn sync(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "syncReq")?;
    let (uid, limit): (String, i64) = (fields.string("uid")?, fields.integer("limit", "int")?);
    if uid.is_empty() {
        return Err(Reply::refused("用户uid不能为空！"));
    }
    let limit = match usize::try_from(limit) {
        Ok(0) => DEFAULT_LIMIT,
        Ok(limit) => limit,
        Err(_) => return Err(Reply::refused("limit不能为负数！")),
    };
    let mut guard = call.shared.world();
    let world = &mut *guard;
    let Some(user) = world.users.get_mut(&*uid) else { return Ok(Reply::json(&[(); 0])) };
    let (mut answer, mut pulled) = (Vec::new(), Vec::new());
    let mut last_seq = 0;
    for known in user.commands.list(usize::MAX, &mut world.changes) {
        let Some(channel) = world.channels.get(&known.channel, known.channel_type) else { continue };
        let first = known.known_read_to().saturating_add(1);
        if first > channel.log.last_seq() {
            continue;
        }
        let left = limit.saturating_sub(answer.len());
        let messages: Vec<_> = channel.log.range(first..=channel.log.last_seq()).take(left).collect();
        last_seq = messages.last().map_or(last_seq, |message| message.seq.get());
        pulled.push(((known.channel, known.channel_type), last_seq));
        answer.extend(MessageJson::page(messages));
    }
    user.pulled_commands = pulled;
    call.shared.counters.messages_pulled.add(answer.len() as u64);
    Ok(Reply::json(&answer))
}

/// Everything that was pulled last is read, whatever seq is given. Logs that are only cached yet are not found.
pub(super) fn acknowledge(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "syncackReq")?;
    let (uid, last_seq): (String, u64) =
        (fields.string("uid")?, fields.integer("last_message_seq", "uint32")?);
    if uid.is_empty() {
        return Err(Reply::refused("用户UID不能为空！"));
    }
    if last_seq == 0 {
        return Err(Reply::refused("最后一次messageSeq不能为0！"));
    }
    let mut guard = call.shared.world();
    let world = &mut *guard;
    if let Some(user) = world.users.get_mut(&*uid) {
        for (key, seq) in std::mem::take(&mut user.pulled_commands) {
            user.commands.read_if_stored(&key, seq, &mut world.changes);
        }
    }
    Ok(Reply::done())
}

const DEFAULT_LIMIT: usize = 200;
