//! The list of conversations: one sync after a connect, whatever the history, and numbers that never move backwards.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use proptest::prelude::*;
use wk_sync::store::model::{ChannelId, ChannelType, Conversation, PageQuery, UnixMillis};
use wk_sync::{Answer, Event, Input, SourceError, SyncedConversation};

fn channel(number: usize) -> ChannelId {
    ChannelId::group(format!("g{number}"))
}

/// A server with ten conversations of 100,000 messages, of which it can show the newest hundred.
fn big_server(seed: u64, flavour: Flavour) -> World {
    let mut world = World::new(seed, flavour);
    for number in 0..10 {
        let id = world.server.mint();
        let first = Stored { seq: 99_900, id, ..Stored::text("bob", "old") };
        world.server.log(&channel(number)).messages.push(first);
        for _ in 0..100 {
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

#[test]
fn a_connect_transfers_the_newest_messages_and_not_the_history() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = big_server(1, flavour);
        world.connect();
        assert_eq!(synced(&world), [(10, 200)]);
        assert_eq!((world.server.syncs.len(), world.server.pulls.len()), (1, 0));
        let rows: usize = (0..10).map(|number| world.rig.rows(&channel(number)).len()).sum();
        assert_eq!((rows, world.told().len()), (200, 200));
        let told = world.events.iter().filter(|event| matches!(event, Event::Messages { .. })).count();
        assert_eq!(told, 1, "in one event");
        // Opening one conversation pulls its pages and nothing else.
        let newest = world.page(PageQuery::newest(channel(3)));
        assert_eq!((newest.messages.len(), newest.pulls, world.server.pulls.len()), (20, 0, 0));
        let older = world.page(newest.older(&channel(3)).unwrap());
        assert_eq!((older.messages.len(), older.pulls, older.pulled), (20, 1, 20));
        let rows: usize = (0..10).map(|number| world.rig.rows(&channel(number)).len()).sum();
        assert_eq!(rows, 220);
    }
}

#[test]
fn a_reconnect_transfers_only_the_news() {
    let mut world = big_server(2, Flavour::V2);
    world.connect();
    world.cut();
    world.wait(secs(2));
    assert_eq!(synced(&world), [(10, 200), (0, 0)]);
    assert_eq!((world.server.syncs.len(), world.server.pulls.len()), (2, 0));
    world.cut();
    for number in [4, 7] {
        for _ in 0..=number {
            world.server.append(&channel(number), Stored::text("bob", "new"));
        }
    }
    world.wait(secs(2));
    assert_eq!(synced(&world)[2], (2, 13));
    // The same after a restart: what is known is in the store.
    world.restart();
    world.connect();
    assert_eq!(synced(&world)[3], (0, 0));
    let tails = &world.server.syncs[3].tails;
    assert_eq!(tails.len(), 10);
    assert!(tails.contains(&(channel(7), seq(100_008))));
}

#[test]
fn a_failed_sync_is_tried_again_and_holds_nothing_up() {
    let mut world = big_server(3, Flavour::V2);
    world.server.broken = true;
    world.connect();
    let mut waits = Vec::new();
    let mut before = world.rig.now;
    while waits.len() < 9 {
        let asked = world.server.syncs.len();
        world.wait(secs(1));
        if world.server.syncs.len() > asked {
            waits.push((world.rig.now - before).as_secs());
            before = world.rig.now;
        }
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(world.server.connects.len(), 1);
    // Meanwhile messages come and go.
    let stored = world.server.append(&channel(0), Stored::text("bob", "live"));
    world.push(&channel(0), stored.seq);
    world.send(&channel(1), "mine");
    world.settle();
    assert_eq!((world.told().len(), world.server.sent.len()), (1, 1));
    assert!(synced(&world).is_empty());
    world.server.broken = false;
    world.wait(secs(60));
    assert_eq!(synced(&world).len(), 1);
    // The next session asks at once, and its waits begin anew; without one nothing waits.
    world.server.broken = true;
    world.cut();
    world.wait(secs(40));
    world.act(Input::Disconnect);
    assert_eq!(world.rig.engine.poll_timeout(), None);
    let asked = world.server.syncs.len();
    world.connect();
    assert_eq!(world.server.syncs.len(), asked + 1);
    world.wait(secs(1));
    assert_eq!(world.server.syncs.len(), asked + 2);
}

#[test]
fn a_source_without_a_sync_is_not_asked_again() {
    let mut world = World::new(4, Flavour::V2);
    world.server.failures.push_back(SourceError::NotSupported);
    world.connect();
    world.wait(secs(3600));
    assert_eq!(world.server.syncs.len(), 1);
    world.send(&group(), "works all the same");
    world.settle();
    assert_eq!(world.server.sent.len(), 1);
}

#[test]
fn a_sync_that_is_never_answered_is_given_up_and_asked_again() {
    let mut world = World::new(5, Flavour::V2);
    let job = world.connect_before_sync();
    world.pending.clear();
    world.wait(secs(17));
    assert_eq!(world.server.syncs.len(), 1, "asked again after 15 s and one more");
    assert_eq!(synced(&world).len(), 1);
    // Its answer comes at last, and nobody wants it.
    world.act(Input::Answer { job, answer: Answer::Synced(Ok(vec![one(9, 9)])) });
    assert!(world.rig.conversation(&group()).is_none());
}

fn one(last_seq: u64, read_to: u64) -> SyncedConversation {
    SyncedConversation {
        channel: group(),
        last_seq: seq(last_seq),
        read_to: seq(read_to),
        timestamp: UnixMillis::new(0),
        recents: Vec::new(),
    }
}

#[test]
fn the_answer_of_an_older_session_says_nothing_of_the_heads_now() {
    let mut world = World::new(6, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect_before_sync();
    world.deliver(0);
    let answer = world.pending.remove(0);
    world.cut();
    world.server.append(&group(), Stored::text("bob", "missed"));
    world.server.failures.push_back(SourceError::TimedOut);
    world.connect();
    world.pending.push(answer);
    world.settle();
    assert_eq!(world.rig.log(&group()).tail, seq(3), "what it says of the past is true");
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), page.reached_end), (4, true));
}

#[test]
fn a_live_room_and_a_command_log_have_no_conversation() {
    let mut world = World::online(7, Flavour::V2);
    let room = ChannelId::new("room", ChannelType::LIVE);
    world.server.append(&room, Stored::text("bob", "x"));
    world.push(&room, 1);
    world.send(&room, "mine");
    world.settle();
    assert_eq!(world.rig.rows(&room).len(), 2);
    assert!(world.rig.conversation(&room).is_none());
    assert!(!world.events.iter().any(|event| matches!(event, Event::Conversations(_))));
    // v3 lists a peer's command log as if it were a conversation.
    world.cut();
    let commands = ChannelId::person("bob____cmd");
    let job = world.connect_before_sync();
    let answer = Ok(vec![SyncedConversation { channel: commands.clone(), ..one(5, 0) }]);
    world.act(Input::Answer { job, answer: Answer::Synced(answer) });
    assert!(world.rig.conversation(&commands).is_none());
    assert!(world.rig.reader().tails().unwrap().iter().all(|(channel, _)| !channel.is_command()));
}

#[test]
fn an_old_page_opens_no_conversation() {
    let mut world = World::online(8, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "x"));
    world.page(PageQuery::newest(group()));
    assert!(world.rig.conversation(&group()).is_none());
    assert!(
        !world.events.iter().any(|event| matches!(event, Event::Conversations(_) | Event::Messages { .. }))
    );
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Push(u64),
    Sync(u64, u64),
    MarkRead(u32),
    Page(u64),
    Restart,
}

proptest! {
    #![proptest_config(cases(200, 20_000))]

    #[test]
    fn numbers_never_move_backwards(
        seed in any::<u64>(),
        steps in proptest::collection::vec(prop_oneof![
            6 => (1..40_u64).prop_map(Step::Push),
            3 => (0..45_u64, 0..45_u64).prop_map(|(last, read)| Step::Sync(last, read.min(last))),
            2 => (0..50_u32).prop_map(Step::MarkRead),
            1 => (1..40_u64).prop_map(Step::Page),
            1 => Just(Step::Restart),
        ], 1..30),
    ) {
        let mut world = World::new(seed, Flavour::V2);
        let mut prng = Prng::new(seed);
        for _ in 0..40 {
            let message = match prng.below(4) {
                0 => Stored::text(ALICE, "own"),
                1 => Stored::hidden("bob"),
                _ => Stored::text("bob", "x"),
            };
            world.server.unix_ms += 60_000;
            world.server.append(&group(), message);
        }
        world.server.broken = true;
        world.connect();
        let mut before = Conversation::new(group());
        for step in steps {
            match step {
                Step::Push(seq) => world.push(&group(), seq),
                Step::MarkRead(unread) => world.mark_read(&group(), unread),
                Step::Page(seq) => {
                    world.server.broken = false;
                    world.page(PageQuery::older_than(group(), at(seq, 0)));
                    world.server.broken = true;
                }
                Step::Sync(last, read_to) => {
                    world.cut();
                    let job = world.connect_before_sync();
                    world.act(Input::Answer { job, answer: Answer::Synced(Ok(vec![one(last, read_to)])) });
                }
                Step::Restart => {
                    world.restart();
                    world.connect();
                }
            }
            world.settle();
            let Some(now) = world.rig.conversation(&group()) else { continue };
            prop_assert!(now.last_seq >= before.last_seq && now.read_to >= before.read_to);
            prop_assert!(now.own_seq >= before.own_seq && now.timestamp >= before.timestamp);
            prop_assert_eq!(now.unread(), now.last_seq.get().saturating_sub(now.read_to.max(now.own_seq).get()));
            let newest = world.rig.rows(&group()).into_iter().rfind(|row| row.is_visible());
            prop_assert_eq!(&now.last_message, &newest);
            before = now;
        }
    }
}
