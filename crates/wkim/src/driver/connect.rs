//! How a connection is opened: which servers, in which order.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use wk_http::HttpSource;
use wk_http::Route;
use wk_net::{Dialer, Endpoint, Link, Transport};

/// How long the connection itself may take; the engine's own deadline is a little longer.
pub(super) const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// The application's answer to the question where to connect, or why there is none, in words for people.
pub type Lookup = Pin<Box<dyn Future<Output = Result<Vec<Endpoint>, String>> + Send>>;

/// Where the servers are.
#[derive(Clone)]
pub(crate) enum Servers {
    /// Always there.
    Fixed(Vec<Endpoint>),
    /// Where the application says at each connect.
    Asked(Arc<dyn Fn() -> Lookup + Send + Sync>),
    /// Where the API says at each connect.
    Route { api: Arc<HttpSource>, transport: Option<Transport> },
}

impl Servers {
    async fn endpoints(&self) -> Result<Vec<Endpoint>, String> {
        match self {
            Self::Fixed(endpoints) => Ok(endpoints.clone()),
            Self::Asked(ask) => ask().await,
            Self::Route { api, transport } => {
                let route = api.route().await.map_err(|error| format!("the API named no server: {error}"))?;
                let address = routed(&route, *transport);
                match address.parse() {
                    Ok(endpoint) => Ok(vec![endpoint]),
                    Err(error) => Err(format!("the API named the unusable server {address:?}: {error}")),
                }
            }
        }
    }
}

/// What the API announces for a transport; for any, the first that it offers, and TCP before the others.
fn routed(route: &Route, transport: Option<Transport>) -> &str {
    match transport {
        Some(Transport::Tcp) => &route.tcp_addr,
        Some(Transport::Ws) => &route.ws_addr,
        Some(Transport::Wss) => &route.wss_addr,
        // Servers do not announce it.
        Some(_) => "",
        None => {
            let offers = [&route.tcp_addr, &route.wss_addr, &route.ws_addr];
            offers.into_iter().find(|address| !address.is_empty()).map_or("", String::as_str)
        }
    }
}

/// Opens connections to the servers, one after the other.
#[derive(Clone)]
pub(crate) struct Opener {
    pub(crate) servers: Servers,
    pub(crate) dialer: Dialer,
}

impl Opener {
    /// Opens one connection to the first server that takes it. Each has an equal part of the time.
    pub(super) async fn open(self, within: Duration) -> Result<Link, String> {
        let endpoints = match tokio::time::timeout(within, self.servers.endpoints()).await {
            Ok(endpoints) => endpoints?,
            Err(_) => return Err("nobody said in time where the servers are".to_owned()),
        };
        let share = within / u32::try_from(endpoints.len().max(1)).unwrap_or(u32::MAX);
        let mut failures = Vec::new();
        for endpoint in &endpoints {
            match self.dialer.connect(endpoint, share).await {
                Ok(link) => return Ok(link),
                Err(error) => failures.push(error.to_string()),
            }
        }
        if failures.is_empty() {
            return Err("there is no server to connect to".to_owned());
        }
        Err(failures.join("; "))
    }
}
