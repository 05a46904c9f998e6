//! POST /user/* (v3): tokens, which are stored and never looked at, devices, who is online.

use serde_json::json;
use wk_model::DeviceFlag;
use wkproto::DeviceLevel;

use super::super::body::{Fields, parse_strings};
use super::{Answer, Call, Reply, malformed, read};
use crate::world::ids::{SYSTEM_UID, has_reserved};

/// Gives a device its token. A token for a master device ends the sessions of its flag all the same.
pub(super) fn token(call: &Call<'_>) -> Answer {
    let request = Fields::parse(call.body, "").and_then(|fields| {
        Ok((
            fields.string("uid")?,
            fields.string("token")?,
            DeviceFlag::new(fields.integer("device_flag", "")?),
            DeviceLevel::new(fields.integer("device_level", "")?),
        ))
    });
    let Ok((uid, token, flag, level)) = request else { return Err(Reply::refused("invalid request")) };
    let flaw = if uid.is_empty() {
        "uid不能为空！"
    } else if token.is_empty() {
        "token不能为空！"
    } else if has_reserved(&uid) {
        "uid不能包含特殊字符！"
    } else if uid == SYSTEM_UID {
        "系统账号不允许更新token！"
    } else {
        let mut world = call.shared.world();
        world.set_token(&uid, flag, level, &token);
        if level == DeviceLevel::MASTER {
            world.kick_for_token(&uid, flag, call.shared.token_silence());
        }
        return Ok(Reply::done());
    };
    Err(Reply::refused(flaw))
}

/// Takes tokens away and ends their sessions; -1 stands for the three usual flags.
pub(super) fn device_quit(call: &Call<'_>) -> Answer {
    let (uid, flag): (String, i64) =
        read(call, |fields| Ok((fields.string("uid")?, fields.integer("device_flag", "")?)))?;
    if uid.is_empty() {
        return Err(Reply::refused("db: invalid argument"));
    }
    let flags = match flag {
        -1 => vec![DeviceFlag::APP, DeviceFlag::WEB, DeviceFlag::PC],
        flag => u8::try_from(flag).map(DeviceFlag::new).into_iter().collect(),
    };
    let mut world = call.shared.world();
    for flag in flags {
        world.quit_device(&uid, flag, call.shared.displaced_silence());
    }
    Ok(Reply::done())
}

/// One entry for each connection of the users who have any; a uid that is given twice has four times as many.
pub(super) fn online_status(call: &Call<'_>) -> Answer {
    let uids = parse_strings(call.body).map_err(|_| malformed())?;
    if uids.is_empty() {
        return Ok(Reply::done());
    }
    let world = call.shared.world();
    let mut online = Vec::new();
    for uid in &uids {
        let times = uids.iter().filter(|other| *other == uid).count();
        let sessions = world.users.get(&**uid).map(|user| user.sessions.as_slice()).unwrap_or_default();
        for session in sessions.iter().cycle().take(times * sessions.len()) {
            online.push(json!({ "uid": uid, "device_flag": session.device_flag.value(), "online": 1 }));
        }
    }
    Ok(Reply::json(&online))
}
