//! What the HTTP API answers: the shapes of success and of every kind of failure.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::body::BodyError;

/// An answer. Handlers return it as an error too, to be done early.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    location: Option<String>,
    body: Bytes,
}

pub(super) type Answer = Result<Reply, Reply>;

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

impl Reply {
    pub(super) fn json(value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::new(StatusCode::OK, Some(JSON), body),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                Self::empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// It was done.
    pub(super) fn done() -> Self {
        Self::status(200)
    }

    /// HTTP says OK, the body says otherwise: a reason code, or 404 for what is not there.
    pub(super) fn status(status: u16) -> Self {
        Self::json(&json!({ "status": status }))
    }

    /// The request is refused.
    pub(super) fn refused(message: impl AsRef<str>) -> Self {
        let body = json!({ "msg": message.as_ref(), "status": 400 }).to_string();
        Self::new(StatusCode::BAD_REQUEST, Some(JSON), body)
    }

    /// The same from those endpoints that call their JSON text.
    pub(super) fn refused_as_text(message: impl AsRef<str>) -> Self {
        Self { content_type: Some(TEXT), ..Self::refused(message) }
    }

    /// The request failed, in the shape of v3's `/message/send`.
    pub(super) fn failed(status: StatusCode, words: &str) -> Self {
        Self::new(status, Some(JSON), json!({ "error": words }).to_string())
    }

    /// The path exists with another method, says v3.
    pub(super) fn wrong_method(is_head: bool) -> Self {
        let body = if is_head { "" } else { "405 method not allowed" };
        Self::new(StatusCode::METHOD_NOT_ALLOWED, Some("text/plain"), body)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, Some("text/plain"), "404 page not found")
    }

    /// The path exists without its last slash.
    pub(super) fn moved(path: &str, is_get: bool) -> Self {
        let body =
            if is_get { format!("<a href=\"{path}\">Moved Permanently</a>.\n\n") } else { String::new() };
        let status = if is_get { StatusCode::MOVED_PERMANENTLY } else { StatusCode::TEMPORARY_REDIRECT };
        let content_type = is_get.then_some("text/html; charset=utf-8");
        Self { location: Some(path.to_owned()), ..Self::new(status, content_type, body) }
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self::new(status, None, Bytes::new())
    }

    fn new(status: StatusCode, content_type: Option<&'static str>, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, location: None, body: body.into() }
    }
}

impl From<BodyError> for Reply {
    fn from(BodyError(message): BodyError) -> Self {
        Self::refused(message)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(content_type) = self.content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(location) = self.location.and_then(|path| HeaderValue::try_from(path).ok()) {
            headers.insert(header::LOCATION, location);
        }
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response
    }
}
