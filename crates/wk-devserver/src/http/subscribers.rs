//! POST /channel/subscriber_*, /tmpchannel/subscriber_set: the members of channels.

use wk_model::ChannelType;

use super::Call;
use super::body::{BodyError, Fields};
use super::channel::{Named, named, uids};
use super::reply::{Answer, Reply};
use crate::world::ids::has_reserved;

pub(super) fn add(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "subscriberAddReq")?;
        let switch = |field| -> Result<bool, BodyError> { Ok(fields.integer::<i64>(field, "int")? == 1) };
        Ok((named(&fields)?, fields.strings("subscribers")?, switch("reset")?, switch("temp_subscriber")?))
    };
    let (mut channel, subscribers, reset, temporary) =
        read().map_err(|BodyError(text)| Reply::refused(format!("数据格式有误！: {text}")))?;
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("频道ID不能为空！"));
    }
    if has_reserved(&channel.id) {
        return Err(Reply::refused("频道ID不能包含特殊字符！"));
    }
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持添加订阅者！"));
    }
    if subscribers.iter().all(|uid| uid.trim().is_empty()) {
        return Err(Reply::refused("订阅者不能为空！"));
    }
    if temporary {
        return Err(Reply::refused("新版本临时订阅者已不支持！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        channel.channel_type = ChannelType::GROUP;
    }
    if subscribers.iter().any(String::is_empty) {
        return Err(Reply::refused("添加频道失败！"));
    }
    let mut world = call.shared.world();
    if reset {
        world.clear_subscribers(&channel.id, channel.channel_type);
    }
    world.add_subscribers(&channel.id, channel.channel_type, &uids(subscribers));
    Ok(Reply::done())
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "subscriberRemoveReq")?;
        Ok((named(&fields)?, fields.strings("subscribers")?))
    };
    let (channel, subscribers) = read()?;
    leave(call, &channel, subscribers)
}

/// Removes members and their conversations.
pub(super) fn leave(call: &Call<'_>, channel: &Named, subscribers: Vec<String>) -> Answer {
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("频道ID不能为空！"));
    }
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持添加订阅者！"));
    }
    if subscribers.is_empty() {
        return Err(Reply::refused("订阅者不能为空！"));
    }
    call.shared.world().remove_subscribers(&channel.id, channel.channel_type, &uids(subscribers));
    Ok(Reply::done())
}

/// Removes all members, whose conversations stay.
pub(super) fn remove_all(call: &Call<'_>) -> Answer {
    let channel = named(&Fields::parse(call.body, "")?)?;
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        return Err(Reply::refused("频道类型不能为0！"));
    }
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持此操作！"));
    }
    call.shared.world().clear_subscribers(&channel.id, channel.channel_type);
    Ok(Reply::done())
}

/// Sets the members of a temporary channel.
pub(super) fn set_temporary(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "tmpSubscriberSetReq")?;
    let (id, members) = (fields.string("channel_id")?, fields.strings("uids")?);
    if id.trim().is_empty() {
        return Err(Reply::refused("channel_id不能为空！"));
    }
    if has_reserved(&id) {
        return Err(Reply::refused("频道ID不能包含特殊字符！"));
    }
    if members.is_empty() {
        return Err(Reply::refused("uids不能为空！"));
    }
    let mut world = call.shared.world();
    let channel = world.channels.entry(&id, ChannelType::TEMP);
    channel.placed = true;
    channel.subscribers = uids(members).into_iter().collect();
    Ok(Reply::done())
}
