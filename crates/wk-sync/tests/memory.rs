//! What an engine holds in memory does not grow with the length of a history.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::EngineMemory;
use wk_sync::store::model::PageQuery;

/// Pushes, sends, reads back and clears in a channel of so many messages.
fn after(messages: u64) -> EngineMemory {
    let mut world = World::online(1, Flavour::V3);
    for _ in 0..messages {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    for seq in messages / 2..=messages {
        let stored = world.server.log(&group()).messages[usize::try_from(seq - 1).unwrap()].clone();
        let frame = world.server.recv(&group(), &stored);
        world.server_writes(frame);
        if seq % 100 == 0 {
            world.deliver_at_once();
        }
    }
    world.settle();
    for number in 0..messages / 10 {
        world.send(&group(), &number.to_string());
        world.settle();
    }
    let mut page = world.page(PageQuery::newest(group()).limit(50));
    for _ in 0..messages / 50 {
        let Some(older) = page.older(&group()) else { break };
        page = world.page(older.limit(50));
    }
    world.settle();
    world.rig.engine.memory()
}

#[test]
fn the_engine_holds_as_much_after_ten_thousand_messages_as_after_a_hundred() {
    let (short, long) = (after(100), after(10_000));
    assert_eq!(short, long);
    assert_eq!((long.channels, long.ranges, long.conversations), (1, 1, 1));
    assert_eq!((long.waiting_to_be_sent, long.unanswered, long.questions), (0, 0, 0));
    assert_eq!((long.pages, long.outputs), (0, 0));
}

#[test]
fn what_waits_is_counted() {
    let mut world = World::online(2, Flavour::V3);
    for number in 0..300 {
        world.send(&group(), &number.to_string());
    }
    world.ask(PageQuery::newest(group()));
    let held = world.rig.engine.memory();
    assert_eq!((held.waiting_to_be_sent, held.unanswered), (300, 1));
    assert_eq!((held.questions, held.pages), (1, 1));
    world.settle();
    let held = world.rig.engine.memory();
    assert_eq!((held.waiting_to_be_sent, held.unanswered, held.questions, held.pages), (0, 0, 0, 0));
}
