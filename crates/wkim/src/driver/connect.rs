//! How a connection is opened.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use wk_http::HttpSource;
use wk_net::{Endpoint, Link};

/// A connection being opened, or why it could not be, in words for people.
pub type Dial = Pin<Box<dyn Future<Output = Result<Link, String>> + Send>>;

/// Opens connections: over a proxy, in memory, however an application likes.
pub trait Connector: Send + Sync {
    /// Opens one connection to the server within the time given. Dropping the future gives it up.
    fn connect(&self, within: Duration) -> Dial;
}

/// How long the connection itself may take; the engine's own deadline is a little longer.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// TCP to a fixed address.
pub(crate) struct TcpConnector {
    endpoint: Endpoint,
}

impl TcpConnector {
    pub(crate) const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }
}

impl Connector for TcpConnector {
    fn connect(&self, within: Duration) -> Dial {
        let endpoint = self.endpoint.clone();
        Box::pin(async move { wk_net::connect(&endpoint, within).await.map_err(|error| error.to_string()) })
    }
}

/// TCP to the address that the API names, asked for at each connect.
pub(crate) struct RouteConnector {
    api: Arc<HttpSource>,
}

impl RouteConnector {
    pub(crate) const fn new(api: Arc<HttpSource>) -> Self {
        Self { api }
    }
}

impl Connector for RouteConnector {
    fn connect(&self, within: Duration) -> Dial {
        let api = Arc::clone(&self.api);
        Box::pin(async move {
            let route = api.route().await.map_err(|error| format!("the API named no server: {error}"))?;
            let endpoint: Endpoint = route.tcp_addr.parse().map_err(|error| {
                format!("the API named the unusable server {:?}: {error}", route.tcp_addr)
            })?;
            wk_net::connect(&endpoint, within).await.map_err(|error| error.to_string())
        })
    }
}
