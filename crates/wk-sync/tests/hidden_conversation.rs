//! Conversations that the user deleted: out of the list, until something newer comes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::PageQuery;
use wk_sync::{Change, Report};

fn listed(world: &World) -> usize {
    world.rig.reader().conversations().unwrap().len()
}

/// A group with thirty messages, of which the newest twenty are known.
fn thirty(seed: u64) -> World {
    let mut world = World::new(seed, Flavour::V2);
    for _ in 0..30 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect();
    world
}

fn delete(world: &mut World) {
    world.change(Change::DeleteConversation(group()));
    assert_eq!(listed(world), 0);
}

#[test]
fn its_messages_stay_and_older_ones_do_not_bring_it_back() {
    let mut world = thirty(1);
    delete(&mut world);
    let page = world.page(PageQuery::newest(group()));
    let older = world.page(page.older(&group()).unwrap());
    assert_eq!((page.messages.len(), older.messages.len(), listed(&world)), (20, 10, 0));
    // A late copy of what it had.
    world.push(&group(), 7);
    world.settle();
    world.restart();
    world.connect();
    assert_eq!(listed(&world), 0);
}

#[test]
fn something_newer_brings_it_back_with_only_that_unread() {
    let mut world = thirty(2);
    delete(&mut world);
    for _ in 0..2 {
        let stored = world.server.append(&group(), Stored::text("bob", "new"));
        world.push(&group(), stored.seq);
    }
    world.settle();
    let conversations = world.rig.reader().conversations().unwrap();
    assert_eq!((conversations.len(), conversations[0].unread()), (1, 2));
}

#[test]
fn something_newer_that_came_while_offline_brings_it_back() {
    let mut world = thirty(3);
    delete(&mut world);
    world.cut();
    world.server.append(&group(), Stored::text("bob", "new"));
    world.wait(secs(5));
    assert_eq!(listed(&world), 1);
}

#[test]
fn writing_there_brings_it_back() {
    let mut world = thirty(4);
    delete(&mut world);
    world.send(&group(), "mine");
    assert_eq!(listed(&world), 1, "before the server has it");
}

#[test]
fn the_server_is_told_unless_it_would_hide_what_came_since() {
    let mut world = thirty(5);
    delete(&mut world);
    assert_eq!(world.server.reports, [Report::DeleteConversation { channel: group(), up_to: seq(30) }]);
    // Offline, and something comes before the server can be told.
    let mut world = thirty(6);
    world.cut();
    delete(&mut world);
    world.server.append(&group(), Stored::text("bob", "new"));
    world.wait(secs(5));
    assert_eq!((listed(&world), world.server.reports.len()), (1, 0));
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}
