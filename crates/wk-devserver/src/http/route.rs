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
    let routes = &call.shared.routes;
    // Who asks from inside gets the address for TCP only, which is the same here.
    let inside = call.query().get("intranet").is_some_and(|value| value == "1");
    let outside = |url: &'a str| if inside { "" } else { url };
    RouteJson { tcp_addr: &routes.tcp, ws_addr: outside(&routes.ws), wss_addr: outside(&routes.wss), uids }
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
