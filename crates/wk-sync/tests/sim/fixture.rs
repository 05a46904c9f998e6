//! Ten conversations of 100,000 messages: what a connect transfers, and what a page does.

use std::time::Duration;

use wk_sync::Input;
use wk_sync::store::model::{ChannelId, Page, PageQuery};

use crate::common::Flavour;
use crate::finale::looks;
use crate::letters::OLD;
use crate::server::Log;
use crate::story::Story;
use crate::weather::{Plan, Weather, Whims};
use crate::world::World;

const CHANNELS: u64 = 10;
const MESSAGES: u64 = 100_000;

fn channel(number: u64) -> ChannelId {
    ChannelId::group(format!("{OLD}{number}"))
}

/// Alice, with one device that was never connected before.
fn world(flavour: Flavour) -> World {
    let plan = Plan {
        flavour,
        encrypted: true,
        latency: 1..=50,
        weather: Weather::default(),
        lasts: Duration::ZERO,
        pace: 1000,
        wipes: false,
        whims: Whims::default(),
        devices: vec![1, 0, 0],
    };
    let mut world = World::new(7, plan, Story::default());
    for number in 0..CHANNELS {
        world.server.logs.insert(channel(number), Log::with_history(MESSAGES, number as i64));
    }
    world.server.list_page = 100;
    world.input(0, Input::Connect);
    world.settle();
    // The second look at v3's list.
    world.wait(Duration::from_secs(3));
    world.settle();
    world
}

fn rows(world: &World) -> usize {
    (0..CHANNELS).map(|number| world.devices[0].rig.rows(&channel(number)).len()).sum()
}

fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|message| message.position.seq.get()).collect()
}

fn both(test: impl Fn(World, usize)) {
    test(world(Flavour::V2), 1);
    // The list of v3 has no messages: those of all conversations with news are pulled at once.
    test(world(Flavour::V3), looks(Flavour::V3) + 1);
}

#[test]
fn a_fresh_device_gets_two_hundred_of_a_million_messages_with_one_request() {
    both(|world, first| {
        let device = &world.devices[0];
        assert_eq!((device.questions, device.syncs, device.synced), (first, looks(world.plan.flavour), 200));
        assert_eq!(rows(&world), 200);
    });
}

#[test]
fn a_page_costs_at_most_one_pull() {
    both(|mut world, _| {
        let mut query = PageQuery::newest(channel(3));
        let mut expected = MESSAGES;
        for page in 0..50 {
            let before = world.devices[0].questions;
            let read = world.read(0, query.clone());
            let (low, cost) = (expected - 19, world.devices[0].questions - before);
            assert_eq!(seqs(&read), (low..=expected).collect::<Vec<_>>());
            assert_eq!(cost, usize::from(page > 0), "page {page}: the first came with the sync");
            expected = low - 1;
            query = read.older(&channel(3)).unwrap();
        }
        assert_eq!(rows(&world), 200 + 49 * 20);
    });
}

#[test]
fn a_reconnect_without_news_costs_one_request_and_no_message() {
    both(|mut world, first| {
        world.reconnect();
        let (device, looks) = (&world.devices[0], looks(world.plan.flavour));
        assert_eq!((device.questions, device.syncs, device.synced), (first + looks, 2 * looks, 200));
        // A sync at once leaves out what has no news: a channel that is opened then is asked for once. A list has all.
        let asked = u32::from(world.plan.flavour == Flavour::V2);
        let page = world.read(0, PageQuery::newest(channel(0)));
        // The newest message is asked for once more, to see that it is still there.
        assert_eq!((page.messages.len(), page.pulls, page.pulled), (20, asked, asked));
        world.read(0, PageQuery::newest(channel(0)));
        assert_eq!(world.devices[0].questions, first + looks + asked as usize);
    });
}
