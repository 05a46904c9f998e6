//! The simulation: devices, the server, and everything between them, moved on by virtual time.

use std::time::Duration;

use wk_sync::store::model::Instant;
use wk_sync::{Answer, Input, Question, SourceError};

use super::common::Prng;
use super::device::Device;
use super::extras::Words;
use super::faults::Tally;
use super::letters::PEOPLE;
use super::network::Network;
use super::queue::{Happening, Queue, Wire, millis};
use super::server::{Out, Server};
use super::story::Story;
use super::weather::{Luck as _, Plan, Weather};

/// How many things may happen at one moment before it counts as a loop.
const MOST_AT_ONCE: u32 = 20_000;

pub struct World {
    pub now: Instant,
    pub plan: Plan,
    pub devices: Vec<Device>,
    pub server: Server,
    pub network: Network,
    pub queue: Queue,
    pub luck: Prng,
    /// For what came later: the first one draws for old seeds what it always did.
    pub whims: Prng,
    pub words: Words,
    pub tally: Tally,
    pub story: Story,
    /// How many messages were sent.
    pub sent: u64,
    pub steps: u64,
    at_once: u32,
}

impl World {
    pub fn new(seed: u64, plan: Plan, story: Story) -> Self {
        let server = Server::new(seed, plan.flavour, plan.encrypted, plan.weather.clone());
        let network = Network::new(plan.latency.clone());
        let mut devices = Vec::new();
        for (uid, count) in PEOPLE.iter().zip(&plan.devices) {
            for number in 0..*count {
                devices.push(Device::new(
                    seed.wrapping_mul(1_000_000) + 100_000 * devices.len() as u64,
                    uid,
                    number,
                ));
            }
        }
        Self {
            now: Instant::default(),
            plan,
            devices,
            server,
            network,
            queue: Queue::default(),
            luck: Prng::new(seed),
            whims: Prng::new(seed ^ 0x03d1_7ed5),
            words: Words::default(),
            tally: Tally::default(),
            story,
            sent: 0,
            steps: 0,
            at_once: 0,
        }
    }

    /// Everybody acts and everything fails, until the time is over.
    pub fn live(&mut self) {
        for device in 0..self.devices.len() {
            self.plan_act(device);
        }
        self.plan_fault();
        let end = Instant::default() + self.plan.lasts;
        self.run_until(end, |_| false);
    }

    /// Time passes, until the end or until something is so. Says whether it is.
    pub fn run_until(&mut self, end: Instant, so: impl Fn(&Self) -> bool) -> bool {
        loop {
            if so(self) {
                return true;
            }
            let timer =
                self.devices.iter().enumerate().filter_map(|(at, device)| Some((device.deadline()?, at)));
            let timer = timer.min();
            let next = self.queue.next_at();
            let at = match (timer, next) {
                (Some((timer, _)), Some(next)) => timer.min(next),
                (Some((timer, _)), None) => timer,
                (None, Some(next)) => next,
                (None, None) => end + millis(1),
            };
            if at > end {
                self.now = end;
                return false;
            }
            self.move_on(at);
            match timer {
                Some((timer, device)) if timer <= at => self.input(device, Input::Timeout),
                _ => {
                    let Some((_, happening)) = self.queue.take() else { continue };
                    self.happen(happening);
                }
            }
        }
    }

    fn move_on(&mut self, at: Instant) {
        self.steps += 1;
        self.at_once = if at > self.now { 0 } else { self.at_once + 1 };
        assert!(self.at_once < MOST_AT_ONCE, "it goes round in circles without time passing");
        self.now = self.now.max(at);
        self.server.now = self.now;
    }

    fn happen(&mut self, happening: Happening) {
        self.story.tell(self.now, || brief(&happening));
        match happening {
            Happening::Open(wire) => self.open(wire),
            Happening::Up(wire, bytes) => {
                let acknowledged = self.server.receive(wire, &bytes);
                self.check_acknowledged(wire, &acknowledged);
                self.serve();
            }
            Happening::HungUp(wire) => {
                self.server.hang_up(wire);
                self.network.forget(wire);
            }
            Happening::Down(wire, frame) => {
                if self.network.listens(wire) {
                    self.input(wire.device, Input::Frame { link: wire.link, frame });
                }
            }
            Happening::Gone(wire) => {
                if self.network.listens(wire) {
                    self.network.close(wire);
                    self.input(wire.device, Input::LinkDown { link: wire.link, reason: "cut".to_owned() });
                }
            }
            Happening::Question { device, life, job, question } => {
                // What a user did is not told any more by one who gave up waiting: its request is cancelled.
                let waits = self.devices[device].asked.contains_key(&job);
                if matches!(question, Question::Report(_)) && !waits {
                    self.tally.add("report cancelled");
                } else if self.luck.chance(self.plan.weather.source_silent) {
                    self.tally.add("source silent");
                    self.upload_may_fail(&question, None);
                } else {
                    let answer = self.answer(device, &question);
                    self.upload_may_fail(&question, Some(&answer));
                    let mut wait = millis(self.luck.within(&self.plan.latency));
                    if self.luck.chance(self.plan.weather.source_slow) {
                        self.tally.add("source slow");
                        self.upload_may_fail(&question, None);
                        wait += millis(self.luck.within(&(1..=60_000)));
                    }
                    self.queue.plan(self.now + wait, Happening::Answer { device, life, job, answer });
                }
            }
            Happening::Answer { device, life, job, answer } => {
                if self.devices[device].life == life {
                    self.devices[device].asked.remove(&job);
                    self.input(device, Input::Answer { job, answer });
                }
            }
            Happening::Server(task) => {
                self.server.go_on(task);
                self.serve();
            }
            Happening::Act(device) => {
                self.plan_act(device);
                self.act(device);
            }
            Happening::Wake(device) => {
                self.devices[device].waking = false;
                self.go_on(device);
            }
            Happening::Launch(device) => self.launch(device),
            Happening::Fault(fault) => {
                self.plan_fault();
                self.suffer(fault);
            }
            Happening::ServerUp => self.server_is_back(),
        }
    }

    fn open(&mut self, wire: Wire) {
        if !self.network.listens(wire) {
            return;
        }
        let refused = !self.server.up || self.luck.chance(self.plan.weather.unreachable);
        if !refused {
            return self.input(wire.device, Input::LinkUp(wire.link));
        }
        self.tally.add("connection refused");
        // Some attempts are never answered.
        if self.luck.chance(3000) {
            self.network.link(wire).into_iter().for_each(|link| link.hole = true);
        } else {
            self.network.close(wire);
            self.input(wire.device, Input::LinkDown { link: wire.link, reason: "refused".to_owned() });
        }
    }

    fn answer(&mut self, device: usize, question: &Question) -> Answer {
        if !self.server.up {
            return failure(question, SourceError::Unreachable("the server is down".to_owned()));
        }
        if !self.luck.chance(self.plan.weather.source_fails) {
            return self.ask(device, question);
        }
        // The server may have done what was asked, and the answer be lost.
        if self.luck.chance(5000) {
            self.ask(device, question);
        }
        self.tally.add("source failed");
        let error = match self.luck.below(4) {
            0 => SourceError::Unreachable("cut".to_owned()),
            1 => SourceError::TimedOut,
            2 => SourceError::Malformed("half an answer".to_owned()),
            _ => SourceError::Refused { status: 500, message: "try again".to_owned() },
        };
        failure(question, error)
    }

    fn ask(&mut self, device: usize, question: &Question) -> Answer {
        let answer = self.server.ask(question);
        if let Question::Report(request) = question {
            match answer {
                Answer::Reported(Ok(_)) => self.words.take(device, &request.report),
                _ => self.words.refuse(device, &request.report),
            }
        }
        answer
    }

    /// Carries out what the server wants done.
    pub fn serve(&mut self) {
        for out in std::mem::take(&mut self.server.out) {
            match out {
                Out::Write(wire, frame) => {
                    if let Some(at) = self.network.down(wire, self.now, &mut self.luck) {
                        self.queue.plan(at, Happening::Down(wire, frame));
                    }
                }
                Out::Later(wait, task) => self.queue.plan(self.now + wait, Happening::Server(task)),
                Out::Close(wire) => {
                    if let Some(at) = self.network.down(wire, self.now, &mut self.luck) {
                        self.queue.plan(at, Happening::Gone(wire));
                    }
                }
            }
        }
        self.tally.merge(&std::mem::take(&mut self.server.tally));
    }

    /// A connection ends; each side learns it in its own time, and what was on its way is lost.
    pub fn cut(&mut self, wire: Wire) {
        self.queue.retain(
            |happening| !matches!(happening, Happening::Up(of, _) | Happening::Down(of, _) if *of == wire),
        );
        self.network.link(wire).into_iter().for_each(|link| link.cut = true);
        let (soon, later) = (self.luck.within(&(0..=500)), self.luck.within(&(0..=5000)));
        self.queue.plan(self.now + millis(soon), Happening::Gone(wire));
        self.queue.plan(self.now + millis(later), Happening::HungUp(wire));
    }

    /// Nothing goes wrong any more.
    pub fn calm(&mut self) {
        self.plan.weather = Weather::default();
        self.server.weather = Weather::default();
        self.plan.latency = 1..=50;
        self.network.latency = 1..=50;
        // One that lost a log is back when it would be.
        self.server.up |= self.server.lost.is_empty();
        self.queue.retain(|happening| !matches!(happening, Happening::Act(_) | Happening::Fault(_)));
        for device in &mut self.devices {
            device.busy_until = device.busy_until.min(self.now + Duration::from_secs(1));
        }
    }
}

/// The answer of a source that failed.
fn failure(question: &Question, error: SourceError) -> Answer {
    match question {
        Question::Pull(_) => Answer::Pulled(Err(error)),
        Question::Sync(_) => Answer::Synced(Err(error)),
        Question::List(_) | Question::Retry(_) => Answer::Listed(Err(error)),
        Question::PullBatch(_) => Answer::PulledBatch(Err(error)),
        Question::Find(_) => Answer::Found(Err(error)),
        Question::SetUnread(_) => Answer::UnreadSet(Err(error)),
        Question::Fetch(_) => Answer::Fetched(Err(error)),
        Question::Report(_) => Answer::Reported(Err(error)),
        Question::Upload(_) => Answer::Uploaded(Err(error)),
        Question::Commands(_) => Answer::Commands(Err(error)),
        Question::CommandsTaken(_) => Answer::CommandsTaken(Err(error)),
        other => panic!("the world does not know {other:?}"),
    }
}

fn brief(happening: &Happening) -> String {
    match happening {
        Happening::Up(wire, bytes) => format!("up {wire:?} {} bytes", bytes.len()),
        Happening::Down(wire, frame) => format!("down {wire:?} {:?}", frame.packet_type()),
        other => format!("{other:?}"),
    }
}
