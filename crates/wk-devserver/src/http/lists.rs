//! POST /channel/blacklist_*, /channel/whitelist_*: who may not send, and who alone may.

use wk_model::ChannelType;

use super::Call;
use super::body::{BodyError, Fields};
use super::channel::{Named, named, uids};
use super::reply::{Answer, Reply};
use crate::world::channel::UserList;
use crate::world::ids::has_reserved;

pub(super) fn deny_add(call: &Call<'_>) -> Answer {
    add(call, UserList::Deny)
}

pub(super) fn deny_set(call: &Call<'_>) -> Answer {
    set(call, UserList::Deny)
}

pub(super) fn deny_remove(call: &Call<'_>) -> Answer {
    remove(call, UserList::Deny)
}

pub(super) fn deny_clear(call: &Call<'_>) -> Answer {
    clear(call, UserList::Deny)
}

pub(super) fn allow_add(call: &Call<'_>) -> Answer {
    add(call, UserList::Allow)
}

pub(super) fn allow_set(call: &Call<'_>) -> Answer {
    set(call, UserList::Allow)
}

pub(super) fn allow_remove(call: &Call<'_>) -> Answer {
    remove(call, UserList::Allow)
}

pub(super) fn allow_clear(call: &Call<'_>) -> Answer {
    clear(call, UserList::Allow)
}

fn read(call: &Call<'_>) -> Result<(Named, Vec<String>), Reply> {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "channelListReq")?;
        Ok((named(&fields)?, fields.strings("uids")?))
    };
    let (channel, list) = read()?;
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    if has_reserved(&channel.id) {
        return Err(Reply::refused("频道ID不能包含特殊字符！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        return Err(Reply::refused("频道类型不能为0！"));
    }
    Ok((channel, list))
}

fn add(call: &Call<'_>, list: UserList) -> Answer {
    let (channel, members) = read(call)?;
    if members.is_empty() {
        return Err(Reply::refused("uids不能为空！"));
    }
    call.shared.world().add_to_list(list, &channel.id, channel.channel_type, &uids(members));
    Ok(Reply::done())
}

/// Replaces the list; an empty one is allowed.
fn set(call: &Call<'_>, list: UserList) -> Answer {
    let (channel, members) = read(call)?;
    let mut world = call.shared.world();
    world.clear_list(list, &channel.id, channel.channel_type);
    world.add_to_list(list, &channel.id, channel.channel_type, &uids(members));
    Ok(Reply::done())
}

fn remove(call: &Call<'_>, list: UserList) -> Answer {
    let (channel, members) = read(call)?;
    if members.is_empty() {
        return Err(Reply::refused("uids不能为空！"));
    }
    call.shared.world().remove_from_list(list, &channel.id, channel.channel_type, &uids(members));
    Ok(Reply::done())
}

fn clear(call: &Call<'_>, list: UserList) -> Answer {
    let (channel, _) = read(call)?;
    call.shared.world().clear_list(list, &channel.id, channel.channel_type);
    Ok(Reply::done())
}
