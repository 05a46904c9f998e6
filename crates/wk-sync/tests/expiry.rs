//! Messages whose life ends, by a clock that is not always right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::proto::ReasonCode;
use wk_sync::store::model::{Message, NewMessage, PageQuery, text_payload};
use wk_sync::{Change, Event, Input};

fn mortal(seconds: u32) -> Stored {
    Stored { expire: seconds, ..Stored::text("bob", "x") }
}

fn removed(world: &World) -> Vec<u64> {
    let removed = world.events.iter().filter_map(|event| match event {
        Event::Removed { messages, .. } => Some(messages),
        _ => None,
    });
    removed.flatten().map(|message| message.message_seq().get()).collect()
}

fn receive(world: &mut World, message: Stored) -> u64 {
    let stored = world.server.append(&group(), message);
    world.push(&group(), stored.seq);
    world.settle();
    stored.seq
}

#[test]
fn a_message_goes_when_its_time_is_over_and_not_before() {
    let mut world = World::online(1, Flavour::V2);
    for seconds in [0, 30, 10, 20] {
        receive(&mut world, mortal(seconds));
    }
    for (wait, gone) in
        [(9, vec![]), (2, vec![3]), (10, vec![3, 4]), (60, vec![3, 4, 2]), (9999, vec![3, 4, 2])]
    {
        world.wait(secs(wait));
        assert_eq!(removed(&world), gone);
    }
    let shown: Vec<bool> = world.rig.rows(&group()).iter().map(|row| row.is_visible()).collect();
    assert_eq!(shown, [true, false, false, false], "the rows stay to prove what stands there");
    // What is gone is not asked for again, but for the newest one: whether the log still has it.
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), page.pulled), (1, 1));
    assert_eq!(world.rig.conversation(&group()).unwrap().last_message.unwrap().message_seq().get(), 1);
}

#[test]
fn what_expired_while_nobody_ran_goes_at_the_start() {
    let mut world = World::online(2, Flavour::V2);
    receive(&mut world, mortal(10));
    receive(&mut world, mortal(1000));
    world.restart();
    world.rig.now = world.rig.now + secs(100);
    world.wait(secs(1));
    assert_eq!(removed(&world), [1]);
}

#[test]
fn the_servers_clock_counts() {
    // This clock is a day ahead: by it everything is over at once.
    let mut world = World::new(3, Flavour::V2);
    world.rig.skew_ms = 24 * 3600 * 1000;
    world.connect();
    receive(&mut world, mortal(10));
    world.wait(secs(9));
    assert!(removed(&world).is_empty());
    world.wait(secs(2));
    assert_eq!(removed(&world), [1]);
}

#[test]
fn a_clock_that_is_set_right_is_reckoned_with() {
    let mut world = World::online(12, Flavour::V2);
    receive(&mut world, mortal(10));
    receive(&mut world, burning(10));
    let row = world.rig.rows(&group())[1].client_seq;
    world.change(Change::Viewed(row));
    // After a restart this clock is ten minutes slow, and nobody says so yet.
    world.rig.skew_ms = -600_000;
    world.restart();
    world.wait(secs(20));
    assert!(removed(&world).is_empty());
    world.connect();
    world.wait(secs(1));
    assert_eq!(removed(&world), [1, 2]);
}

#[test]
fn many_go_in_steps() {
    let mut world = World::online(4, Flavour::V2);
    for _ in 0..250 {
        let stored = world.server.append(&group(), mortal(10));
        world.push(&group(), stored.seq);
    }
    world.settle();
    world.wait(secs(11));
    assert_eq!(removed(&world), (1..=250).collect::<Vec<_>>());
    assert_eq!(world.rig.engine.poll_timeout().map(|at| at > world.rig.now), Some(true), "it sleeps");
}

#[test]
fn a_message_that_expires_before_it_is_sent_is_not_sent() {
    let mut world = World::new(5, Flavour::V2);
    let mut message = NewMessage::new(group(), text_payload("soon gone"));
    message.expire = 10;
    world.send_message(message);
    world.wait(secs(20));
    assert_eq!((world.rig.outbox(), world.rig.rows(&group())), (vec![], vec![]));
    world.connect();
    assert!(world.server.sent.is_empty());
}

fn burning(seconds: u32) -> Stored {
    let payload = format!(r#"{{"type":1,"content":"secret","flame":1,"flame_second":{seconds}}}"#);
    Stored::with_payload("bob", Bytes::from(payload))
}

#[test]
fn a_viewed_message_burns_and_leaves_nothing() {
    let mut world = World::online(6, Flavour::V2);
    receive(&mut world, burning(10));
    receive(&mut world, Stored::text("bob", "stays"));
    let row = world.rig.rows(&group())[0].client_seq;
    world.wait(secs(1000));
    assert!(removed(&world).is_empty(), "it was not viewed");
    world.change(Change::Viewed(row));
    world.wait(secs(5));
    // Viewing it again gives it no more time, a restart neither.
    world.change(Change::Viewed(row));
    world.restart();
    world.wait(secs(4));
    assert!(removed(&world).is_empty());
    world.wait(secs(2));
    assert_eq!(removed(&world), [1]);
    let burnt = &world.rig.rows(&group())[0];
    assert!(!burnt.is_visible() && !burnt.payload.windows(6).any(|word| word == b"secret"));
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
    // Neither a redelivery nor a page brings it back.
    world.connect();
    world.push(&group(), 1);
    world.settle();
    assert!(!world.rig.rows(&group())[0].payload.windows(6).any(|word| word == b"secret"));
    assert_eq!(world.page(PageQuery::newest(group())).messages.len(), 1);
    // What does not burn does not care.
    let stays = world.rig.rows(&group())[1].client_seq;
    world.change(Change::Viewed(stays));
    world.wait(secs(1000));
    assert_eq!(removed(&world), [1]);
}

#[test]
fn nobody_wakes_for_messages_that_live_for_ever() {
    let mut world = World::online(7, Flavour::V2);
    receive(&mut world, mortal(0));
    world.act(Input::Disconnect);
    assert_eq!(world.rig.engine.poll_timeout(), None);
    world.restart();
    assert_eq!(world.rig.engine.poll_timeout(), None);
}

#[test]
fn what_has_expired_never_comes_back_as_news() {
    // v3 keeps it, names it in its list, and does not say that it has expired.
    let mut world = World::online(8, Flavour::V3);
    let mut message = NewMessage::new(group(), text_payload("soon gone"));
    message.expire = 10;
    world.send_message(message);
    world.settle();
    world.wait(secs(11));
    assert_eq!(removed(&world), [1]);
    let told = world.told().len();
    world.cut();
    world.connect();
    world.wait(secs(5));
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), world.told().len()), (0, told));
}

#[test]
fn what_had_expired_before_it_came_is_not_told() {
    let mut world = World::online(9, Flavour::V2);
    let stored = world.server.append(&group(), mortal(10));
    world.wait(secs(11));
    world.push(&group(), stored.seq);
    world.settle();
    assert!(world.told().is_empty());
    assert_eq!(world.page(PageQuery::newest(group())).messages, []);
}

#[test]
fn what_ends_on_the_wire_is_not_overtaken() {
    // v2 servers swap what is in flight together.
    let mut world = World::online(10, Flavour::V2);
    let mut message = NewMessage::new(group(), text_payload("soon gone"));
    message.expire = 2;
    world.send_message(message);
    let on_the_way = std::mem::take(&mut world.pending);
    let behind = world.send(&group(), "behind it");
    world.wait(secs(3));
    assert!(world.server.sent.is_empty(), "the first one has no answer");
    world.pending = on_the_way;
    world.settle();
    let sent: Vec<_> = world.server.sent.iter().map(|sent| sent.payload.clone()).collect();
    assert_eq!(sent, [text_payload("soon gone"), behind.payload]);
    assert!(world.rig.outbox().is_empty());
}

#[test]
fn a_viewed_copy_burns_where_the_first_one_turns_up() {
    let mut world = World::online(11, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), burning(10).numbered("the same"));
    }
    world.push(&group(), 3);
    world.settle();
    let row = world.rig.rows(&group())[0].client_seq;
    world.change(Change::Viewed(row));
    world.push(&group(), 2);
    world.settle();
    world.wait(secs(11));
    assert_eq!(removed(&world), [2]);
    // What is burnt stays so, whichever copy turns up.
    world.push(&group(), 1);
    world.settle();
    let is_burnt = |row: &Message| !row.is_visible() && !row.payload.windows(6).any(|word| word == b"secret");
    assert!(world.rig.rows(&group()).iter().all(is_burnt));
    assert_eq!(world.page(PageQuery::newest(group())).messages, []);
}

#[test]
fn a_first_copy_that_turns_up_ends_when_it_says() {
    let mut world = World::online(12, Flavour::V2);
    let begin = world.server.append(&group(), mortal(100).numbered("the same"));
    world.wait(secs(20));
    let copy = world.server.append(&group(), mortal(100).numbered("the same"));
    world.push(&group(), copy.seq);
    world.settle();
    assert!(world.rig.rows(&group())[0].position.seq.get() == copy.seq, "the first one is not known yet");
    world.push(&group(), begin.seq);
    world.settle();
    world.wait(secs(79));
    assert!(removed(&world).is_empty());
    world.wait(secs(2));
    assert_eq!(removed(&world), [begin.seq]);
}

#[test]
fn what_ends_on_the_wire_does_not_come_back_on_v3() {
    // v3 keeps it, and says to nobody that it has ended.
    for answer in [
        OnSend::Accept,
        OnSend::LoseAnswer,
        OnSend::Refuse(ReasonCode::NOT_IN_WHITELIST),
        OnSend::StoreAndRefuse(ReasonCode::SYSTEM_ERROR),
    ] {
        let mut world = World::online(13, Flavour::V3);
        let mut message = NewMessage::new(group(), text_payload("soon gone"));
        message.expire = 2;
        world.send_message(message);
        let on_the_way = std::mem::take(&mut world.pending);
        world.wait(secs(3));
        world.pending = on_the_way;
        world.server.on_send.push_back(answer);
        world.settle();
        let told = world.told().len();
        world.wait(secs(100));
        world.cut();
        world.connect();
        world.wait(secs(100));
        assert_eq!(world.page(PageQuery::newest(group())).messages, []);
        assert_eq!((world.server.sent.len(), world.told().len()), (1, told), "{answer:?}");
        assert!(world.rig.rows(&group()).iter().all(|row| !row.is_visible()));
        assert!(world.rig.outbox().is_empty());
    }
}
