//! What is going to happen, in the order of virtual time.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use wk_sync::store::model::Instant;
use wk_sync::store::model::proto::Frame;
use wk_sync::{Answer, JobId, LinkId, Question};

use super::faults::Fault;
use super::server::Task;

/// One connection of one device, for good: neither is ever numbered twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire {
    pub device: usize,
    pub link: LinkId,
}

/// Something that happens at a moment.
#[derive(Debug)]
pub enum Happening {
    /// A connection is opened, or fails to.
    Open(Wire),
    /// Bytes arrive at the server.
    Up(Wire, Bytes),
    /// The server learns that a connection has ended.
    HungUp(Wire),
    /// A packet arrives at a device.
    Down(Wire, Frame),
    /// A device learns that a connection has ended.
    Gone(Wire),
    /// A question arrives at the server's HTTP side.
    Question { device: usize, life: u32, job: JobId, question: Question },
    /// Its answer arrives.
    Answer { device: usize, life: u32, job: JobId, answer: Answer },
    /// The server goes on with something.
    Server(Task),
    /// A user does something.
    Act(usize),
    /// A device that was asleep or busy goes on.
    Wake(usize),
    /// The application is started again.
    Launch(usize),
    /// Something goes wrong.
    Fault(Fault),
    /// The server is back.
    ServerUp,
}

/// All of it. What happens at the same moment happens in the order in which it was planned.
#[derive(Debug, Default)]
pub struct Queue {
    plan: BTreeMap<(Instant, u64), Happening>,
    planned: u64,
}

impl Queue {
    pub fn plan(&mut self, at: Instant, happening: Happening) {
        self.planned += 1;
        self.plan.insert((at, self.planned), happening);
    }

    pub fn next_at(&self) -> Option<Instant> {
        self.plan.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn take(&mut self) -> Option<(Instant, Happening)> {
        self.plan.pop_first().map(|((at, _), happening)| (at, happening))
    }

    /// Forgets what nobody waits for any more.
    pub fn retain(&mut self, keep: impl Fn(&Happening) -> bool) {
        self.plan.retain(|_, happening| keep(happening));
    }
}

pub const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
