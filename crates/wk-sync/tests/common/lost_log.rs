//! Servers that lost the log of a channel, and what the tests do to them then.

use wk_sync::Event;
use wk_sync::store::model::{ClientMsgNo, Message, PageQuery};

use super::{Flavour, OnSend, Stored, World, group, secs};

/// Online, with messages 1 to 10 known and the channel read; then the server's log starts again.
pub fn restarted() -> World {
    let mut world = World::online(1, Flavour::V2);
    for number in 1..=10 {
        world.server.append(&group(), Stored::text("bob", "old").numbered(&format!("old {number}")));
        world.push(&group(), number);
    }
    world.settle();
    world.mark_read(&group(), 0);
    assert!(world.page(PageQuery::newest(group())).reached_end);
    world.server.logs.clear();
    world.events.clear();
    world
}

pub fn say(world: &mut World, text: &str, number: &str) {
    let stored = world.server.append(&group(), Stored::text("bob", text).numbered(number));
    world.push(&group(), stored.seq);
    world.settle();
}

/// What does not get through.
pub fn write(world: &mut World, text: &str) -> ClientMsgNo {
    world.server.on_send.push_back(OnSend::Lose);
    world.send(&group(), text).client_msg_no
}

pub fn shown(rows: &[Message]) -> Vec<(u64, &str)> {
    rows.iter().map(|row| (row.position.seq.get(), row.client_msg_no.as_str())).collect()
}

/// Only the newest messages of the old log are known, so that those of the new one meet none of them.
pub fn restarted_far_below() -> World {
    restarted_far_below_on(Flavour::V2)
}

pub fn restarted_far_below_on(flavour: Flavour) -> World {
    let mut world = World::new(3, flavour);
    for number in 1..=100 {
        world.server.append(&group(), Stored::text("bob", "old").numbered(&format!("old {number}")));
    }
    world.connect();
    assert_eq!(world.rig.rows(&group()).len(), 20);
    lose(&mut world);
    world
}

/// A minute later the server loses its log.
pub fn lose(world: &mut World) {
    world.wait(std::time::Duration::from_secs(60));
    world.server.logs.clear();
    world.events.clear();
}

pub fn is_reset(world: &World) -> bool {
    world.events.contains(&Event::ChannelReset(group()))
}
