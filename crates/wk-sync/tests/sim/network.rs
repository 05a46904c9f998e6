//! Connections between devices and the server: each direction keeps its order, whatever else it does.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use wk_sync::store::model::Instant;

use super::common::Prng;
use super::queue::{Wire, millis};
use super::weather::Luck as _;

#[derive(Debug, Default)]
pub struct Link {
    up_until: Instant,
    down_until: Instant,
    /// Nothing passes any more, and nobody is told.
    pub hole: bool,
    /// Nothing passes any more, and both sides are going to be told.
    pub cut: bool,
    /// The device listens.
    pub open: bool,
}

#[derive(Debug)]
pub struct Network {
    links: BTreeMap<Wire, Link>,
    /// In milliseconds.
    pub latency: RangeInclusive<u64>,
}

impl Network {
    pub const fn new(latency: RangeInclusive<u64>) -> Self {
        Self { links: BTreeMap::new(), latency }
    }

    pub fn open(&mut self, wire: Wire) {
        self.links.insert(wire, Link { open: true, ..Link::default() });
    }

    pub fn link(&mut self, wire: Wire) -> Option<&mut Link> {
        self.links.get_mut(&wire)
    }

    /// The device stops listening.
    pub fn close(&mut self, wire: Wire) {
        if let Some(link) = self.links.get_mut(&wire) {
            link.open = false;
        }
    }

    pub fn listens(&self, wire: Wire) -> bool {
        self.links.get(&wire).is_some_and(|link| link.open && !link.hole)
    }

    /// The open connections of a device.
    pub fn of(&self, device: usize) -> Vec<Wire> {
        self.links.iter().filter(|(wire, link)| wire.device == device && link.open).map(|(w, _)| *w).collect()
    }

    pub fn all_open(&self) -> Vec<Wire> {
        self.links.iter().filter(|(_, link)| link.open).map(|(wire, _)| *wire).collect()
    }

    /// When something written now arrives at the server; never if it falls into a hole.
    pub fn up(&mut self, wire: Wire, now: Instant, luck: &mut Prng) -> Option<Instant> {
        let delay = millis(luck.within(&self.latency));
        let link = self.links.get_mut(&wire).filter(|link| !link.hole && !link.cut)?;
        link.up_until = link.up_until.max(now + delay);
        Some(link.up_until)
    }

    /// When something written now arrives at the device.
    pub fn down(&mut self, wire: Wire, now: Instant, luck: &mut Prng) -> Option<Instant> {
        let delay = millis(luck.within(&self.latency));
        let link = self.links.get_mut(&wire).filter(|link| !link.hole && !link.cut)?;
        link.down_until = link.down_until.max(now + delay);
        Some(link.down_until)
    }

    /// Nobody asks for an ended connection again.
    pub fn forget(&mut self, wire: Wire) {
        if self.links.get(&wire).is_some_and(|link| !link.open) {
            self.links.remove(&wire);
        }
    }
}
