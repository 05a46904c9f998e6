//! The HTTP API: requests are counted, spoilt where a fault says so, and given to the handler of their path.

mod body;
mod channel;
mod commands;
mod conversation_json;
mod conversation_ops;
mod conversation_reads;
mod conversation_sync;
mod listener;
mod lists;
mod lookup;
mod message_event;
mod message_json;
mod message_send;
mod messagesync;
mod reply;
mod route;
mod routes;
mod stream_json;
mod subscribers;
mod system_uids;
mod user;
mod v3;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::config::Generation;
use crate::faults::HttpAction;
use crate::shared::{Shared, stopped};
use listener::CountingListener;
use reply::Reply;

/// A request as handlers see it.
struct Call<'a> {
    shared: &'a Shared,
    uri: &'a Uri,
    body: &'a [u8],
}

impl Call<'_> {
    /// The parameters after the question mark.
    fn query(&self) -> HashMap<String, String> {
        Query::try_from_uri(self.uri).map(|Query(query)| query).unwrap_or_default()
    }
}

/// Answers requests until the server stops.
pub(crate) async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    let mut stop = shared.stop.subscribe();
    let listener = CountingListener::new(listener, shared.clone());
    let app = Router::new().fallback(answer).with_state(shared);
    let end = async move { stopped(&mut stop).await };
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(end).await {
        tracing::error!(%error, "the HTTP server failed");
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let generation = shared.config.generation;
    let found = routes::find(generation, &parts.method, path);
    shared.counters.count_request(found.as_ref().map_or("other", |endpoint| endpoint.path));
    let mut stop = shared.stop.subscribe();
    for action in shared.faults.http_actions(path) {
        match action {
            HttpAction::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                return Reply::empty(status).into_response();
            }
            HttpAction::Delay(delay) => tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = stopped(&mut stop) => {}
            },
        }
    }
    let Ok(body) = to_bytes(body, shared.config.limits.http_body).await else {
        return Reply::empty(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let Some(endpoint) = found else { return no_endpoint(generation, &parts.method, path).into_response() };
    let call = Call { shared: &shared, uri: &parts.uri, body: &body };
    let (Ok(reply) | Err(reply)) = (endpoint.handler)(&call);
    reply.into_response()
}

fn no_endpoint(generation: Generation, method: &Method, path: &str) -> Reply {
    if method == Method::OPTIONS {
        return Reply::empty(StatusCode::NO_CONTENT);
    }
    match path.strip_suffix('/') {
        Some(shorter) if routes::find(generation, method, shorter).is_some() => {
            Reply::moved(shorter, method == Method::GET)
        }
        None if generation == Generation::V3 && routes::is_path(generation, path) => {
            Reply::wrong_method(method == Method::HEAD)
        }
        _ => Reply::not_found(),
    }
}
