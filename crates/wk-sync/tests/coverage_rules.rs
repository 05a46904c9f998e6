//! What each kind of input proves of a channel's log, and what it does not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::pulls::*;
use common::*;
use wk_sync::store::model::proto::Flags;
use wk_sync::store::model::{Direction, GapCause, MessageId, PageQuery};
use wk_sync::{Event, Input, PulledMessages};

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
    assert_eq!(asked_for(&world), (100, 0, Direction::Newer, 21), "and whether what is known is still there");
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
