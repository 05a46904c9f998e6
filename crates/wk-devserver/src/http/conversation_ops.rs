//! POST /conversations/clearUnread, setUnread, delete: what a user does with a conversation.

use super::Call;
use super::body::Fields;
use super::channel::named;
use super::reply::{Answer, Reply};
use crate::world::World;
use crate::world::channel::stored_id;
use crate::world::conversation::{ChannelKey, position_for_unread};

/// Everything is read; the seq that clients may give is not looked at.
pub(super) fn clear_unread(call: &Call<'_>) -> Answer {
    change(call, "clearConversationUnreadReq", "uid cannot be empty", |world, uid, key, last_seq, _| {
        world.users.entry(uid.into()).or_default().conversations.read(key, last_seq, &mut world.changes);
    })
}

pub(super) fn set_unread(call: &Call<'_>) -> Answer {
    change(call, "", "UID cannot be empty", |world, uid, key, last_seq, unread| {
        let read_to = position_for_unread(last_seq, unread);
        world.users.entry(uid.into()).or_default().conversations.read(key, read_to, &mut world.changes);
    })
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    change(call, "deleteChannelReq", "Uid cannot be empty", |world, uid, key, last_seq, _| {
        world.users.entry(uid.into()).or_default().conversations.delete(&key, last_seq, &mut world.changes);
    })
}

fn change(
    call: &Call<'_>,
    name: &'static str,
    no_uid: &str,
    change: impl FnOnce(&mut World, &str, ChannelKey, u64, i64),
) -> Answer {
    let fields = Fields::parse(call.body, name)?;
    let (uid, channel) = (fields.string("uid")?, named(&fields)?);
    let unread = fields.integer("unread", "int")?;
    if uid.is_empty() {
        return Err(Reply::refused(no_uid));
    }
    if channel.id.is_empty() || channel.channel_type.value() == 0 {
        return Err(Reply::refused("channel_id or channel_type cannot be empty"));
    }
    let stored = stored_id(&uid, &channel.id, channel.channel_type);
    let mut world = call.shared.world();
    let last_seq = world.channels.get(&stored, channel.channel_type).map_or(0, |known| known.log.last_seq());
    change(&mut world, &uid, (stored.into(), channel.channel_type), last_seq, unread);
    Ok(Reply::done())
}
