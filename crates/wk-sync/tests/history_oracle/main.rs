//! Every page equals the page of an oracle that holds the whole log, whatever happens meanwhile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(unreachable_pub, reason = "modules of a test binary")]

#[path = "../common/mod.rs"]
mod common;
mod oracle;
mod plan;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use common::*;
use oracle::{Asked, check, whole_channel};
use plan::{Plan, Spot, Step, plan};
use proptest::prelude::*;
use wk_sync::store::model::{Anchor, Direction, Message, PageQuery, Position};
use wk_sync::{Answer, ConnectionState, Input, JobId, PullRequest, Question, Ticket};

struct Case {
    world: World,
    plan: Plan,
    /// Messages of this device, as they were stored first.
    own: Vec<Message>,
    asked: BTreeMap<Ticket, Asked>,
    pulls: BTreeMap<JobId, PullUnderWay>,
    appended: usize,
    failed: bool,
}

struct PullUnderWay {
    /// The newest seq that could be known when it was asked.
    could_know: u64,
    /// Changes when the connection does.
    session: usize,
}

type Verdict = Result<(), TestCaseError>;

impl Case {
    fn new(plan: Plan) -> Self {
        let mut world = World::new(plan.seed, plan.flavour);
        world.server.max_limit = plan.max_limit;
        world.server.log(&group()).floor = plan.floor.min(plan.log.len() as u64);
        let mut case = Self {
            world,
            own: Vec::new(),
            asked: BTreeMap::new(),
            pulls: BTreeMap::new(),
            appended: 0,
            failed: false,
            plan,
        };
        for kind in case.plan.log.clone() {
            case.append(kind, false);
        }
        case
    }

    fn append(&mut self, kind: plan::Kind, garbled: bool) {
        self.appended += 1;
        let stored = self.world.server.append(&group(), kind.message(self.appended));
        let shown = self.world.server.log(&group()).shows(stored.seq);
        if self.world.server.session.is_some() && shown {
            let world = &mut self.world;
            let frame = if garbled {
                world.server.garbage(&group(), &stored)
            } else {
                world.server.recv(&group(), &stored)
            };
            world.server_writes(frame);
        }
    }

    fn step(&mut self, step: Step) -> Verdict {
        match step {
            Step::Connect => return self.connect(),
            Step::Cut => self.world.cut(),
            Step::Append(kind, garbled) => self.append(kind, garbled),
            Step::Deliver(which) if !self.world.pending.is_empty() => {
                return self.deliver(usize::from(which) % self.world.pending.len());
            }
            Step::Deliver(_) => {}
            Step::Settle => return self.settle(),
            Step::Send => {
                let message = self.world.send(&group(), "local");
                self.own.push(message);
            }
            Step::Query(spot, direction, limit) => self.query(spot, direction, limit),
            Step::Fail => {
                self.failed = true;
                self.world.server.failures.push_back(http::unreachable());
            }
            Step::Wait => return self.wait(Duration::from_secs(16)),
            Step::Restart => {
                self.world.restart();
                self.asked.clear();
            }
        }
        self.judge()
    }

    fn connect(&mut self) -> Verdict {
        self.world.act(Input::Connect);
        self.judge()?;
        while let Some(index) =
            self.world.pending.iter().position(|pending| matches!(pending, Pending::Open(_)))
        {
            self.deliver(index)?;
        }
        self.wait(self.world.rig.config.settle_time)
    }

    fn wait(&mut self, wait: Duration) -> Verdict {
        let end = self.world.rig.now + wait;
        while self.world.rig.sleep(end - self.world.rig.now) {
            self.failed |= !self.world.open.is_empty();
            self.world.act(Input::Timeout);
            self.judge()?;
        }
        Ok(())
    }

    fn settle(&mut self) -> Verdict {
        while !self.world.pending.is_empty() {
            self.deliver(0)?;
        }
        Ok(())
    }

    fn deliver(&mut self, index: usize) -> Verdict {
        let before = self.world.rig.log(&group());
        let pulled = match &self.world.pending[index] {
            Pending::Answer(job, Answer::Pulled(Ok(_))) => self.world.open.get(job).cloned(),
            _ => None,
        };
        self.world.deliver(index);
        let after = self.world.rig.log(&group());
        for seq in before.covered.ranges().iter().flat_map(|range| [range.first(), range.last()]) {
            prop_assert!(after.covered.contains(seq), "{seq} is no longer covered");
        }
        if let Some(Question::Pull(request)) = pulled {
            let stuck = open_pulls(&self.world)
                .filter(|(job, other)| !self.pulls.contains_key(job) && is_same(other, &request))
                .any(|(_, other)| after.covered == before.covered && other.limit <= request.limit);
            prop_assert!(!stuck, "{request:?} is asked again and again");
        }
        self.judge()
    }

    fn query(&mut self, spot: Spot, direction: Direction, limit: u32) {
        let last = self.world.server.log(&group()).last();
        let anchor = match spot {
            Spot::Edge => Anchor::Edge,
            Spot::Place(place, index, contained) => {
                let seq = u64::from(place) * (last + 2) / 1000;
                let position = at(seq, u32::from(index));
                if contained { Anchor::At(position) } else { Anchor::Beside(position) }
            }
        };
        let mut query = PageQuery::newest(group()).limit(limit);
        query.anchor = anchor;
        query.direction = direction;
        let online = matches!(self.world.state(), Some(ConnectionState::Online { .. }));
        // Without a connection a page may wait for a pull that was asked before the newest message came.
        let shared = if online { None } else { self.pulls.values().map(|pull| pull.could_know).min() };
        let must_know = shared.unwrap_or(u64::MAX).min(self.could_know());
        let known = self.world.rig.log(&group());
        let gaps = known.covered.ranges().len() + 1;
        let uncovered = last.saturating_sub(known.covered.len());
        let alone = self.asked.is_empty();
        self.asked.values_mut().for_each(|other| other.alone = false);
        let asked = Asked { query: query.clone(), must_know, gaps, uncovered, alone };
        let ticket = self.world.ask(query);
        self.asked.insert(ticket, asked);
    }

    /// The newest seq that is not on its way to the client.
    fn could_know(&mut self) -> u64 {
        let on_the_way = self.world.named_on_the_way();
        let log = self.world.server.log(&group());
        (1..=log.last()).rev().find(|seq| log.shows(*seq) && !on_the_way.contains(seq)).unwrap_or(0)
    }

    /// Looks at what the last transaction did, while the store is as it left it.
    fn judge(&mut self) -> Verdict {
        let known = self.world.rig.log(&group());
        let could_know = self.could_know();
        let session = self.world.states().len();
        self.pulls.retain(|job, _| self.world.open.contains_key(job));
        for (job, pull) in open_pulls(&self.world) {
            let others = open_pulls(&self.world).filter(|(other, _)| *other != job);
            let twice = others
                .filter(|(other, _)| self.pulls.get(other).is_some_and(|other| other.session == session))
                .any(|(_, other)| is_same(other, pull) && other.limit >= pull.limit);
            if let Entry::Vacant(new) = self.pulls.entry(job) {
                // One that was asked again with a tenfold limit may meet another reader's.
                prop_assert!(!twice || pull.limit % 10 == 0, "{pull:?} is asked twice");
                new.insert(PullUnderWay { could_know, session });
            }
            let in_the_log = pull.direction == Direction::Newer || pull.start <= known.tail;
            prop_assert!(in_the_log, "{pull:?} begins beyond the tail {}", known.tail);
        }
        for (ticket, page) in std::mem::take(&mut self.world.pages) {
            let asked = self.asked.remove(&ticket);
            prop_assert!(asked.is_some(), "a page was served twice");
            let asked = asked.unwrap();
            let whole = whole_channel(self.world.server.log(&group()), &known, &self.own);
            if let Err(wrong) = check(&page, &asked, &whole, &known) {
                return Err(TestCaseError::fail(format!(
                    "{wrong}\nasked {asked:?}\nserved {page:#?}\nthe channel {whole:?}\nknown {known:?}"
                )));
            }
            prop_assert!(u64::from(page.pulls) <= asked.uncovered + self.plan.steps.len() as u64 + 4);
            if self.plan.is_plain() && asked.alone && !self.failed {
                let bound = asked.gaps + 2;
                prop_assert!(
                    usize::try_from(page.pulls).unwrap() <= bound,
                    "{} pulls, not {bound}",
                    page.pulls
                );
            }
        }
        Ok(())
    }

    fn run(mut self) -> Verdict {
        for step in self.plan.steps.clone() {
            self.step(step)?;
        }
        self.settle()?;
        self.wait(Duration::from_secs(60))?;
        prop_assert!(self.asked.is_empty(), "pages without an answer: {:?}", self.asked);
        // At last everything works, and the newest page is the oracle's.
        self.world.server.failures.clear();
        self.world.restart();
        self.connect()?;
        self.settle()?;
        self.step(Step::Query(Spot::Edge, Direction::Older, 50))?;
        self.settle()?;
        prop_assert!(self.asked.is_empty());
        let known = self.world.rig.log(&group());
        for row in self.world.rig.rows(&group()).iter().filter(|row| !row.position.is_local()) {
            let garbled = row.payload.is_empty();
            prop_assert!(
                garbled || known.covered.contains(row.message_seq()),
                "a row at a seq that is not covered"
            );
            let stored = self.world.server.log(&group()).get(row.position.seq.get());
            prop_assert_eq!(stored.map(|stored| stored.id), Some(row.message_id));
            prop_assert_eq!(row.position, Position::server(row.message_seq()));
        }
        Ok(())
    }
}

fn open_pulls(world: &World) -> impl Iterator<Item = (JobId, &PullRequest)> {
    world.open.iter().filter_map(|(job, question)| match question {
        Question::Pull(request) => Some((*job, request)),
        _ => None,
    })
}

fn is_same(one: &PullRequest, other: &PullRequest) -> bool {
    (one.start, one.end, one.direction) == (other.start, other.end, other.direction)
}

proptest! {
    #![proptest_config(cases(1_000, 100_000))]

    #[test]
    fn property_3_every_page_is_the_oracles(plan in plan()) {
        Case::new(plan).run()?;
    }
}
