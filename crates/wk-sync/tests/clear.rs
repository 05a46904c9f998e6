//! Channels that the user clears here, holes that pushes leave, and sources that refuse or cannot be reached.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::pulls::{asked_for, covered, hundred, newer, older, seqs};
use common::*;
use wk_sync::store::model::{ChannelId, Direction, GapCause, IdError, MessageSeq, PageQuery, text_payload};
use wk_sync::{Change, Event, Input, Origin, QueryError, Question, Report, SourceError, Ticket};

fn clear(world: &mut World, up_to: Option<u64>) {
    let up_to = up_to.map(MessageSeq::new);
    world.act(Input::Clear { ticket: Ticket::new(700), channel: group(), up_to });
    assert_eq!(world.done, 1);
    world.done = 0;
}

#[test]
fn a_cleared_channel_is_empty_without_asking_anybody_and_stays_so() {
    let mut world = hundred();
    world.server.on_send.push_back(OnSend::Lose);
    let unsent = world.send(&group(), "among them");
    clear(&mut world, None);
    assert!(world.events.contains(&Event::Cleared { channel: group(), up_to: seq(100) }));
    assert_eq!(covered(&world), [(1, 100)]);
    let page = world.page(PageQuery::newest(group()));
    assert!(page.messages.is_empty() && page.reached_start && page.reached_end);
    assert_eq!((page.pulls, world.rig.outbox().len()), (0, 0));
    assert_eq!(world.rig.conversation(&group()).unwrap().last_message, None);
    // Neither a repeated push nor a pull nor the sync after a restart brings them back.
    world.push(&group(), 99);
    world.settle();
    world.restart();
    world.server.append(&group(), Stored::text("bob", "after"));
    world.connect();
    world.wait(secs(30));
    for query in [PageQuery::newest(group()), newer(0, 50), PageQuery::around(group(), at(100, 0))] {
        let page = world.page(query);
        assert_eq!((seqs(&page), page.incomplete), (vec![101], None));
    }
    assert!(world.rig.rows(&group()).iter().all(|row| row.client_seq != unsent.client_seq));
    assert_eq!(world.server.log(&group()).messages.len(), 101, "the unsent one went with them");
}

#[test]
fn clearing_up_to_a_seq_leaves_what_comes_after_and_never_what_is_yet_to_come() {
    let mut world = hundred();
    clear(&mut world, Some(90));
    let page = world.page(PageQuery::newest(group()).limit(50));
    assert_eq!((seqs(&page), page.reached_start, page.pulls), ((91..=100).collect(), true, 0));
    // Clearing less than that takes nothing back.
    clear(&mut world, Some(50));
    assert_eq!(world.rig.log(&group()).cleared_to, seq(90));
    assert_eq!(seqs(&world.page(older(101, 50))), (91..=100).collect::<Vec<_>>());
    clear(&mut world, Some(5_000));
    assert_eq!(world.rig.log(&group()).cleared_to, seq(100));
    world.server.append(&group(), Stored::text("bob", "new"));
    world.push(&group(), 101);
    world.settle();
    assert_eq!(seqs(&world.page(PageQuery::newest(group()))), [101]);
}

#[test]
fn a_recreated_log_is_not_cleared() {
    let mut world = hundred();
    clear(&mut world, Some(99));
    world.server.logs.clear();
    for _ in 0..100 {
        world.server.append(&group(), Stored::text("bob", "a new life"));
    }
    world.push(&group(), 100);
    world.settle();
    assert!(world.events.contains(&Event::ChannelReset(group())));
    assert_eq!(world.rig.rows(&group()).len(), 1);
}

#[test]
fn a_channel_that_no_server_may_be_asked_about_is_refused() {
    let mut world = World::online(1, Flavour::V2);
    let channel = ChannelId::group("");
    world.act(Input::Clear { ticket: Ticket::new(1), channel, up_to: None });
    let empty = QueryError::Id(IdError::Empty { what: "channel id" });
    assert_eq!(world.refused.pop().unwrap().1, empty);
}

/// The pulls that wait for their answer.
fn pulls(world: &World) -> usize {
    world.open.values().filter(|question| matches!(question, Question::Pull(_))).count()
}

/// 101 to 105 are stored, and of them these are pushed.
fn pushed(world: &mut World, pushed: &[u64]) {
    for _ in 101..=105 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    for seq in pushed {
        world.push(&group(), *seq);
    }
    world.settle();
}

#[test]
fn what_pushes_leave_out_is_pulled_after_half_a_second_where_the_channel_is_open() {
    let mut world = hundred();
    world.act(Input::OpenChannel(group()));
    pushed(&mut world, &[102, 105]);
    let told_before = world.told().len();
    assert_eq!((told_before, pulls(&world)), (2, 0), "it may only be out of order");
    world.rig.now = world.rig.now + Duration::from_millis(499);
    world.act(Input::Timeout);
    assert_eq!(pulls(&world), 0);
    world.rig.now = world.rig.now + Duration::from_millis(1);
    world.act(Input::Timeout);
    assert_eq!(asked_for(&world), (104, 100, Direction::Older, 100));
    world.settle();
    assert_eq!(covered(&world), [(81, 105)]);
    let told: Vec<u64> =
        world.told()[told_before..].iter().map(|message| message.position.seq.get()).collect();
    assert_eq!(told, [101, 103, 104], "nobody asked for them: they are told");
    assert!(world.events.iter().any(|event| matches!(event, Event::Messages { origin: Origin::Pulled, .. })));
}

#[test]
fn pushes_that_were_only_out_of_order_cost_nothing() {
    let mut world = hundred();
    world.act(Input::OpenChannel(group()));
    pushed(&mut world, &[102, 105, 103, 101, 104]);
    world.wait(secs(5));
    assert!(world.server.pulls.is_empty());
    assert_eq!(covered(&world), [(81, 105)]);
}

#[test]
fn a_hole_where_nobody_looks_waits_for_a_reader() {
    let mut world = hundred();
    // Opened twice and closed twice is closed.
    for input in [Input::OpenChannel, Input::OpenChannel] {
        world.act(input(group()));
    }
    for _ in 0..3 {
        world.act(Input::CloseChannel(group()));
    }
    pushed(&mut world, &[105]);
    world.wait(secs(5));
    assert!(world.server.pulls.is_empty());
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((seqs(&page), page.pulls), ((86..=105).collect(), 1));
    // What lies below the first message ever heard of is no hole.
    let mut world = World::online(2, Flavour::V2);
    world.act(Input::OpenChannel(group()));
    pushed(&mut world, &[3]);
    world.wait(secs(5));
    assert!(world.server.pulls.is_empty());
}

#[test]
fn a_channel_that_the_server_does_not_know_is_an_empty_page() {
    let refused = SourceError::Refused { status: 400, message: "channel not found".to_owned() };
    for query in [PageQuery::newest(group()), newer(0, 5), older(9, 5), PageQuery::around(group(), at(9, 0))]
    {
        let mut world = World::online(3, Flavour::V3);
        world.server.failures.push_back(refused.clone());
        let page = world.page(query.clone());
        assert_eq!((page.messages.len(), page.incomplete), (0, None));
        assert_eq!(world.rig.log(&group()), Default::default(), "nothing is known of it");
        // The next reader asks again.
        world.server.append(&group(), Stored::text("bob", "x"));
        assert_eq!(world.page(PageQuery::newest(group())).pulls, 1);
    }
}

#[test]
fn a_person_who_was_just_written_to_is_asked_for_again() {
    let bob = ChannelId::person("bob");
    let refused = || SourceError::Refused { status: 400, message: "channel not found".to_owned() };
    let mut world = World::online(4, Flavour::V3);
    world.send(&bob, "hi");
    world.settle();
    world.server.failures.extend([refused(), refused()]);
    world.ask(PageQuery::newest(bob.clone()));
    world.wait(Duration::from_millis(1_900));
    assert!(world.pages.is_empty());
    world.wait(Duration::from_millis(200));
    let page = world.pages.pop().unwrap().1;
    assert_eq!((seqs(&page), page.incomplete, page.reached_end), (vec![1], None, true));
    assert_eq!(world.server.pulls.len(), 3);
    // Not for ever.
    world.cut();
    world.wait(secs(3));
    world.server.failures.extend([refused(), refused(), refused()]);
    world.ask(PageQuery::newest(bob));
    world.wait(secs(10));
    let page = world.pages.pop().unwrap().1;
    assert_eq!(seqs(&page), [1]);
    assert!(matches!(page.incomplete.unwrap().cause, GapCause::Source(_)));
}

#[test]
fn without_a_connection_a_page_does_not_wait_long_for_a_source_that_is_silent() {
    let mut world = hundred();
    world.reachable = false;
    world.cut();
    let silent =
        |world: &mut World| world.pending.retain(|pending| !matches!(pending, Pending::Question(..)));
    world.ask(PageQuery::newest(group()));
    silent(&mut world);
    world.wait(Duration::from_millis(1_999));
    assert!(world.pages.is_empty());
    world.wait(Duration::from_millis(1));
    let page = world.pages.pop().expect("what is stored").1;
    assert_eq!(seqs(&page), (81..=100).collect::<Vec<_>>());
    assert!(page.incomplete.is_some() && !page.reached_end);
    // The pull went on until it was given up: from then on what is stored is served at once.
    world.wait(secs(14));
    world.ask(PageQuery::newest(group()));
    silent(&mut world);
    assert_eq!(world.pages.pop().expect("at once").1.messages.len(), 20);
    // With nothing to show, a page waits for all that the source may take.
    world.ask(PageQuery::newest(ChannelId::group("unknown")));
    silent(&mut world);
    world.wait(secs(14));
    assert!(world.pages.is_empty());
    world.wait(secs(1));
    assert!(world.pages.pop().unwrap().1.incomplete.is_some());
    // A network that is back is given a chance.
    world.act(Input::NetworkChanged);
    world.ask(PageQuery::newest(group()));
    assert!(world.pages.is_empty());
    let page = world.page(older(90, 5));
    assert_eq!(seqs(&page), [85, 86, 87, 88, 89]);
}

#[test]
fn a_late_repetition_of_what_was_cleared_is_no_new_log() {
    let mut world = hundred();
    // The newest are hidden, and the list does not know their time.
    world.server.unix_ms += 60_000;
    for seq in 101..=103 {
        world.server.append(&group(), Stored::hidden("bob"));
        world.push(&group(), seq);
    }
    world.settle();
    clear(&mut world, None);
    world.restart();
    world.connect();
    world.push(&group(), 102);
    world.settle();
    assert!(!world.events.contains(&Event::ChannelReset(group())));
    assert_eq!(world.rig.log(&group()).cleared_to, MessageSeq::new(103));
}

#[test]
fn an_edit_reaches_the_others_though_its_message_is_cleared() {
    let mut world = hundred();
    let ids: Vec<_> = [90, 95].map(|seq| world.server.log(&group()).get(seq).unwrap().id).into();
    world.act(Input::Disconnect);
    for (id, text) in [(ids[0], "a slip"), (ids[0], "mended"), (ids[1], "stays")] {
        world.change(Change::Edit { message_id: id, payload: text_payload(text) });
    }
    world.done = 0;
    clear(&mut world, Some(90));
    world.restart();
    world.connect();
    world.wait(secs(60));
    let told = |report: &Report| match report {
        Report::Edit { message, payload, .. } => Some((message.seq.get(), payload.clone())),
        _ => None,
    };
    let mut told: Vec<_> = world.server.reports.iter().filter_map(told).collect();
    told.sort();
    assert_eq!(told, [(90, text_payload("mended")), (95, text_payload("stays"))]);
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}
