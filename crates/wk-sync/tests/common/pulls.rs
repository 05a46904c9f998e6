//! Pulls that a test answers itself, over a channel of which the newest twenty of a hundred messages are known.

use std::ops::RangeInclusive;

use wk_sync::store::model::{Direction, MessageId, Page, PageQuery};
use wk_sync::{Answer, PullRequest, PulledMessage, PulledMessages, Question, SourceError};

use super::{Flavour, Pending, Stored, World, at, group};

pub type Ranges = Vec<(u64, u64)>;

pub fn covered(world: &World) -> Ranges {
    let log = world.rig.log(&group());
    log.covered.ranges().iter().map(|range| (range.first().get(), range.last().get())).collect()
}

/// Online; the conversation sync brought the newest messages up to 100: 81 to 100 are covered and the head is known.
pub fn hundred() -> World {
    let mut world = World::new(1, Flavour::V2);
    for _ in 0..100 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect();
    assert_eq!(covered(&world), [(81, 100)]);
    world.events.clear();
    world
}

pub fn message(seq: u64) -> PulledMessage {
    let stored = Stored { seq, id: MessageId::new(1_000 + seq as i64), ..Stored::text("bob", "x") };
    stored.pulled(Flavour::V2)
}

/// The one pull that waits for its answer.
pub fn asked(world: &World) -> PullRequest {
    let pulls: Vec<_> = world.open.values().collect();
    let [Question::Pull(request)] = pulls[..] else { panic!("{pulls:?}") };
    request.clone()
}

/// (start, end, direction, limit) of the one pull that waits.
pub fn asked_for(world: &World) -> (u64, u64, Direction, u32) {
    let request = asked(world);
    (request.start.get(), request.end.get(), request.direction, request.limit)
}

pub fn give(world: &mut World, answer: Result<PulledMessages, SourceError>) {
    let job = *world.open.keys().next().unwrap();
    let index = world.first(|pending| matches!(pending, Pending::Question(of, _) if *of == job));
    world.pending[index] = Pending::Answer(job, Answer::Pulled(answer));
    world.deliver(index);
}

pub fn answer(world: &mut World, seqs: RangeInclusive<u64>, more: bool) {
    give(world, Ok(PulledMessages { messages: seqs.map(message).collect(), more }));
}

pub const NOTHING: RangeInclusive<u64> = RangeInclusive::new(1, 0);

pub fn older(anchor: u64, limit: u32) -> PageQuery {
    PageQuery::older_than(group(), at(anchor, 0)).limit(limit)
}

pub fn newer(anchor: u64, limit: u32) -> PageQuery {
    PageQuery::newer_than(group(), at(anchor, 0)).limit(limit)
}

pub fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|message| message.position.seq.get()).collect()
}

pub fn served(world: &mut World) -> Page {
    assert_eq!(world.pages.len(), 1, "one page waits no longer");
    world.pages.pop().unwrap().1
}
