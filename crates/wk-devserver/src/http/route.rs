//! GET /route, POST /route/batch, GET /health: where clients connect.

use serde::Serialize;
use serde_json::json;

use super::Call;
use super::body::parse_strings;
use super::reply::{Answer, Reply};

#[derive(Serialize)]
struct RouteJson<'a> {
    tcp_addr: &'a str,
    ws_addr: &'a str,
    wss_addr: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uids: Option<Vec<String>>,
}

fn addresses<'a>(call: &'a Call<'_>, uids: Option<Vec<String>>) -> RouteJson<'a> {
    // Asked for by whoever is inside: the address for TCP only, which is the same here.
    RouteJson { tcp_addr: &call.shared.route, ws_addr: "", wss_addr: "", uids }
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    Ok(Reply::json(&addresses(call, None)))
}

pub(super) fn batch(call: &Call<'_>) -> Answer {
    let uids = parse_strings(call.body).map_err(|_| Reply::refused_as_text("数据格式有误！"))?;
    Ok(Reply::json(&[addresses(call, Some(uids))]))
}

pub(super) fn health(_: &Call<'_>) -> Answer {
    Ok(Reply::json(&json!({ "status": "ok" })))
}
