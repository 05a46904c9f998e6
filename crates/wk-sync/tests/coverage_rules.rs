//! What each kind of input proves of a channel's log, and what it does not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::ops::RangeInclusive;

use common::*;
use wk_sync::store::model::proto::Flags;
use wk_sync::store::model::{
    Anchor, ChannelId, Direction, Gap, GapCause, MessageId, Page, PageQuery, Position, SeqRange,
};
use wk_sync::{
    Answer, Event, Input, PullRequest, PulledMessage, PulledMessages, QueryError, Question, SourceError,
    Ticket,
};

type Ranges = Vec<(u64, u64)>;

fn covered(world: &World) -> Ranges {
    let log = world.rig.log(&group());
    log.covered.ranges().iter().map(|range| (range.first().get(), range.last().get())).collect()
}

/// Online; the conversation sync brought the newest messages up to 100: 81 to 100 are covered and the head is known.
fn hundred() -> World {
    let mut world = World::new(1, Flavour::V2);
    for _ in 0..100 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect();
    assert_eq!(covered(&world), [(81, 100)]);
    world.events.clear();
    world
}

fn message(seq: u64) -> PulledMessage {
    let stored = Stored { seq, id: MessageId::new(1_000 + seq as i64), ..Stored::text("bob", "x") };
    stored.pulled(Flavour::V2)
}

/// The one pull that waits for its answer.
fn asked(world: &World) -> PullRequest {
    let pulls: Vec<_> = world.open.values().collect();
    let [Question::Pull(request)] = pulls[..] else { panic!("{pulls:?}") };
    request.clone()
}

/// (start, end, direction, limit) of the one pull that waits.
fn asked_for(world: &World) -> (u64, u64, Direction, u32) {
    let request = asked(world);
    (request.start.get(), request.end.get(), request.direction, request.limit)
}

fn give(world: &mut World, answer: Result<PulledMessages, SourceError>) {
    let job = *world.open.keys().next().unwrap();
    let index = world.first(|pending| matches!(pending, Pending::Question(of, _) if *of == job));
    world.pending[index] = Pending::Answer(job, Answer::Pulled(answer));
    world.deliver(index);
}

fn answer(world: &mut World, seqs: RangeInclusive<u64>, more: bool) {
    give(world, Ok(PulledMessages { messages: seqs.map(message).collect(), more }));
}

const NOTHING: RangeInclusive<u64> = RangeInclusive::new(1, 0);

fn older(anchor: u64, limit: u32) -> PageQuery {
    PageQuery::older_than(group(), at(anchor, 0)).limit(limit)
}

fn newer(anchor: u64, limit: u32) -> PageQuery {
    PageQuery::newer_than(group(), at(anchor, 0)).limit(limit)
}

fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|message| message.position.seq.get()).collect()
}

fn served(world: &mut World) -> Page {
    assert_eq!(world.pages.len(), 1, "one page waits no longer");
    world.pages.pop().unwrap().1
}

#[test]
fn a_live_message_covers_its_seq() {
    let mut world = World::online(2, Flavour::V2);
    for _ in 0..9 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    for seq in [9, 4, 5, 4] {
        world.push(&group(), seq);
    }
    world.settle();
    assert_eq!(covered(&world), [(4, 5), (9, 9)]);
    assert_eq!(world.rig.log(&group()).tail, seq(9));
}

#[test]
fn a_command_covers_nothing_whoever_marks_it() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(3, flavour);
        let mut command = Stored::hidden("bob");
        command.header.sync_once = true;
        let stored = world.server.append(&group(), command);
        world.push(&group(), stored.seq);
        world.settle();
        assert_eq!(world.rig.log(&group()), Default::default());
        assert!(world.rig.rows(&group()).is_empty() && world.told().is_empty());
        let commands = world.events.iter().filter(
            |event| matches!(event, Event::Command(command) if command.channel == group() && command.message_id == stored.id),
        );
        assert_eq!(commands.count(), 1);
        let ack = world.server.acks[0];
        assert_eq!((ack.message_id, ack.message_seq.get()), (stored.id, 1));
        assert_eq!(ack.flags.contains(Flags::SYNC_ONCE), flavour == Flavour::V2, "as the RECV had it");
    }
}

#[test]
fn a_message_that_nobody_stored_covers_nothing() {
    let mut world = World::online(4, Flavour::V2);
    let mut transient = Stored { id: MessageId::new(5), ..Stored::text("bob", "typing") };
    transient.header.no_persist = true;
    let frame = world.server.recv(&group(), &transient);
    world.server_writes(frame);
    world.settle();
    assert_eq!(world.told().len(), 1);
    assert_eq!(world.rig.log(&group()), Default::default());
    assert!(world.rig.rows(&group()).is_empty());
    assert!(world.server.acks[0].flags.contains(Flags::NO_PERSIST));
}

#[test]
fn an_older_pull_covers_down_to_its_end_or_to_the_lowest_that_came() {
    let mut world = hundred();
    world.ask(older(81, 10));
    assert_eq!(asked_for(&world), (80, 0, Direction::Older, 10));
    answer(&mut world, 71..=80, true);
    assert_eq!(covered(&world), [(71, 100)]);
    assert_eq!(seqs(&served(&mut world)), (71..=80).collect::<Vec<_>>());
    // Fewer than the limit, and nothing more: all below is absent.
    world.ask(older(71, 10));
    answer(&mut world, 65..=70, false);
    assert_eq!(covered(&world), [(1, 100)]);
    let page = served(&mut world);
    assert!(page.reached_start && page.incomplete.is_none());
    assert_eq!(seqs(&page), (65..=70).collect::<Vec<_>>());
}

#[test]
fn an_older_pull_is_bounded_by_the_other_side_of_the_hole() {
    let mut world = hundred();
    world.ask(newer(29, 10));
    assert_eq!(asked_for(&world), (30, 81, Direction::Newer, 10));
    answer(&mut world, 30..=39, true);
    assert_eq!(covered(&world), [(30, 39), (81, 100)]);
    assert_eq!(seqs(&served(&mut world)), (30..=39).collect::<Vec<_>>());
    world.ask(older(81, 100));
    assert_eq!(asked_for(&world), (80, 39, Direction::Older, 100));
    answer(&mut world, 40..=80, false);
    assert_eq!(covered(&world), [(30, 100)]);
    assert_eq!(asked_for(&world), (29, 0, Direction::Older, 100));
    answer(&mut world, 1..=29, false);
    let page = served(&mut world);
    assert_eq!(seqs(&page), (1..=80).collect::<Vec<_>>());
    assert_eq!((page.pulls, page.pulled, page.reached_start), (2, 70, true));
}

#[test]
fn a_newer_pull_covers_up_to_its_end_or_to_the_highest_that_came() {
    let mut world = hundred();
    world.ask(newer(69, 20));
    assert_eq!(asked_for(&world), (70, 81, Direction::Newer, 20));
    // Two of the eleven are gone for good.
    answer(&mut world, 72..=79, false);
    assert_eq!(covered(&world), [(70, 100)]);
    assert_eq!(seqs(&served(&mut world)), (72..=79).chain(81..=92).collect::<Vec<_>>());
}

#[test]
fn a_newer_pull_without_an_end_finds_the_head() {
    let mut world = hundred();
    world.cut();
    world.act(Input::Connect);
    // Without a connection the tail may be stale.
    world.ask(newer(95, 20));
    assert_eq!(asked_for(&world), (101, 0, Direction::Newer, 20));
    answer(&mut world, 101..=120, true);
    assert_eq!(covered(&world), [(81, 120)]);
    assert_eq!(seqs(&served(&mut world)), (96..=115).collect::<Vec<_>>(), "the page is full");
    world.ask(newer(110, 20));
    answer(&mut world, 121..=123, false);
    let page = served(&mut world);
    assert_eq!(seqs(&page), (111..=123).collect::<Vec<_>>());
    assert!(page.reached_end && !page.reached_start);
}

#[test]
fn a_verified_head_is_not_asked_for_again_until_the_connection_ends() {
    let mut world = hundred();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.pulls, page.reached_end), (0, true), "the sync named the last seq");
    // A channel without news is asked for once.
    world.cut();
    world.wait(std::time::Duration::from_secs(2));
    assert_eq!(world.page(PageQuery::newest(group())).pulls, 1);
    assert_eq!(world.page(PageQuery::newest(group())).pulls, 0);
    // Live messages keep it true.
    world.server.append(&group(), Stored::text("bob", "new"));
    world.push(&group(), 101);
    world.settle();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.pulls, seqs(&page)), (0, (82..=101).collect::<Vec<_>>()));
}

#[test]
fn the_newest_page_of_an_unknown_channel_is_one_pull() {
    let mut world = World::online(5, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    assert_eq!(asked_for(&world), (0, 0, Direction::Older, 20));
    answer(&mut world, 81..=100, true);
    assert_eq!(covered(&world), [(81, 100)]);
    let page = served(&mut world);
    assert!(page.reached_end && !page.reached_start && page.pulls == 1);
    // And one that is short holds all there is.
    let mut world = World::online(6, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    answer(&mut world, 3..=9, false);
    assert_eq!(covered(&world), [(1, 9)]);
    assert!(served(&mut world).reached_start);
}

#[test]
fn after_much_news_the_newest_page_skips_what_lies_between() {
    let mut world = World::new(7, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "x"));
    world.page(PageQuery::newest(group()));
    for _ in 0..500 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(seqs(&page), (482..=501).collect::<Vec<_>>());
    assert_eq!((page.pulls, page.reached_end, page.reached_start), (2, true, false));
}

#[test]
fn a_page_in_the_middle_of_an_unknown_channel_is_one_pull() {
    let mut world = World::online(8, Flavour::V2);
    world.ask(newer(50_000, 20));
    assert_eq!(asked_for(&world), (50_001, 0, Direction::Newer, 20));
    answer(&mut world, 50_001..=50_020, true);
    assert_eq!(covered(&world), [(50_001, 50_020)]);
    assert_eq!(served(&mut world).pulls, 1);
    // Nothing behind an anchor that lies beyond all says nothing of what comes before it.
    let mut world = World::online(9, Flavour::V2);
    world.ask(newer(50_000, 20));
    answer(&mut world, NOTHING, false);
    let page = served(&mut world);
    assert!(page.messages.is_empty() && page.reached_end);
    world.ask(PageQuery::newest(group()));
    assert_eq!(asked_for(&world), (0, 0, Direction::Older, 20));
}

#[test]
fn the_sync_covers_what_it_sent_and_names_the_tail() {
    let world = hundred();
    assert_eq!(world.rig.log(&group()).tail, seq(100));
    let mut world = World::new(10, Flavour::V3);
    for number in 0..10 {
        // The last two are commands: the log has them and history does not.
        let message = if number < 8 { Stored::text("bob", "x") } else { Stored::absent("bob") };
        world.server.append(&group(), message);
    }
    world.connect();
    assert_eq!(covered(&world), [(1, 8)]);
    assert_eq!(world.rig.log(&group()).tail, seq(10));
}

#[test]
fn an_answer_without_progress_is_asked_for_once_more_and_then_an_error() {
    let mut world = hundred();
    world.ask(older(81, 10));
    answer(&mut world, NOTHING, true);
    assert_eq!(asked_for(&world), (80, 0, Direction::Older, 100));
    answer(&mut world, NOTHING, true);
    assert!(world.open.is_empty(), "it never loops");
    let page = served(&mut world);
    let hole = SeqRange::from_u64(1, 80).unwrap();
    assert_eq!(page.incomplete, Some(Gap::between(hole, GapCause::NoProgress)));
    assert_eq!((page.messages.len(), page.pulls, page.reached_start), (0, 2, false));
    assert_eq!(covered(&world), [(81, 100)]);
    // The larger limit may help.
    world.ask(older(81, 10));
    answer(&mut world, NOTHING, true);
    answer(&mut world, 1..=60, false);
    assert_eq!(seqs(&served(&mut world)), (51..=60).collect::<Vec<_>>());
}

#[test]
fn nothing_for_a_seq_that_the_server_named_is_no_proof() {
    let mut world = World::online(11, Flavour::V3);
    // Somebody's message that could not be decrypted: its seq is named, and not known.
    for _ in 0..5 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    let stored = world.server.log(&group()).messages[4].clone();
    let frame = world.server.garbage(&group(), &stored);
    world.server_writes(frame);
    world.settle();
    for _ in 0..2 {
        world.ask(newer(0, 10));
        let start = asked(&world).start.get();
        answer(&mut world, NOTHING, false);
        let page = served(&mut world);
        assert_eq!(page.incomplete.map(|gap| gap.cause), Some(GapCause::Unverified));
        assert_eq!((covered(&world), start), (vec![], 1), "asked again at the next open");
    }
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(seqs(&page), [1, 2, 3, 4, 5]);
}

#[test]
fn nothing_where_nothing_was_named_is_a_proof() {
    // v3 shows nothing up to the seq at which the user joined.
    let mut world = World::new(12, Flavour::V3);
    for _ in 0..100 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.server.log(&group()).floor = 80;
    world.connect();
    assert_eq!(covered(&world), [(81, 100)]);
    let page = world.page(older(81, 10));
    assert!(page.messages.is_empty() && page.reached_start && page.incomplete.is_none());
    assert_eq!((covered(&world), page.pulls), (vec![(1, 100)], 1));
}

#[test]
fn a_source_that_fails_proves_nothing_and_says_why() {
    let refused = SourceError::Refused { status: 400, message: "channel not found".to_owned() };
    for error in [refused, SourceError::NotSupported, SourceError::TimedOut] {
        let mut world = hundred();
        world.ask(older(86, 10));
        give(&mut world, Err(error.clone()));
        let page = served(&mut world);
        assert_eq!(seqs(&page), (81..=85).collect::<Vec<_>>());
        let hole = SeqRange::from_u64(1, 80).unwrap();
        assert_eq!(page.incomplete, Some(Gap::between(hole, GapCause::Source(error.to_string()))));
        assert_eq!(covered(&world), [(81, 100)]);
        world.ask(older(86, 10));
        assert_eq!(asked_for(&world).0, 80, "asked again");
    }
}

#[test]
fn without_a_connection_the_end_of_a_page_is_not_the_end_of_the_channel() {
    for limit in [10, 30] {
        let mut world = hundred();
        world.cut();
        world.server.broken = true;
        let page = world.page(PageQuery::newest(group()).limit(limit));
        let expected = if limit == 10 { 91..=100 } else { 81..=100 };
        assert_eq!(seqs(&page), expected.collect::<Vec<_>>(), "what is certain is served");
        assert!(!page.reached_end && !page.reached_start);
        let gap = page.incomplete.unwrap();
        let (first, last) = if limit == 10 { (101, None) } else { (1, Some(80)) };
        assert_eq!((gap.first.get(), gap.last.map(|seq| seq.get())), (first, last));
    }
}

#[test]
fn a_page_that_fails_is_complete_if_others_filled_the_hole_meanwhile() {
    let mut world = hundred();
    world.cut();
    world.ask(older(81, 10));
    world.ask(older(81, 11));
    world.settle();
    assert!(world.pages.drain(..).all(|(_, page)| page.incomplete.is_none()));
    let job = world.ask(older(61, 5));
    let first = world.pending.pop().unwrap();
    world.cut();
    world.wait(std::time::Duration::from_secs(2));
    let same = world.page(older(61, 5));
    let Pending::Question(failing, _) = first else { panic!("{first:?}") };
    world.act(Input::Answer { job: failing, answer: Answer::Pulled(Err(SourceError::TimedOut)) });
    let index = world.pages.iter().position(|(ticket, _)| *ticket == job).unwrap();
    let page = world.pages.remove(index).1;
    assert_eq!((seqs(&page), page.incomplete), (seqs(&same), None));
}

#[test]
fn a_shrunken_log_hides_nothing_below_its_end() {
    // The server named 100 and lost all above 70; v2 counts its window down from what was asked.
    let mut world = World::online(13, Flavour::V2);
    for _ in 0..100 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.push(&group(), 100);
    world.settle();
    world.server.log(&group()).messages.truncate(90);
    let page = world.page(older(100, 20));
    assert_eq!(seqs(&page), (71..=90).collect::<Vec<_>>());
    let page = world.page(older(71, 20));
    assert_eq!(seqs(&page), (51..=70).collect::<Vec<_>>());
}

#[test]
fn what_was_not_asked_for_is_not_believed() {
    let mut world = hundred();
    world.ask(older(81, 10));
    // Beyond the range, at no seq, and in any order.
    let messages = [message(200), message(0), message(80), message(79), message(95)].to_vec();
    give(&mut world, Ok(PulledMessages { messages, more: true }));
    assert_eq!(covered(&world), [(79, 100)]);
    assert_eq!(world.rig.log(&group()).tail, seq(100));
    assert_eq!(world.rig.rows(&group()).len(), 22);
}

#[test]
fn absence_from_the_sync_removes_nothing() {
    let mut world = hundred();
    let rows = world.rig.rows(&group());
    world.server.logs.clear();
    world.cut();
    world.wait(std::time::Duration::from_secs(2));
    assert_eq!(world.server.syncs.len(), 2);
    assert_eq!(world.rig.rows(&group()), rows);
    assert_eq!(covered(&world), [(81, 100)]);
    assert!(world.rig.conversation(&group()).is_some());
}

#[test]
fn a_pull_from_before_the_connection_is_not_shared_with_a_page_of_it() {
    let mut world = World::new(14, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    let question = world.first(|pending| matches!(pending, Pending::Question(..)));
    world.deliver(question);
    let old = world.pending.pop().unwrap();
    // It was answered before this message; the session begins after it, so nothing pushes it.
    world.server.append(&group(), Stored::text("bob", "between"));
    world.server.failures.push_back(SourceError::TimedOut);
    world.connect();
    let ticket = world.ask(PageQuery::newest(group()));
    world.pending.insert(0, old);
    world.deliver(0);
    world.settle();
    let page = &world.pages.iter().find(|(of, _)| *of == ticket).unwrap().1;
    assert_eq!((seqs(page), page.reached_end), (vec![1], true));
}

#[test]
fn questions_that_would_harm_a_server_are_refused() {
    let mut world = World::online(15, Flavour::V2);
    let bad = |world: &mut World, query: PageQuery| {
        world.act(Input::Page { ticket: Ticket::new(1), query });
        world.refused.pop().expect("refused").1
    };
    for limit in [0, 10_001, u32::MAX] {
        assert_eq!(bad(&mut world, PageQuery::newest(group()).limit(limit)), QueryError::Limit { limit });
    }
    for id in ["", &"x".repeat(256), "g____cmd"] {
        let error = bad(&mut world, PageQuery::newest(ChannelId::group(id)));
        assert!(matches!(error, QueryError::Id(_)), "{error:?}");
    }
    assert!(world.open.is_empty());
    // The own name is a channel like any other to read.
    let page = world.page(PageQuery::newest(ChannelId::person(ALICE)));
    assert!(page.reached_start && page.reached_end);
}

#[test]
fn positions_at_the_limits_do_no_harm() {
    for anchor in [
        Anchor::At(Position::MAX),
        Anchor::Beside(Position::MAX),
        Anchor::At(Position::MIN),
        Anchor::Beside(Position::MIN),
    ] {
        for direction in [Direction::Older, Direction::Newer] {
            let mut world = hundred();
            let mut query = PageQuery::newest(group()).limit(30);
            (query.anchor, query.direction) = (anchor, direction);
            let page = world.page(query);
            let (low, high) = (seqs(&page).first().copied(), seqs(&page).last().copied());
            let at_end = matches!(anchor, Anchor::At(Position::MAX) | Anchor::Beside(Position::MAX));
            match (at_end, direction) {
                (true, Direction::Older) => assert_eq!((low, high), (Some(71), Some(100))),
                (false, Direction::Newer) => assert_eq!((low, high), (Some(1), Some(30))),
                _ => assert_eq!((low, high), (None, None)),
            }
        }
    }
}
