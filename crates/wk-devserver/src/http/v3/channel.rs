//! POST /channel, /channel/info, /channel/delete, /channel/subscriber_* (v3): channels and their members.

use wk_model::ChannelType;

use super::super::body::{BodyError, Fields};
use super::super::channel::{Named, info, named, uids};
use super::super::subscribers::leave;
use super::{Answer, Call, Reply, read};

/// Makes a channel and adds members, or overwrites its switches. What was disbanded stays so.
pub(super) fn create(call: &Call<'_>) -> Answer {
    let (channel, info, reset, subscribers) = read(call, |fields| {
        let reset = fields.integer::<i64>("reset", "int")? == 1;
        Ok((named(fields)?, info(fields)?, reset, fields.strings("subscribers")?))
    })?;
    check_id(&channel)?;
    if channel.channel_type == ChannelType::new(0) {
        return Err(Reply::refused("频道类型错误！"));
    }
    if channel.channel_type == ChannelType::PERSON && !subscribers.is_empty() {
        return Err(Reply::refused("不支持个人频道添加订阅者！"));
    }
    set_info(call, &channel, info);
    let mut world = call.shared.world();
    if reset {
        drop_others(&mut world, &channel, &subscribers);
    }
    if !subscribers.is_empty() {
        world.add_subscribers(&channel.id, channel.channel_type, &uids(subscribers));
    }
    Ok(Reply::done())
}

/// Overwrites the switches.
pub(super) fn update_info(call: &Call<'_>) -> Answer {
    let (channel, info) = read(call, |fields| Ok((named(fields)?, info(fields)?)))?;
    if channel.id.is_empty() {
        return Err(Reply::refused("db: invalid argument"));
    }
    set_info(call, &channel, info);
    Ok(Reply::done())
}

/// A ban may be lifted, the end of a channel not.
fn set_info(call: &Call<'_>, channel: &Named, mut info: crate::world::channel::ChannelInfo) {
    let mut world = call.shared.world();
    let known = world.channels.entry(&channel.id, channel.channel_type);
    info.disband |= known.info.disband;
    (known.info, known.created) = (info, true);
}

/// Ends a channel, for good.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let channel = read(call, named)?;
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持添加订阅者！"));
    }
    if channel.id.is_empty() {
        return Err(Reply::refused("db: invalid argument"));
    }
    let mut world = call.shared.world();
    let is_known = world.channels.get(&channel.id, channel.channel_type).is_some_and(|it| it.created);
    if !is_known {
        return Err(Reply::refused("db: not found"));
    }
    world.disband(&channel.id, channel.channel_type);
    Ok(Reply::done())
}

pub(super) fn add_subscribers(call: &Call<'_>) -> Answer {
    let (mut channel, subscribers, reset, temporary) = read(call, |fields: &Fields| {
        let switch = |field| -> Result<bool, BodyError> { Ok(fields.integer::<i64>(field, "int")? == 1) };
        Ok((named(fields)?, fields.strings("subscribers")?, switch("reset")?, switch("temp_subscriber")?))
    })?;
    check_id(&channel)?;
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持添加订阅者！"));
    }
    if subscribers.is_empty() || subscribers.iter().any(String::is_empty) {
        return Err(Reply::refused("订阅者不能为空！"));
    }
    if temporary {
        return Err(Reply::refused("新版本临时订阅者已不支持！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        channel.channel_type = ChannelType::GROUP;
    }
    let mut world = call.shared.world();
    if reset {
        drop_others(&mut world, &channel, &subscribers);
    }
    world.add_subscribers(&channel.id, channel.channel_type, &uids(subscribers));
    Ok(Reply::done())
}

pub(super) fn remove_subscribers(call: &Call<'_>) -> Answer {
    let (channel, subscribers) = read(call, |fields| Ok((named(fields)?, fields.strings("subscribers")?)))?;
    leave(call, &channel, subscribers)
}

/// All members but these leave; those who stay lose nothing.
fn drop_others(world: &mut crate::world::World, channel: &Named, kept: &[String]) {
    let known = world.channels.entry(&channel.id, channel.channel_type);
    let is_kept = |uid: &str| kept.iter().any(|kept| kept == uid);
    let others: Vec<_> = known.subscribers.iter().filter(|uid| !is_kept(uid)).cloned().collect();
    world.remove_subscribers(&channel.id, channel.channel_type, &others);
}

/// v3 takes `&`.
fn check_id(channel: &Named) -> Result<(), Reply> {
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("频道ID不能为空！"));
    }
    if channel.id.contains(['@', '#']) {
        return Err(Reply::refused("频道ID不能包含特殊字符！"));
    }
    Ok(())
}
