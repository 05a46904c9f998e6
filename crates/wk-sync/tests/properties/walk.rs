//! A random walk of one client through pushes, pages, lies of the data source, sends, cuts, clears and restarts.

use proptest::prelude::*;
use wk_sync::store::ChannelLog;
use wk_sync::store::model::{Anchor, Conversation, Direction, Message, Page, PageQuery};
use wk_sync::{Answer, Input, PullRequest, PulledMessages, Question, SourceError, Ticket};

use super::common::*;

#[derive(Debug, Clone)]
pub enum Step {
    /// A stored message is pushed, whole or garbled.
    Push(u8, bool),
    /// Somebody writes one more.
    Append(bool),
    Ask(Ask),
    /// One thing on its way arrives.
    Deliver(u16),
    /// The oldest pull is answered with some of the log's messages, whatever was asked.
    Lie {
        picks: Vec<u8>,
        more: bool,
    },
    /// The oldest pull fails.
    Fail,
    Send,
    Cut,
    Connect,
    Clear(u8),
    Restart,
    Wait(u8),
}

#[derive(Debug, Clone, Copy)]
pub struct Ask {
    seq: u8,
    index: u8,
    kind: u8,
    newer: bool,
    limit: u8,
}

impl Ask {
    fn query(self) -> PageQuery {
        let mut query = PageQuery::newest(group()).limit(self.limit.into());
        let position = at(self.seq.into(), self.index.into());
        query.direction = if self.newer { Direction::Newer } else { Direction::Older };
        query.anchor = match self.kind {
            0 => Anchor::Edge,
            1 => Anchor::At(position),
            2 => Anchor::Around(position),
            _ => Anchor::Beside(position),
        };
        query
    }
}

#[derive(Debug, Clone)]
pub struct Walk {
    pub seed: u64,
    pub flavour: Flavour,
    pub log: Vec<bool>,
    pub steps: Vec<Step>,
}

pub fn walk() -> impl Strategy<Value = Walk> {
    let flavour = prop_oneof![Just(Flavour::V2), Just(Flavour::V3)];
    let log = proptest::collection::vec(prop::bool::weighted(0.1), 0..60);
    let steps = proptest::collection::vec(step(), 1..50);
    (any::<u64>(), flavour, log, steps).prop_map(|(seed, flavour, log, steps)| Walk {
        seed,
        flavour,
        log,
        steps,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let ask = (0..70_u8, prop_oneof![4 => Just(0_u8), 1 => 1..3_u8], 0..4_u8, any::<bool>(), 1..25_u8)
        .prop_map(|(seq, index, kind, newer, limit)| Ask { seq, index, kind, newer, limit });
    prop_oneof![
        6 => (0..60_u8, prop::bool::weighted(0.1)).prop_map(|(seq, garbled)| Step::Push(seq, garbled)),
        3 => any::<bool>().prop_map(Step::Append),
        6 => ask.prop_map(Step::Ask),
        10 => any::<u16>().prop_map(Step::Deliver),
        3 => (proptest::collection::vec(0..60_u8, 0..12), any::<bool>())
            .prop_map(|(picks, more)| Step::Lie { picks, more }),
        1 => Just(Step::Fail),
        2 => Just(Step::Send),
        1 => Just(Step::Cut),
        2 => Just(Step::Connect),
        1 => (0..60_u8).prop_map(Step::Clear),
        1 => Just(Step::Restart),
        1 => (0..40_u8).prop_map(Step::Wait),
    ]
}

/// What the client shows after one step.
pub struct Seen<'a> {
    pub world: &'a World,
    pub log: ChannelLog,
    pub rows: Vec<Message>,
    pub conversation: Option<Conversation>,
    /// The pages that this step served.
    pub pages: Vec<(PageQuery, Page)>,
    /// The pull that this step answered.
    pub pulled: Option<PullRequest>,
    /// The channel was cleared or its process died in this step.
    pub anew: bool,
}

struct Walker {
    world: World,
    asked: Vec<(Ticket, PageQuery)>,
}

impl Walk {
    /// Walks, and shows what each step left.
    pub fn run(
        &self,
        mut look: impl FnMut(&Seen<'_>) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        let mut world = World::new(self.seed, self.flavour);
        for hidden in &self.log {
            append(&mut world, *hidden);
        }
        let mut walker = Walker { world, asked: Vec::new() };
        walker.show(None, true, &mut look)?;
        for step in &self.steps {
            let before = walker.world.pending.len();
            let pulled = walker.step(step);
            let anew = matches!(step, Step::Clear(_) | Step::Restart);
            walker.show(pulled, anew, &mut look)?;
            prop_assert!(before < 10_000, "more and more is on its way");
        }
        // Everything that is on its way arrives, one after the other.
        for _ in 0..5_000 {
            if walker.world.pending.is_empty() {
                break;
            }
            let pulled = walker.deliver(0);
            walker.show(pulled, false, &mut look)?;
        }
        prop_assert!(walker.world.pending.is_empty(), "it never ends");
        walker.world.wait(secs(60));
        walker.show(None, false, &mut look)?;
        prop_assert!(walker.asked.is_empty(), "pages without an answer: {:?}", walker.asked);
        Ok(())
    }
}

fn append(world: &mut World, hidden: bool) {
    world.server.append(&group(), if hidden { Stored::hidden("bob") } else { Stored::text("bob", "x") });
}

impl Walker {
    fn step(&mut self, step: &Step) -> Option<PullRequest> {
        let world = &mut self.world;
        match step {
            Step::Push(seq, garbled) => {
                let stored = world.server.log(&group()).get(u64::from(*seq) + 1).cloned();
                if let (Some(stored), true) = (stored, world.server.session.is_some()) {
                    let server = &world.server;
                    let garbled = *garbled;
                    let frame = if garbled {
                        server.garbage(&group(), &stored)
                    } else {
                        server.recv(&group(), &stored)
                    };
                    world.server_writes(frame);
                }
            }
            Step::Append(pushed) => {
                append(world, false);
                if *pushed && world.server.session.is_some() {
                    let last = world.server.log(&group()).last();
                    world.push(&group(), last);
                }
            }
            Step::Ask(ask) => {
                let query = ask.query();
                let ticket = world.ask(query.clone());
                self.asked.push((ticket, query));
            }
            Step::Deliver(which) if !world.pending.is_empty() => {
                let which = usize::from(*which) % world.pending.len();
                return self.deliver(which);
            }
            Step::Lie { picks, more } => {
                let log = world.server.log(&group()).messages.clone();
                let flavour = world.server.flavour;
                let picked = picks.iter().filter_map(|pick| log.get(usize::from(*pick)));
                let messages = picked.map(|message| message.pulled(flavour)).collect();
                return self.answer(Ok(PulledMessages { messages, more: *more }));
            }
            Step::Fail => return self.answer(Err(SourceError::TimedOut)),
            Step::Send => {
                world.send(&group(), "local");
            }
            Step::Cut => world.cut(),
            Step::Connect => world.act(Input::Connect),
            Step::Clear(up_to) => {
                let up_to = Some(seq(u64::from(*up_to)));
                world.act(Input::Clear { ticket: Ticket::new(u64::MAX), channel: group(), up_to });
            }
            Step::Restart => {
                world.restart();
                self.asked.clear();
            }
            Step::Wait(tenths) => {
                let end = world.rig.now + std::time::Duration::from_millis(u64::from(*tenths) * 100);
                while world.rig.sleep(end - world.rig.now) {
                    world.act(Input::Timeout);
                }
            }
            Step::Deliver(_) => {}
        }
        None
    }

    fn deliver(&mut self, index: usize) -> Option<PullRequest> {
        let pulled = match &self.world.pending[index] {
            Pending::Answer(job, Answer::Pulled(_)) => self.world.open.get(job),
            _ => None,
        };
        let pulled = pulled.and_then(request);
        self.world.deliver(index);
        pulled
    }

    fn answer(&mut self, answer: Result<PulledMessages, SourceError>) -> Option<PullRequest> {
        let index = self
            .world
            .pending
            .iter()
            .position(|pending| matches!(pending, Pending::Question(_, Question::Pull(_))))?;
        let Pending::Question(job, _) = &self.world.pending[index] else { return None };
        self.world.pending[index] = Pending::Answer(*job, Answer::Pulled(answer));
        self.deliver(index)
    }

    fn show(
        &mut self,
        pulled: Option<PullRequest>,
        anew: bool,
        look: &mut impl FnMut(&Seen<'_>) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        let mut pages = Vec::new();
        for (ticket, page) in std::mem::take(&mut self.world.pages) {
            let index = self.asked.iter().position(|(of, _)| *of == ticket);
            prop_assert!(index.is_some(), "a page that nobody waits for");
            pages.push((self.asked.remove(index.unwrap()).1, page));
        }
        let rig = &self.world.rig;
        let (log, rows, conversation) = (rig.log(&group()), rig.rows(&group()), rig.conversation(&group()));
        look(&Seen { world: &self.world, log, rows, conversation, pages, pulled, anew })
    }
}

pub fn request(question: &Question) -> Option<PullRequest> {
    match question {
        Question::Pull(request) => Some(request.clone()),
        _ => None,
    }
}
