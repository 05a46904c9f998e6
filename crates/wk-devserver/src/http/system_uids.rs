//! GET /user/systemuids and its changes: senders whom no rule stops.

use super::Call;
use super::body::Fields;
use super::reply::{Answer, Reply};
use crate::config::Generation;

/// The list, `null` if there is none. v2 has the newest first.
pub(super) fn list(call: &Call<'_>) -> Answer {
    let world = call.shared.world();
    let mut uids: Vec<_> = world.system_uids.iter().collect();
    match world.generation {
        Generation::V2 => uids.reverse(),
        Generation::V3 => uids.sort(),
    }
    Ok(Reply::json(&(!uids.is_empty()).then_some(uids)))
}

pub(super) fn add(call: &Call<'_>) -> Answer {
    let uids = Fields::parse(call.body, "")?.strings("uids")?;
    let mut world = call.shared.world();
    for uid in uids {
        if !world.is_system(&uid) {
            world.system_uids.push(uid.into());
        }
    }
    Ok(Reply::done())
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let uids = Fields::parse(call.body, "")?.strings("uids")?;
    call.shared.world().system_uids.retain(|known| !uids.iter().any(|uid| **uid == **known));
    Ok(Reply::done())
}

/// What nodes of a cluster tell each other; there is one node here.
pub(super) fn cached(call: &Call<'_>) -> Answer {
    Fields::parse(call.body, "")?.strings("uids")?;
    Ok(Reply::done())
}
