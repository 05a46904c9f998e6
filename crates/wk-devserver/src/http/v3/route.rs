//! GET /route, POST /route/batch, GET /healthz and /readyz (v3): where clients connect.

use serde_json::{Value, json};

use super::super::body::parse_strings;
use super::{Answer, Call, Reply, malformed};
use crate::world::ids::NODE_ID_V3;

/// The addresses of the node that was asked for; there is one.
fn addresses(call: &Call<'_>) -> Result<Value, Reply> {
    let (query, routes) = (call.query(), &call.shared.routes);
    let asked = ["node_id", "nodeId", "nodeID"].iter().find_map(|name| query.get(*name));
    if asked.is_some_and(|node| node.parse() != Ok(NODE_ID_V3)) {
        return Err(Reply::refused("节点参数有误！"));
    }
    // Who asks from inside gets the address for TCP only.
    let inside = query.get("intranet").is_some_and(|value| value == "1");
    let outside = |url: &str| if inside { String::new() } else { url.to_owned() };
    Ok(json!({ "tcp_addr": routes.tcp, "ws_addr": outside(&routes.ws), "wss_addr": outside(&routes.wss) }))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    Ok(Reply::json(&addresses(call)?))
}

pub(super) fn batch(call: &Call<'_>) -> Answer {
    let uids = parse_strings(call.body).map_err(|_| malformed())?;
    let mut addresses = addresses(call)?;
    if let (false, Some(fields)) = (uids.is_empty(), addresses.as_object_mut()) {
        fields.insert("uids".to_owned(), json!(uids));
    }
    Ok(Reply::json(&[addresses]))
}

pub(super) fn healthz(_: &Call<'_>) -> Answer {
    Ok(Reply::json(&json!({ "status": "ok" })))
}

pub(super) fn readyz(_: &Call<'_>) -> Answer {
    Ok(Reply::json(&json!({ "ready": true })))
}
