//! POST /conversations/* (v3): reading, hiding and activating conversations.

use wk_model::ChannelType;

use super::{Answer, Call, Reply, read};
use crate::world::v3::reads::stored_id;
use crate::world::v3::roster::Membership;

/// Reads to the end.
pub(super) fn clear_unread(call: &Call<'_>) -> Answer {
    change(call, "uid cannot be empty", |membership, last, _| {
        membership.read_seq = membership.read_seq.max(last);
    })
}

/// Reads up to so many before the end, never back.
pub(super) fn set_unread(call: &Call<'_>) -> Answer {
    change(call, "UID cannot be empty", |membership, last, unread| {
        let read_to = last.saturating_sub(unread).max(membership.deleted_to);
        membership.read_seq = membership.read_seq.max(read_to);
    })
}

/// Hides what is there, for good.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    change(call, "uid cannot be empty", |membership, last, _| {
        (membership.deleted_to, membership.active_at) = (last, 0);
    })
}

/// Puts a conversation at the top of the list. Whether there is one does not matter.
pub(super) fn activate(call: &Call<'_>) -> Answer {
    let (uid, key, _) = named(call, "uid cannot be empty")?;
    let mut world = call.shared.world();
    let now_ms = world.changes.now_ms;
    let user = world.users.get_mut(&*uid);
    if let Some(membership) = user.and_then(|user| user.roster.get_mut(&key, now_ms)) {
        membership.active_at = now_ms.saturating_mul(1_000_000);
    }
    Ok(Reply::done())
}

type Named = (String, (std::sync::Arc<str>, ChannelType), u64);

fn named(call: &Call<'_>, no_uid: &str) -> Result<Named, Reply> {
    let (uid, id, channel_type, unread): (String, String, u8, i64) = read(call, |fields| {
        let (id, channel_type) = (fields.string("channel_id")?, fields.integer("channel_type", "uint8")?);
        Ok((fields.string("uid")?, id, channel_type, fields.integer("unread", "int")?))
    })?;
    if uid.is_empty() {
        return Err(Reply::refused(no_uid));
    }
    if id.is_empty() || channel_type == 0 {
        return Err(Reply::refused("channel_id or channel_type cannot be empty"));
    }
    let unread = u64::try_from(unread).map_err(|_| Reply::refused("unread cannot be negative"))?;
    let channel_type = ChannelType::new(channel_type);
    let stored = stored_id(&uid, &id, channel_type).ok_or_else(|| Reply::refused("db: not found"))?;
    Ok((uid, (stored.into(), channel_type), unread))
}

/// Changes a membership, given the last seq and the number of the request. A channel without messages is not found.
fn change(call: &Call<'_>, no_uid: &str, change: impl FnOnce(&mut Membership, u64, u64)) -> Answer {
    let (uid, key, unread) = named(call, no_uid)?;
    let is_done = call
        .shared
        .world()
        .change_membership(&uid, &key, |membership, last| change(membership, last, unread));
    if is_done { Ok(Reply::done()) } else { Err(Reply::refused("db: not found")) }
}
