//! POST /user/*: tokens, devices, who is online.

use axum::http::StatusCode;
use serde_json::json;
use wk_model::{ChannelType, DeviceFlag, ReasonCode};
use wkproto::DeviceLevel;

use super::Call;
use super::body::{BodyError, Fields, parse_strings};
use super::reply::{Answer, Reply};
use crate::world::ids::{SYSTEM_UID, has_reserved};

/// Gives a device its token. A token for a master device ends the sessions of its flag.
pub(super) fn token(call: &Call<'_>) -> Answer {
    let read = || -> Result<_, BodyError> {
        let fields = Fields::parse(call.body, "UpdateTokenReq")?;
        Ok((
            fields.string("uid")?,
            fields.string("token")?,
            DeviceFlag::new(fields.integer("device_flag", "wkproto.DeviceFlag")?),
            DeviceLevel::new(fields.integer("device_level", "wkproto.DeviceLevel")?),
        ))
    };
    let (uid, token, flag, level) = read()?;
    if uid.is_empty() {
        return Err(Reply::refused("uid不能为空！"));
    }
    if token.is_empty() {
        return Err(Reply::refused("token不能为空！"));
    }
    if has_reserved(&uid) {
        return Err(Reply::refused("uid不能包含特殊字符！"));
    }
    if uid == SYSTEM_UID {
        return Err(Reply::refused("系统账号不允许更新token！"));
    }
    let mut world = call.shared.world();
    if let Some(own) = world.channels.get(&uid, ChannelType::PERSON) {
        if own.info.ban {
            return Ok(Reply::status(ReasonCode::BAN.value().into()));
        }
        if own.info.disband {
            return Ok(Reply::status(ReasonCode::DISBAND.value().into()));
        }
    }
    world.set_token(&uid, flag, level, &token);
    if level == DeviceLevel::MASTER {
        world.kick_for_token(&uid, flag, call.shared.token_silence());
    }
    Ok(Reply::done())
}

/// Takes tokens away and ends their sessions; -1 stands for the three usual flags.
pub(super) fn device_quit(call: &Call<'_>) -> Answer {
    let fields = Fields::parse(call.body, "")?;
    let (uid, flag): (String, i64) = (fields.string("uid")?, fields.integer("device_flag", "int")?);
    if uid.is_empty() {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let flags = match flag {
        -1 => vec![DeviceFlag::APP, DeviceFlag::WEB, DeviceFlag::PC],
        // The server cuts the number to a byte.
        flag => flag.to_le_bytes().first().copied().map(DeviceFlag::new).into_iter().collect(),
    };
    let mut world = call.shared.world();
    for flag in flags {
        world.quit_device(&uid, flag, call.shared.displaced_silence());
    }
    Ok(Reply::done())
}

/// One entry for each connection of the users who have any.
pub(super) fn online_status(call: &Call<'_>) -> Answer {
    let uids = parse_strings(call.body).map_err(|BodyError(text)| Reply::refused_as_text(text))?;
    if uids.is_empty() {
        return Ok(Reply::done());
    }
    let world = call.shared.world();
    let mut online = Vec::new();
    for uid in &uids {
        let sessions = world.users.get(&**uid).map(|user| user.sessions.as_slice()).unwrap_or_default();
        for session in sessions {
            online.push(json!({ "uid": uid, "device_flag": session.device_flag.value(), "online": 1 }));
        }
    }
    Ok(Reply::json(&online))
}
