//! What goes wrong with connections, devices and the server, and how often it did.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use wk_sync::store::model::ChannelId;

use super::common::Prng;
use super::letters::{Kind, ROBOT, groups};
use super::queue::{Happening, millis};
use super::weather::Luck as _;
use super::world::World;

/// Something that goes wrong at a moment, to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A connection ends, and both sides are told.
    Cut,
    /// A connection swallows everything, and nobody is told.
    Hole,
    /// The server forgets a connection without closing it.
    Zombie,
    /// The server ends a session.
    Kick,
    /// The server stops, and is back after a while.
    Restart,
    /// A device sleeps.
    Sleep,
    /// The server stops, and has lost the log of a group when it is back.
    Wipe,
}

impl Fault {
    const ALL: [Self; 6] = [Self::Cut, Self::Hole, Self::Zombie, Self::Kick, Self::Restart, Self::Sleep];

    pub fn any(luck: &mut Prng) -> Self {
        *luck.pick(&Self::ALL)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Cut => "connection cut",
            Self::Hole => "connection half open",
            Self::Zombie => "connection forgotten",
            Self::Kick => "kicked",
            Self::Restart => "server restarted",
            Self::Sleep => "device slept",
            Self::Wipe => "log lost",
        }
    }
}

/// How often things happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub fn add(&mut self, what: &'static str) {
        self.add_many(what, 1);
    }

    pub fn add_many(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub fn merge(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            self.add_many(what, *times);
        }
    }

    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, times) in &self.0 {
            writeln!(f, "  {times:>10}  {what}")?;
        }
        Ok(())
    }
}

impl World {
    /// The next fault, after a while around the mean.
    pub fn plan_fault(&mut self) {
        let every = self.plan.weather.every;
        if every > 0 {
            let wait = millis(self.luck.within(&(0..=every * 2000)));
            let wipe = self.plan.wipes && self.luck.chance(3000);
            let fault = if wipe { Fault::Wipe } else { Fault::any(&mut self.luck) };
            self.queue.plan(self.now + wait, Happening::Fault(fault));
        }
    }

    pub fn suffer(&mut self, fault: Fault) {
        self.tally.add(fault.name());
        match fault {
            Fault::Restart => {
                let wait = self.luck.within(&(1..=40));
                self.stop_server(wait);
            }
            Fault::Wipe => {
                let groups: Vec<ChannelId> = groups().into_iter().map(|(group, _)| group).collect();
                let group = self.luck.pick(&groups).clone();
                if self.server.logs.contains_key(&group) {
                    self.server.wipe(&group);
                    for device in &mut self.devices {
                        let tail = device.rig.log(&group).tail.get();
                        device.lost_tails.insert(group.clone(), tail);
                    }
                }
                // Nothing that it said of the old one is still on its way, and it is not back at once.
                self.queue
                    .retain(|happening| !matches!(happening, Happening::Answer { .. } | Happening::Down(..)));
                let wait = self.luck.within(&(15..=60));
                self.stop_server(wait);
            }
            Fault::Sleep => {
                let device = self.luck.below(self.devices.len());
                let sleep = Duration::from_secs(self.luck.within(&(1..=200)));
                self.devices[device].busy_until = self.now + sleep;
            }
            Fault::Cut | Fault::Hole | Fault::Zombie | Fault::Kick => {
                let wires = self.network.all_open();
                if wires.is_empty() {
                    return;
                }
                let wire = *self.luck.pick(&wires);
                match fault {
                    Fault::Cut => self.cut(wire),
                    Fault::Hole => self.network.link(wire).into_iter().for_each(|link| link.hole = true),
                    how => {
                        self.server.end(wire, how);
                        self.serve();
                    }
                }
            }
        }
    }

    /// The server is back. In a log that it lost somebody writes soon.
    pub fn server_is_back(&mut self) {
        if self.now < self.server.back_at {
            return;
        }
        self.server.up = true;
        for log in std::mem::take(&mut self.server.lost) {
            self.server.post(ROBOT, &log, Kind::Text, "");
        }
        self.serve();
    }

    fn stop_server(&mut self, seconds: u64) {
        self.server.up = false;
        for wire in self.network.all_open() {
            if self.luck.chance(7000) {
                self.cut(wire);
            } else {
                self.network.link(wire).into_iter().for_each(|link| link.hole = true);
            }
        }
        for wire in self.server.conns.keys().copied().collect::<Vec<_>>() {
            self.server.hang_up(wire);
        }
        // What was in the pipeline goes with the process.
        self.queue.retain(|happening| !matches!(happening, Happening::Server(_)));
        let back_at = self.now + Duration::from_secs(seconds);
        self.server.back_at = self.server.back_at.max(back_at);
        self.queue.plan(back_at, Happening::ServerUp);
    }
}
