//! POST /channel, /channel/info, /channel/delete: channels and their switches.

use std::sync::Arc;

use wk_model::ChannelType;

use super::Call;
use super::body::{BodyError, Fields};
use super::reply::{Answer, Reply};
use crate::world::channel::ChannelInfo;
use crate::world::ids::has_reserved;

/// The id and type that every request about a channel has.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) channel_type: ChannelType,
}

pub(super) fn named(fields: &Fields) -> Result<Named, BodyError> {
    Ok(Named {
        id: fields.string("channel_id")?,
        channel_type: ChannelType::new(fields.integer("channel_type", "uint8")?),
    })
}

pub(super) fn info(fields: &Fields) -> Result<ChannelInfo, BodyError> {
    // Only 1 counts.
    let switch = |field| -> Result<bool, BodyError> { Ok(fields.integer::<i64>(field, "int")? == 1) };
    Ok(ChannelInfo {
        large: switch("large")?,
        ban: switch("ban")?,
        disband: switch("disband")?,
        send_ban: switch("send_ban")?,
        allow_stranger: switch("allow_stranger")?,
    })
}

pub(super) fn uids(texts: Vec<String>) -> Vec<Arc<str>> {
    texts.into_iter().map(Arc::from).collect()
}

/// Creates a channel or overwrites its switches, and adds members.
pub(super) fn create(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let switches = Fields::parse(call.body, "channelCreateReq.channelInfoReq")?;
        let members = Fields::parse(call.body, "channelCreateReq")?;
        let reset: i64 = members.integer("reset", "int")?;
        Ok((named(&switches)?, info(&switches)?, members.strings("subscribers")?, reset == 1))
    };
    let (channel, info, subscribers, reset) =
        read().map_err(|BodyError(text)| Reply::refused(format!("数据格式有误！: {text}")))?;
    if channel.id.trim().is_empty() {
        return Err(Reply::refused("频道ID不能为空！"));
    }
    if has_reserved(&channel.id) {
        return Err(Reply::refused("频道ID不能包含特殊字符！"));
    }
    if channel.channel_type == ChannelType::new(0) {
        return Err(Reply::refused("频道类型错误！"));
    }
    if channel.channel_type == ChannelType::PERSON && !subscribers.is_empty() {
        return Err(Reply::refused("不支持个人频道添加订阅者！"));
    }
    let mut world = call.shared.world();
    world.set_channel_info(&channel.id, channel.channel_type, info);
    if reset {
        world.clear_subscribers(&channel.id, channel.channel_type);
    }
    if subscribers.iter().any(String::is_empty) {
        return Err(Reply::refused("添加订阅者失败！"));
    }
    if !subscribers.is_empty() {
        world.add_subscribers(&channel.id, channel.channel_type, &uids(subscribers));
    }
    Ok(Reply::done())
}

/// Overwrites the switches. Nothing is checked.
pub(super) fn update_info(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "channelInfoReq")?;
        Ok((named(&fields)?, info(&fields)?))
    };
    let (channel, info) = read().map_err(|_| Reply::refused("数据格式有误！"))?;
    call.shared.world().set_channel_info(&channel.id, channel.channel_type, info);
    Ok(Reply::done())
}

/// Disbands a channel.
pub(super) fn delete(call: &Call<'_>) -> Answer {
    let channel = named(&Fields::parse(call.body, "ChannelDeleteReq")?)?;
    if channel.channel_type == ChannelType::PERSON {
        return Err(Reply::refused("个人频道不支持添加订阅者！"));
    }
    call.shared.world().disband(&channel.id, channel.channel_type);
    Ok(Reply::done())
}
