//! What all tasks of one server have in common.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::builder::Addresses;
use crate::clock::Clock;
use crate::config::Config;
use crate::faults::Faults;
use crate::stats::Counters;
use crate::world::World;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) counters: Counters,
    pub(crate) faults: Faults,
    /// Turns true when the server shall stop.
    pub(crate) stop: watch::Sender<bool>,
    /// What GET /route says.
    pub(crate) routes: Routes,
    world: Mutex<World>,
}

/// What GET /route says; empty where nothing listens.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) tcp: String,
    pub(crate) ws: String,
    pub(crate) wss: String,
}

impl Routes {
    pub(crate) fn new(addresses: &Addresses) -> Self {
        let url = |scheme, address| format!("{scheme}://{address}");
        Self {
            tcp: addresses.tcp.to_string(),
            ws: addresses.ws.map(|address| url("ws", address)).unwrap_or_default(),
            wss: addresses.wss.map(|address| url("wss", address)).unwrap_or_default(),
        }
    }
}

impl Shared {
    pub(crate) fn new(config: Config, clock: Clock, world: World, faults: Faults, routes: Routes) -> Self {
        Self {
            config,
            clock,
            counters: Counters::default(),
            faults,
            stop: watch::Sender::new(false),
            routes,
            world: Mutex::new(world),
        }
    }

    /// The world, as of now. Never held across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let flush = self.config.timings.conversation_flush.as_millis().max(1);
        let period = self.clock.elapsed().as_millis() / flush;
        world.changes.period = u64::try_from(period).unwrap_or(u64::MAX);
        world.changes.now_ms = self.clock.unix_ms();
        world
    }

    pub(crate) fn displaced_silence(&self) -> Instant {
        self.clock.now() + self.config.timings.displaced_grace
    }

    pub(crate) fn token_silence(&self) -> Instant {
        self.clock.now() + self.config.timings.token_grace
    }
}

/// What tasks hold to learn that the server stops. The server waits until all are dropped.
pub(crate) type Stop = watch::Receiver<bool>;

/// Waits for the server to stop.
pub(crate) async fn stopped(stop: &mut Stop) {
    // An error would mean that the server is gone, which is the same.
    let _ = stop.wait_for(|stop| *stop).await;
}
