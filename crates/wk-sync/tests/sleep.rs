//! A device that slept while its connection stayed open: v3 servers push nothing to who sent no PING for 90 seconds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::MessageSeq;
use wk_sync::{ConnectionState, Input};

#[test]
fn after_a_long_sleep_the_account_comes_back_in_a_new_session_and_asks_for_what_was_not_pushed() {
    let mut world = World::online(1, Flavour::V3);
    world.server.append(&group(), Stored::text("bob", "pushed"));
    world.push(&group(), 1);
    // The server takes it for absent, and pushes no more.
    world.server.append(&group(), Stored::text("bob", "not pushed"));
    world.rig.now = world.rig.now + secs(120);
    // What had come before is read when it wakes, so the connection does not look silent.
    world.deliver_at_once();
    world.act(Input::Timeout);
    assert!(matches!(world.state(), Some(ConnectionState::Waiting { .. })), "{:?}", world.state());
    world.wait(secs(30));
    assert!(matches!(world.state(), Some(ConnectionState::Online { .. })), "{:?}", world.state());
    assert_eq!(world.server.syncs.len(), 2);
    assert_eq!(world.rig.log(&group()).tail, MessageSeq::new(2));
}

#[test]
fn waking_it_asks_no_connection_that_the_server_forgot() {
    let mut world = World::online(1, Flavour::V3);
    world.server.append(&group(), Stored::text("bob", "pushed"));
    world.push(&group(), 1);
    world.server.append(&group(), Stored::text("bob", "not pushed"));
    world.rig.now = world.rig.now + secs(120);
    world.deliver_at_once();
    // The PING of the wake would hide that one was due.
    world.act_all([Input::Wake, Input::Timeout]);
    world.wait(secs(30));
    assert_eq!(world.server.syncs.len(), 2);
    assert_eq!(world.rig.log(&group()).tail, MessageSeq::new(2));
}

#[test]
fn a_short_sleep_keeps_the_session() {
    let mut world = World::online(1, Flavour::V3);
    world.server.append(&group(), Stored::text("bob", "pushed"));
    world.push(&group(), 1);
    world.rig.now = world.rig.now + secs(75);
    world.deliver_at_once();
    world.act(Input::Timeout);
    assert!(matches!(world.state(), Some(ConnectionState::Online { .. })), "{:?}", world.state());
    assert_eq!(world.server.syncs.len(), 1);
}
