//! What the user wrote and cleared in a channel whose log a server lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::lost_log::*;
use common::pulls::hundred;
use common::*;
use wk_sync::store::model::{Conversation, PageQuery, UnixMillis};
use wk_sync::store::{ChannelLog, Store, StoreTx};
use wk_sync::{Input, Ticket};

fn clear(world: &mut World) {
    world.act(Input::Clear { ticket: Ticket::new(1_000), channel: group(), up_to: None });
    assert_eq!((world.rig.rows(&group()).len(), world.rig.log(&group()).cleared_to), (0, seq(100)));
    world.events.clear();
}

/// The process ends, and the next one finds another store.
fn restart_with(world: &mut World, change: impl FnOnce(&mut dyn StoreTx)) {
    let mut tx = world.rig.store.begin().unwrap();
    change(&mut *tx);
    tx.commit().unwrap();
    world.restart();
    world.connect();
    world.events.clear();
}

#[test]
fn a_channel_that_was_cleared_shows_the_messages_of_a_new_log() {
    let cleared = || {
        let mut world = restarted_far_below();
        clear(&mut world);
        world
    };
    // Somebody writes, or the user himself.
    let mut world = cleared();
    say(&mut world, "new", "new 1");
    say(&mut world, "new", "new 2");
    assert_eq!(world.page(PageQuery::newest(group())).messages.len(), 2);
    let mut world = cleared();
    world.server.append(&group(), Stored::text("bob", "new").numbered("new 1"));
    world.send(&group(), "mine");
    world.settle();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), page.reached_start), (2, true));
}

#[test]
fn what_was_written_behind_the_old_log_stands_before_what_is_written_later_and_is_cleared_with_it() {
    let mut world = restarted();
    let [first, second] = ["first", "second"].map(|text| write(&mut world, text));
    say(&mut world, "new", "new 1");
    let third = write(&mut world, "third");
    let rows = world.rig.rows(&group());
    let numbers: Vec<_> = rows.iter().map(|row| row.client_msg_no.clone()).collect();
    assert_eq!(numbers, [first, second, "new 1".into(), third]);
    world.act(Input::Clear { ticket: Ticket::new(1_000), channel: group(), up_to: None });
    assert_eq!((world.rig.rows(&group()), world.rig.outbox().len()), (vec![], 0));
}

#[test]
fn what_waits_while_log_after_log_is_lost_keeps_its_order() {
    let mut world = restarted();
    let mut written = vec![write(&mut world, "first")];
    for text in ["second", "third"] {
        world.server.logs.clear();
        (0..3).for_each(|_| drop(world.server.append(&group(), Stored::text("bob", "on the way"))));
        say(&mut world, "new", text);
        written.push(write(&mut world, text));
    }
    let rows = world.rig.rows(&group());
    let local = rows.iter().filter(|row| row.position.is_local()).map(|row| row.client_msg_no.clone());
    assert_eq!(local.collect::<Vec<_>>(), written);
}

#[test]
fn what_was_written_behind_what_was_cleared_moves_to_the_new_log() {
    let mut world = hundred();
    clear(&mut world);
    lose(&mut world);
    let mine = write(&mut world, "mine");
    say(&mut world, "new", "new 1");
    let rows = world.rig.rows(&group());
    assert_eq!(shown(&rows), [(1, "new 1"), (1, mine.as_str())]);
    assert!(is_reset(&world), "what the application shows stands elsewhere now");
}

#[test]
fn what_stands_below_the_proof_of_a_new_log_was_not_cleared() {
    let mut world = restarted();
    world.act(Input::Clear { ticket: Ticket::new(1_000), channel: group(), up_to: Some(seq(5)) });
    world.cut();
    for number in 1..=8 {
        world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
    }
    world.wait(secs(2));
    // One answer, of which the sixth message meets an old one.
    let page = world.page(PageQuery::newest(group()));
    assert!(is_reset(&world));
    assert_eq!((shown(&page.messages)[0], page.messages.len()), ((1, "new 1"), 8));
}

#[test]
fn a_channel_of_which_only_the_list_was_known_is_cleared_up_to_the_time_that_it_told() {
    let mut world = World::online(8, Flavour::V2);
    let timestamp = UnixMillis::new(world.rig.unix_ms());
    restart_with(&mut world, |tx| {
        let conversation = Conversation { last_seq: seq(100), timestamp, ..Conversation::new(group()) };
        tx.put_conversation(&conversation).unwrap();
        tx.set_channel_log(&group(), &ChannelLog { tail: seq(100), ..ChannelLog::default() }).unwrap();
    });
    clear(&mut world);
    lose(&mut world);
    say(&mut world, "new", "new 1");
    assert_eq!(shown(&world.page(PageQuery::newest(group())).messages), [(1, "new 1")]);
}

#[test]
fn where_no_time_of_what_was_cleared_is_known_a_repetition_is_no_new_log() {
    let mut world = hundred();
    clear(&mut world);
    // Earlier versions did not keep it.
    restart_with(&mut world, |tx| {
        let log = tx.channel_log(&group()).unwrap();
        tx.set_channel_log(&group(), &ChannelLog { cleared_at: UnixMillis::new(0), ..log }).unwrap();
    });
    world.push(&group(), 99);
    world.settle();
    assert!(!is_reset(&world));
    assert_eq!((world.rig.rows(&group()), world.rig.log(&group()).cleared_to), (vec![], seq(100)));
}
