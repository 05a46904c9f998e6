//! The list of conversations page by page, as v3 servers give it: complete, and never moving backwards.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::{ChannelId, Cursor, Direction, PageQuery};
use wk_sync::{Event, SourceError};

fn channel(number: usize) -> ChannelId {
    ChannelId::group(format!("g{number:03}"))
}

/// A v3 server with so many conversations, each with thirty messages of bob.
fn server(seed: u64, conversations: usize) -> World {
    let mut world = World::new(seed, Flavour::V3);
    world.server.listing.offered = true;
    for number in 0..conversations {
        for _ in 0..30 {
            world.server.append(&channel(number), Stored::text("bob", "x"));
        }
    }
    world
}

fn synced(world: &World) -> Vec<(usize, usize)> {
    let synced = world.events.iter().filter_map(|event| match event {
        Event::Synced { conversations, messages } => Some((*conversations, *messages)),
        _ => None,
    });
    synced.collect()
}

fn rows(world: &World, number: usize) -> usize {
    world.rig.rows(&channel(number)).len()
}

fn unread(world: &World, number: usize) -> u64 {
    world.rig.conversation(&channel(number)).unwrap().unread()
}

fn listed(world: &World) -> usize {
    world.rig.reader().conversations().unwrap().len()
}

#[test]
fn a_connect_brings_the_list_and_the_newest_messages() {
    let mut world = server(1, 45);
    world.server.log(&channel(3)).read_to = 28;
    world.connect();
    assert_eq!(synced(&world), [(45, 900)]);
    assert_eq!((world.server.listing.lists.len(), world.server.syncs.len()), (1, 0));
    let sizes: Vec<usize> = world.server.listing.batches.iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 20, 5]);
    assert_eq!((listed(&world), rows(&world, 7), unread(&world, 3), unread(&world, 4)), (45, 20, 2, 30));
    // The heads are known: the newest page asks nothing.
    let page = world.page(PageQuery::newest(channel(7)));
    assert_eq!((page.messages.len(), page.pulls), (20, 0));
}

#[test]
fn a_reconnect_transfers_only_the_news() {
    let mut world = server(2, 10);
    world.connect();
    world.cut();
    world.wait(secs(2));
    assert_eq!(synced(&world), [(10, 200), (0, 0)]);
    let batches = world.server.listing.batches.len();
    world.cut();
    // One message comes with the list, a few are pulled, of many only the newest.
    for (number, count) in [(1, 1), (2, 5), (3, 50)] {
        for _ in 0..count {
            world.server.append(&channel(number), Stored::text("bob", "new"));
        }
    }
    world.wait(secs(2));
    assert_eq!(synced(&world)[2], (3, 26));
    let asked: Vec<_> = world.server.listing.batches[batches..].concat();
    let asked: Vec<_> = asked.iter().map(|pull| (pull.start.get(), pull.direction)).collect();
    assert_eq!(asked, [(31, Direction::Newer), (0, Direction::Older)]);
    assert_eq!((rows(&world, 1), rows(&world, 2), rows(&world, 3)), (21, 25, 40));
    // What lies between is not taken for known.
    let older = world.page(PageQuery::older_than(channel(3), at(61, 0)));
    assert_eq!((older.messages.len(), older.pulls), (20, 1));
    // The list says from when it is, and what was said last time.
    assert_eq!(world.server.listing.lists[0].coverage, 0);
    assert!(
        world.server.listing.lists[1].coverage > 0
            && world.server.listing.lists[2].coverage > world.server.listing.lists[1].coverage
    );
}

#[test]
fn only_the_word_that_it_is_done_ends_a_list() {
    let mut world = server(3, 25);
    (world.server.listing.page, world.server.listing.empty_pages) = (4, 3);
    world.connect();
    assert_eq!((world.server.listing.lists.len(), synced(&world)), (10, vec![(25, 500)]));
    let cursors: Vec<_> = world.server.listing.lists.iter().map(|request| request.cursor.as_str()).collect();
    assert_eq!(&cursors[..3], ["", "4", "8"]);
}

#[test]
fn a_page_that_leads_nowhere_is_asked_without_hurry() {
    let mut world = server(4, 5);
    world.server.listing.stuck = true;
    world.connect();
    world.wait(secs(100));
    assert!((6..=8).contains(&world.server.listing.lists.len()), "{}", world.server.listing.lists.len());
    assert!(synced(&world).is_empty());
    world.server.listing.stuck = false;
    world.wait(secs(60));
    assert_eq!((synced(&world).len(), listed(&world)), (1, 5));
}

#[test]
fn a_failure_goes_on_where_it_was() {
    let mut world = server(5, 30);
    world.server.listing.page = 10;
    let down = || SourceError::Unreachable("down".into());
    let fine = |world: &mut World| world.server.failures.clear();
    world.connect();
    fine(&mut world);
    world.cut();
    (0..30).for_each(|number| drop(world.server.append(&channel(number), Stored::text("bob", "a"))));
    (0..30).for_each(|number| drop(world.server.append(&channel(number), Stored::text("bob", "b"))));
    world.server.listing.lists.clear();
    world.server.broken = true;
    world.wait(secs(10));
    let tries = world.server.listing.lists.len();
    assert!((3..=4).contains(&tries), "{tries}");
    world.server.broken = false;
    world.server.failures.push_back(down());
    world.wait(secs(60));
    assert_eq!(synced(&world).last(), Some(&(30, 60)));
}

/// The list has raised nothing that the next one needs to find the news again.
#[test]
fn a_list_that_broke_off_loses_no_message() {
    for steps in 0..12 {
        let mut world = server(6, 30);
        world.act(wk_sync::Input::Connect);
        world.settle();
        world.rig.sleep(world.rig.config.settle_time);
        world.act(wk_sync::Input::Timeout);
        for _ in 0..steps {
            if !world.pending.is_empty() {
                world.deliver(0);
            }
        }
        world.restart();
        world.connect();
        let told: usize = (0..30).map(|number| rows(&world, number)).sum();
        assert_eq!((told, listed(&world)), (600, 30), "{steps} steps");
        let newest = (0..30).all(|number| {
            world.rig.conversation(&channel(number)).unwrap().last_message.unwrap().message_seq().get() == 30
        });
        assert!(newest, "{steps} steps");
    }
}

#[test]
fn one_refused_channel_takes_no_other_with_it() {
    let mut world = server(7, 25);
    world.server.listing.refused.insert(channel(3));
    world.connect();
    assert_eq!(world.server.listing.batches.iter().map(Vec::len).max(), Some(20));
    assert_eq!((rows(&world, 2), rows(&world, 3), rows(&world, 4), rows(&world, 24)), (20, 1, 20, 20));
    assert_eq!(synced(&world).len(), 1);
    // A page of it has the one message that the list brought, and asks for the others.
    world.server.listing.refused.clear();
    let page = world.page(PageQuery::newest(channel(3)));
    assert_eq!((page.messages.len(), page.pulls), (20, 1));
}

#[test]
fn what_cannot_be_told_now_is_asked_again() {
    let mut world = server(8, 5);
    world.server.listing.unresolved.insert(channel(2));
    world.connect();
    assert_eq!((listed(&world), synced(&world)), (4, vec![(4, 80)]));
    world.wait(secs(20));
    let tries = world.server.listing.retries.len();
    assert!((2..=4).contains(&tries), "{tries}");
    assert!(world.server.listing.retries.iter().all(|retry| retry.channels == [channel(2)]));
    world.server.listing.unresolved.clear();
    world.wait(secs(60));
    assert_eq!((listed(&world), rows(&world, 2)), (5, 20));
    assert_eq!(synced(&world).len(), 1, "the list itself was done long ago");
    let tries = world.server.listing.retries.len();
    world.wait(secs(1000));
    assert_eq!(world.server.listing.retries.len(), tries, "and nothing is asked any more");
}

#[test]
fn deletes_hide_what_is_listed_and_remove_nothing() {
    let mut world = server(9, 3);
    world.connect();
    world.cut();
    world.server.listing.deletes = vec![channel(1), channel(77)];
    world.wait(secs(2));
    // The model server lists it all the same, with nothing new.
    assert_eq!((listed(&world), rows(&world, 1)), (2, 20));
    let page = world.page(PageQuery::newest(channel(1)));
    assert_eq!((page.messages.len(), page.pulls), (20, 0));
    world.server.listing.deletes.clear();
    let stored = world.server.append(&channel(1), Stored::text("bob", "new"));
    world.push(&channel(1), stored.seq);
    world.settle();
    assert_eq!((listed(&world), unread(&world, 1)), (3, 1));
}

#[test]
fn absence_from_the_list_is_nothing() {
    let mut world = server(10, 3);
    world.connect();
    world.cut();
    let lost = world.server.logs.remove(&channel(1)).unwrap();
    world.server.listing.reset_required = true;
    world.wait(secs(2));
    assert_eq!((listed(&world), rows(&world, 1), unread(&world, 1)), (3, 20, 30));
    world.server.logs.insert(channel(1), lost);
}

#[test]
fn a_channel_that_the_list_was_too_early_for_is_heard_of_all_the_same() {
    let mut world = server(12, 3);
    let new = world.server.logs.remove(&channel(1)).unwrap();
    world.connect();
    // Its first message was stored a moment before the connect and pushed to nobody.
    world.server.logs.insert(channel(1), new);
    world.wait(secs(2));
    assert_eq!((listed(&world), rows(&world, 1), unread(&world, 1)), (3, 20, 30));
    world.wait(secs(60));
    assert_eq!((synced(&world), world.server.listing.lists.len()), (vec![(2, 40)], 2));
}

#[test]
fn a_message_that_came_since_the_list_began_is_not_deleted_with_it() {
    let mut world = server(11, 3);
    world.connect();
    world.cut();
    world.server.listing.deletes = vec![channel(1)];
    world.rig.sleep(secs(30));
    world.act(wk_sync::Input::Timeout);
    world.settle_until_asked();
    let stored = world.server.append(&channel(1), Stored::text("bob", "new"));
    world.push(&channel(1), stored.seq);
    let recv = world.pending.len() - 1;
    world.deliver(recv);
    world.settle();
    assert_eq!(listed(&world), 3);
}

#[test]
fn older_words_move_nothing_backwards() {
    let mut world = server(12, 2);
    world.server.log(&channel(0)).read_to = 10;
    world.connect();
    assert_eq!(unread(&world, 0), 20);
    world.mark_read(&channel(0), 3);
    world.settle();
    // The server forgets what it was told.
    world.server.log(&channel(0)).read_to = 0;
    world.cut();
    world.wait(secs(2));
    assert_eq!(unread(&world, 0), 3);
    // Who rejoins cannot see what was before; what is stored here stays (docs/servers.md T70).
    world.server.log(&channel(0)).floor = 30;
    world.server.append(&channel(0), Stored::text("bob", "after"));
    world.cut();
    world.wait(secs(2));
    assert_eq!((unread(&world, 0), rows(&world, 0)), (1, 21));
}

#[test]
fn a_source_without_pages_is_asked_at_once_from_then_on() {
    let mut world = server(13, 3);
    world.server.listing.offered = false;
    world.connect();
    assert_eq!((world.server.listing.lists.len(), world.server.syncs.len(), synced(&world).len()), (1, 1, 1));
    world.cut();
    world.wait(secs(2));
    assert_eq!((world.server.listing.lists.len(), world.server.syncs.len(), synced(&world).len()), (1, 2, 2));
    assert_eq!(world.rig.reader().cursor(&Cursor::Conversations).unwrap().get(), 0);
}
