//! How a server is put together and started.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::config::{Config, Generation, Limits, Quirks, Timings};
use crate::error::DevServerError;
use crate::faults::{FaultRates, Faults};
use crate::seed::Seed;
use crate::server::DevServer;
use crate::shared::{Routes, Shared};
use crate::state_file::StateFile;
use crate::world::World;
use crate::{gateway, http};

/// Collects what a server shall be like. Made by [`DevServer::builder`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    tcp: Option<String>,
    tls: Option<String>,
    ws: Option<String>,
    wss: Option<String>,
    http: Option<String>,
    rates: Option<FaultRates>,
    state: Option<StateFile>,
    seeds: Vec<Seed>,
    config: Config,
}

impl Builder {
    /// Where to listen for clients, `127.0.0.1:0` if not set: a free port on this machine.
    pub fn tcp(mut self, address: impl Into<String>) -> Self {
        self.tcp = Some(address.into());
        self
    }

    /// Where to listen for clients with TLS; nowhere if not set. The real server leaves this to a proxy. The
    /// certificate is new at each start, see [`DevServer::root_certificate`].
    pub fn tls(mut self, address: impl Into<String>) -> Self {
        self.tls = Some(address.into());
        self
    }

    /// Where to listen for WebSocket clients; nowhere if not set.
    pub fn ws(mut self, address: impl Into<String>) -> Self {
        self.ws = Some(address.into());
        self
    }

    /// Where to listen for WebSocket clients with TLS; nowhere if not set.
    pub fn wss(mut self, address: impl Into<String>) -> Self {
        self.wss = Some(address.into());
        self
    }

    /// Where to answer HTTP, `127.0.0.1:0` if not set.
    pub fn http(mut self, address: impl Into<String>) -> Self {
        self.http = Some(address.into());
        self
    }

    /// Whether a CONNECT needs the token that was set for its user and device flag. Off by default, as in the real
    /// server: the token is not looked at.
    pub fn token_auth(mut self, check: bool) -> Self {
        self.config.token_auth = check;
        self
    }

    /// Which server to reproduce.
    pub fn generation(mut self, generation: Generation) -> Self {
        self.config.generation = generation;
        self
    }

    /// Adds a channel with a history.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seeds.push(seed);
        self
    }

    /// Adds many channels with histories.
    pub fn seeds(mut self, seeds: impl IntoIterator<Item = Seed>) -> Self {
        self.seeds.extend(seeds);
        self
    }

    /// Keeps channels, messages, users and conversations in a file: read at the start if it is there, and written by
    /// [`DevServer::save`] and [`DevServer::shutdown`]. A server that is dropped or killed leaves the file as it was.
    /// Sessions and what was written of streams are not kept. In memory only if not set.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(StateFile::new(path.into()));
        self
    }

    /// Lets packets suffer from the start; see [`DevServer::faults`] for everything that can be done later.
    pub fn faults(mut self, rates: FaultRates) -> Self {
        self.rates = Some(rates);
        self
    }

    /// Switches surprises of the real server on and off: `builder.quirks(|quirks| quirks.recv_before_connack = true)`.
    pub fn quirks(mut self, change: impl FnOnce(&mut Quirks)) -> Self {
        change(&mut self.config.quirks);
        self
    }

    /// Changes waiting times.
    pub fn timings(mut self, change: impl FnOnce(&mut Timings)) -> Self {
        change(&mut self.config.timings);
        self
    }

    /// Changes bounds.
    pub fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.config.limits);
        self
    }

    /// What the server's random choices follow from: faults drawn by rate, and the order of SENDs in flight.
    pub fn random_seed(mut self, seed: u64) -> Self {
        self.config.random_seed = seed;
        self
    }

    /// Opens the listeners and starts to serve on the current tokio runtime.
    ///
    /// # Errors
    /// If an address is not one, or cannot be listened on; if the state file is of something else, or there are seeds
    /// beside it.
    pub async fn start(self) -> Result<DevServer, DevServerError> {
        if self.state.is_some() && !self.seeds.is_empty() {
            return Err(DevServerError::SeedsAndState);
        }
        let (tcp_listener, tcp_addr) = listen("tcp", self.tcp.unwrap_or_else(free_port)).await?;
        let (http_listener, http_addr) = listen("http", self.http.unwrap_or_else(free_port)).await?;
        let mut listeners = vec![(tcp_listener, gateway::Layers::default())];
        let identity = match (&self.tls, &self.wss) {
            (None, None) => None,
            _ => Some(gateway::Identity::new().map_err(|reason| DevServerError::Certificate { reason })?),
        };
        let mut addresses = Addresses { tcp: tcp_addr, tls: None, ws: None, wss: None, http: http_addr };
        for (service, address, place) in [
            ("tls", self.tls, &mut addresses.tls),
            ("ws", self.ws, &mut addresses.ws),
            ("wss", self.wss, &mut addresses.wss),
        ] {
            let Some(address) = address else { continue };
            let (listener, address) = listen(service, address).await?;
            *place = Some(address);
            let tls = identity.clone().filter(|_| service != "ws");
            listeners.push((listener, gateway::Layers { tls, websocket: service != "tls" }));
        }
        let clock = Clock::start();
        let mut world = World::with_seeds(self.seeds, clock.started_unix(), &self.config);
        if let Some(file) = &self.state {
            file.load_into(&mut world)?;
        }
        let faults = Faults::new(self.config.random_seed);
        faults.set_rates(self.rates.unwrap_or_default());
        let shared = Arc::new(Shared::new(self.config, clock, world, faults, Routes::new(&addresses)));
        let mut services = vec![
            tokio::spawn(gateway::resend_unacked(shared.clone())),
            tokio::spawn(http::listen(shared.clone(), http_listener)),
        ];
        for (listener, layers) in listeners {
            services.push(tokio::spawn(gateway::listen(shared.clone(), listener, layers)));
        }
        tracing::info!(?addresses, "the development server listens");
        let root = identity.map(|identity| identity.root_pem);
        Ok(DevServer::new(shared, addresses, root, services, self.state))
    }
}

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    pub(crate) tcp: SocketAddr,
    pub(crate) tls: Option<SocketAddr>,
    pub(crate) ws: Option<SocketAddr>,
    pub(crate) wss: Option<SocketAddr>,
    pub(crate) http: SocketAddr,
}

/// A free port on this machine.
fn free_port() -> String {
    "127.0.0.1:0".to_owned()
}

async fn listen(service: &'static str, text: String) -> Result<(TcpListener, SocketAddr), DevServerError> {
    let address: SocketAddr = match text.parse() {
        Ok(address) => address,
        // A name, which the system resolves.
        Err(_) => match tokio::net::lookup_host(&text).await.ok().and_then(|mut found| found.next()) {
            Some(address) => address,
            None => return Err(DevServerError::Address { address: text }),
        },
    };
    let failed = |source| DevServerError::Listen { service, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}
