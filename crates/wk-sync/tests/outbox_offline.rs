//! What waited through any number of connections without going out is no repetition when it does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::Flags;

#[test]
fn a_message_that_was_never_on_the_wire_is_neither_asked_for_nor_marked() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(1, flavour);
        world.cut();
        world.send(&group(), "first");
        world.send(&group(), "second");
        for _ in 0..3 {
            world.restart();
            world.reachable = false;
            world.act(wk_sync::Input::Connect);
            world.wait(secs(60));
            world.reachable = true;
        }
        world.wait(secs(120));
        assert_eq!(world.server.finds, [], "{flavour:?}");
        assert_eq!(world.server.sent.len(), 2, "{flavour:?}");
        assert!(world.server.sent.iter().all(|sent| !sent.flags.contains(Flags::DUP)), "{flavour:?}");
    }
}

#[test]
fn what_waits_behind_another_on_a_connection_that_ends_is_no_repetition() {
    let mut world = World::online(1, Flavour::V2);
    world.server.on_send.push_back(OnSend::Lose);
    world.send(&group(), "first");
    world.send(&group(), "second");
    world.settle();
    world.cut();
    world.wait(secs(120));
    let sent: Vec<_> = world.server.sent.iter().map(|sent| sent.flags.contains(Flags::DUP)).collect();
    assert_eq!(sent, [false, true, false], "the first, the first again, the second");
    assert_eq!(world.server.finds.len(), 1, "only the first may be there already");
}
