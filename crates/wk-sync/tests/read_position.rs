//! How far a user has read: told to the server when it can be told, and never believed beyond the log.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::{ChannelId, Conversation};
use wk_sync::{Answer, Event, Input, SourceError};

fn channel(number: usize) -> ChannelId {
    ChannelId::group(format!("g{number}"))
}

fn conversation(world: &World) -> Conversation {
    world.rig.conversation(&group()).unwrap()
}

/// Online with five messages by bob.
fn five(seed: u64) -> World {
    let mut world = World::new(seed, Flavour::V2);
    for _ in 0..5 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect();
    world
}

#[test]
fn reading_is_told_to_the_server() {
    let mut world = five(9);
    assert_eq!(conversation(&world).unread(), 5);
    world.events.clear();
    world.mark_read(&group(), 3);
    assert_eq!((conversation(&world).unread(), conversation(&world).read_unsent, world.done), (3, true, 1));
    assert!(world.events.contains(&Event::Conversations(vec![group()])));
    world.settle();
    assert_eq!((world.server.unreads.len(), world.server.unreads[0].unread), (1, 3));
    assert_eq!((world.server.log(&group()).read_to, conversation(&world).read_unsent), (2, false));
    // Never more unread, and nothing to tell then.
    world.mark_read(&group(), 4);
    world.mark_read(&group(), 3);
    world.settle();
    assert_eq!((conversation(&world).unread(), world.server.unreads.len(), world.done), (3, 1, 3));
    world.mark_read(&channel(1), 0);
    assert_eq!(world.refused.len(), 1, "no such conversation");
}

#[test]
fn reading_while_offline_survives_a_restart() {
    let mut world = five(10);
    world.cut();
    world.mark_read(&group(), 1);
    world.settle();
    assert!(world.server.unreads.is_empty());
    world.restart();
    assert!(conversation(&world).read_unsent);
    // Two more have come when the server can be told.
    for _ in 0..2 {
        world.server.append(&group(), Stored::text("bob", "new"));
    }
    world.connect();
    world.wait(secs(1));
    assert_eq!(world.server.log(&group()).read_to, 4);
    assert_eq!((conversation(&world).unread(), conversation(&world).read_unsent), (3, false));
}

#[test]
fn what_was_read_while_the_server_was_being_told_is_told_next() {
    let mut world = five(11);
    world.mark_read(&group(), 4);
    world.mark_read(&group(), 2);
    world.mark_read(&group(), 0);
    assert_eq!(world.open.len(), 1, "one at a time");
    world.settle();
    assert_eq!(world.server.unreads.iter().map(|request| request.unread).collect::<Vec<_>>(), [4, 0]);
    assert!(!conversation(&world).read_unsent);
}

#[test]
fn a_server_that_could_not_be_told_is_told_in_the_next_session() {
    let mut world = five(12);
    world.server.failures.push_back(SourceError::TimedOut);
    world.mark_read(&group(), 0);
    world.settle();
    assert!(conversation(&world).read_unsent);
    world.cut();
    world.wait(secs(2));
    assert_eq!(world.server.log(&group()).read_to, 5);
    // The same where the failure of the old session's attempt comes in the new one.
    let mut world = five(13);
    world.mark_read(&group(), 0);
    let attempt = world.first(|pending| matches!(pending, Pending::Question(..)));
    let Pending::Question(job, _) = world.pending.remove(attempt) else { panic!() };
    world.cut();
    world.wait(secs(2));
    assert!(world.server.unreads.is_empty());
    world.act(Input::Answer { job, answer: Answer::UnreadSet(Err(SourceError::TimedOut)) });
    world.settle();
    assert_eq!(world.server.log(&group()).read_to, 5);
    // A refusal will not change.
    let mut world = five(14);
    let refused = SourceError::Refused { status: 400, message: String::new() };
    world.server.failures.push_back(refused);
    world.mark_read(&group(), 0);
    world.settle();
    assert!(!conversation(&world).read_unsent);
}

#[test]
fn a_person_whom_the_server_does_not_know_yet_is_told_of_later() {
    let bob = ChannelId::person("bob");
    let mut world = World::new(13, Flavour::V3);
    world.server.listing.offered = true;
    world.connect();
    let stored = world.server.append(&bob, Stored::text("bob", "x"));
    world.push(&bob, stored.seq);
    world.settle();
    let refused = SourceError::Refused { status: 400, message: "db: not found".to_owned() };
    world.server.failures.push_back(refused);
    world.mark_read(&bob, 0);
    world.settle();
    assert!(world.rig.conversation(&bob).unwrap().read_unsent);
    // With the second look at the list.
    world.wait(secs(2));
    assert_eq!(
        (world.server.log(&bob).read_to, world.rig.conversation(&bob).unwrap().read_unsent),
        (1, false)
    );
}

#[test]
fn an_own_message_reads_what_came_before_it() {
    let mut world = five(15);
    world.send(&group(), "an answer");
    assert_eq!(conversation(&world).unread(), 5);
    world.settle();
    assert_eq!((conversation(&world).last_seq, conversation(&world).unread()), (seq(6), 0));
    let last = conversation(&world).last_message.unwrap();
    assert_eq!(last.payload, wk_sync::store::model::text_payload("an answer"));
}

#[test]
fn a_group_joined_while_online_does_not_count_its_history_as_unread() {
    let mut world = World::online(16, Flavour::V2);
    let joined = channel(0);
    let id = world.server.mint();
    let old = Stored { seq: 100_000, id, ..Stored::text("bob", "before the user joined") };
    world.server.log(&joined).messages.push(old);
    for unread in 1..=3 {
        let stored = world.server.append(&joined, Stored::text("bob", "welcome"));
        world.push(&joined, stored.seq);
        world.settle();
        assert_eq!(world.rig.conversation(&joined).unwrap().unread(), unread);
    }
    // What comes before the sync is done says nothing: the sync knows how far the user has read.
    let mut world = World::new(17, Flavour::V2);
    for _ in 0..6 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.server.log(&group()).read_to = 2;
    world.connect_before_sync();
    world.push(&group(), 6);
    let push = world.first(|pending| matches!(pending, Pending::ToClient(..)));
    world.deliver(push);
    assert_eq!(conversation(&world).last_seq, seq(6));
    world.settle();
    assert_eq!(conversation(&world).unread(), 4);
}

#[test]
fn a_read_position_beyond_the_log_is_not_believed() {
    let mut world = World::new(18, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "x"));
    world.server.log(&group()).read_to = u64::from(u32::MAX);
    world.connect();
    assert_eq!(conversation(&world).unread(), 0);
    world.server.append(&group(), Stored::text("bob", "y"));
    world.push(&group(), 2);
    world.settle();
    assert_eq!(conversation(&world).unread(), 1);
}
