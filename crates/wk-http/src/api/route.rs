//! `GET /route`: where clients connect to.

use serde::Deserialize;
use wk_sync::SourceError;

use crate::HttpSource;

/// Where clients connect to, as the server was told to announce it. What it does not offer is empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Route {
    /// Host and port for TCP, without a scheme.
    pub tcp_addr: String,
    /// The WebSocket URL.
    #[serde(default)]
    pub ws_addr: String,
    /// The WebSocket URL with TLS.
    #[serde(default)]
    pub wss_addr: String,
}

pub(crate) async fn route(source: &HttpSource) -> Result<Route, SourceError> {
    source.get("route", &[]).await
}
