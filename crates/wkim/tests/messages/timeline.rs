//! Timelines and lists of conversations under random schedules, against what the server holds.

use std::collections::BTreeMap;

use futures_util::FutureExt;
use tokio::task::JoinSet;
use wk_devserver::{DevServer, Seed};
use wkim::store::ConversationOrder;
use wkim::{ChannelId, ListChanges, ListDiff, MessageSeq, Timeline, TimelineItem, Uid};

use crate::common::{Player, client, serve};

/// How many schedules run at a time.
const AT_ONCE: usize = 16;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// A user interface: it knows only what it was told.
struct Screen {
    shown: Vec<TimelineItem>,
    changes: ListChanges<TimelineItem>,
}

impl Screen {
    fn of(timeline: &Timeline) -> Self {
        let (shown, changes) = timeline.subscribe();
        Self { shown, changes }
    }

    fn catch_up(&mut self) {
        while let Some(steps) = self.changes.next().now_or_never() {
            steps.expect("the timeline is there").into_iter().for_each(|step| step.apply(&mut self.shown));
        }
    }

    async fn wait_for(&mut self, mut wanted: impl FnMut(&[TimelineItem]) -> bool) {
        let found = async {
            while !wanted(&self.shown) {
                let steps = self.changes.next().await.expect("the timeline is there");
                steps.into_iter().for_each(|step| step.apply(&mut self.shown));
            }
        };
        tokio::time::timeout(crate::common::PATIENCE, found).await.expect("the timeline never showed it");
    }
}

fn seqs(items: &[TimelineItem]) -> Vec<u64> {
    let seqs = items.iter().filter_map(|item| match item {
        TimelineItem::Message(item) => Some(item.message.message_seq().get()),
        _ => None,
    });
    seqs.collect()
}

/// Ascending, nothing that the server does not have, and no hole without a gap that names it.
fn check(items: &[TimelineItem], server: &BTreeMap<u64, Vec<u8>>, what: &str) {
    let (mut last, mut hole) = (None, None);
    for item in items {
        match item {
            TimelineItem::Gap { first, last } => hole = Some((first.get(), last.get())),
            TimelineItem::Message(item) => {
                let position = item.message.position;
                assert!(last < Some(position), "{what}: {position:?} is not behind {last:?}");
                if !position.is_local() {
                    let seq = position.seq.get();
                    assert_eq!(
                        server.get(&seq).map(|payload| &payload[..]),
                        Some(&item.message.payload[..]),
                        "{what}"
                    );
                    let below = last.map_or(seq - 1, |last: wkim::Position| last.seq.get());
                    let missing = server.range(below + 1..seq).map(|(seq, _)| *seq);
                    for missing in missing {
                        let named = hole.is_some_and(|(first, last)| (first..=last).contains(&missing));
                        assert!(named, "{what}: {missing} is silently missing");
                    }
                    hole = None;
                }
                last = Some(position);
            }
            _ => {}
        }
    }
}

async fn one_schedule(seed: u64) {
    let mut dice = Dice(seed);
    let team = ChannelId::group("team");
    let members = ["alice", "bob"].map(Uid::new);
    let count = dice.roll(120);
    let server = serve(DevServer::builder().seed(Seed::group("team", members, count))).await;
    let alice = Player::login(client(&server, "alice")).await;
    let bob = Player::login(client(&server, "bob")).await;
    let timeline = alice.client.messages().timeline(&team).await.unwrap();
    let mut screen = Screen::of(&timeline);
    for round in 0..25 {
        let messages = alice.client.messages();
        let limit = 1 + dice.roll(30) as u32;
        match dice.roll(9) {
            0 | 1 => drop(messages.send(&team, format!("alice {round}")).await.unwrap()),
            2 | 3 => drop(bob.client.messages().send(&team, format!("bob {round}")).await.unwrap()),
            4 | 5 => drop(timeline.load_older(limit).await.unwrap()),
            6 => drop(timeline.load_newer(limit).await.unwrap()),
            7 => {
                let seq = MessageSeq::new(1 + dice.roll(count + 10));
                timeline.jump_to(seq, limit).await.unwrap();
            }
            _ => {
                // Some of it is missed, or comes by the sync.
                alice.client.connection().disconnect().await.unwrap();
                for _ in 0..dice.roll(40) {
                    let sent = bob.client.messages().send(&team, "while away").await.unwrap();
                    sent.acked().await.unwrap();
                }
                alice.client.connection().login().await.unwrap();
            }
        }
        screen.catch_up();
        let log = log_of(&server, &team);
        let what = format!("seed {seed}, round {round}");
        check(&screen.shown, &log, &what);
        if dice.roll(4) == 0
            && let Some(TimelineItem::Gap { first, .. }) =
                screen.shown.iter().find(|item| matches!(item, TimelineItem::Gap { .. }))
        {
            timeline.fill(*first, limit).await.unwrap();
        }
    }
    // At the end everything is there, and equal to a timeline that is opened now.
    for player in [&alice, &bob] {
        let last = player.client.messages().send(&team, "the end").await.unwrap();
        last.acked().await.unwrap();
    }
    timeline.jump_to_end(20).await.unwrap();
    while !timeline.load_older(100).await.unwrap().reached_end {}
    let log = log_of(&server, &team);
    let all: Vec<u64> = log.keys().copied().collect();
    screen.wait_for(|items| seqs(items) == all).await;
    check(&screen.shown, &log, &format!("seed {seed}, at the end"));
    assert_eq!(screen.shown, timeline.items(), "seed {seed}");
    let fresh = alice.client.messages().timeline(&team).await.unwrap();
    while !fresh.load_older(10_000).await.unwrap().reached_end {}
    let without_marker = |items: Vec<TimelineItem>| -> Vec<TimelineItem> {
        items.into_iter().filter(|item| !matches!(item, TimelineItem::UnreadMarker)).collect()
    };
    assert_eq!(without_marker(fresh.items()), without_marker(screen.shown), "seed {seed}");
}

fn log_of(server: &DevServer, channel: &ChannelId) -> BTreeMap<u64, Vec<u8>> {
    let log = server.messages(channel, &Uid::new("alice"));
    log.into_iter().map(|message| (message.seq.get(), message.payload.to_vec())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_of_a_timeline_are_the_channel_under_every_schedule() {
    let long = std::env::var_os("WK_LONG").is_some_and(|set| set == "1");
    // Each waits for its logins most of the time, so many run side by side, with a server each.
    let mut running = JoinSet::new();
    for seed in 0..if long { 1_000 } else { 100 } {
        if running.len() >= AT_ONCE {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(one_schedule(seed));
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_message_is_shown_before_it_is_sent_and_moves_to_its_place() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::start(client(&server, "alice"));
    let bob = Player::login(client(&server, "bob")).await;
    let with_bob = ChannelId::person("bob");
    let timeline = alice.client.messages().timeline(&with_bob).await.unwrap();
    let mut screen = Screen::of(&timeline);
    alice.client.messages().send(&with_bob, "offline").await.unwrap();
    screen.wait_for(|items| seqs(items) == [0]).await;
    bob.client.messages().send(&ChannelId::person("alice"), "earlier").await.unwrap().acked().await.unwrap();
    alice.client.connection().login().await.unwrap();
    screen.wait_for(|items| seqs(items) == [1, 2]).await;
}

#[tokio::test]
async fn the_unread_messages_begin_where_they_began() {
    let members = ["alice", "bob"].map(Uid::new);
    let seed = Seed::group("team", members, 30).read_to(&Uid::new("alice"), 24);
    let server = serve(DevServer::builder().seed(seed)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let team = ChannelId::group("team");
    let timeline = alice.client.messages().timeline(&team).await.unwrap();
    let marker = |items: &[TimelineItem]| {
        let at = items.iter().position(|item| matches!(item, TimelineItem::UnreadMarker))?;
        seqs(items.get(at..)?).first().copied()
    };
    let read_to = alice.client.conversations().by_channel(&team).await.unwrap().unwrap();
    let read_to = read_to.read_to.max(read_to.own_seq).get();
    let first = marker(&timeline.items());
    assert!(first.is_some_and(|first| first > read_to), "{first:?} {read_to}");
    alice.client.conversations().clear_unread(&team).await.unwrap();
    timeline.load_older(5).await.unwrap();
    assert_eq!(marker(&timeline.items()), first, "it stays while the timeline is open");
}

#[tokio::test]
async fn a_list_of_conversations_is_what_is_stored() {
    let server = serve(DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let bob = Player::login(client(&server, "bob")).await;
    let list = alice.client.conversations().live(ConversationOrder::TopFirst).await.unwrap();
    let (mut shown, mut changes) = list.subscribe();
    assert!(shown.is_empty());
    let mut dice = Dice(7);
    for number in 0..60 {
        let peer = format!("peer {}", dice.roll(8));
        alice.client.messages().send(&ChannelId::group(peer), "x").await.unwrap();
        if number % 7 == 0 {
            bob.client
                .messages()
                .send(&ChannelId::person("alice"), "y")
                .await
                .unwrap()
                .acked()
                .await
                .unwrap();
        }
    }
    bob.client.messages().send(&ChannelId::person("alice"), "the end").await.unwrap();
    let ended = |items: &[wkim::store::ConversationItem]| {
        let newest = items.iter().filter_map(|item| item.conversation.last_message.as_ref());
        newest.into_iter().any(|message| crate::common::text_of(message) == "the end")
    };
    let follow = async {
        while !ended(&shown) {
            changes.next().await.unwrap().into_iter().for_each(|step: ListDiff<_>| step.apply(&mut shown));
        }
    };
    tokio::time::timeout(crate::common::PATIENCE, follow).await.expect("the list never showed it");
    // Groups that alice is not in refuse what she sends: the last words on that come later.
    let settle = async {
        while shown != list.items()
            || shown.iter().any(|item| {
                item.conversation
                    .last_message
                    .as_ref()
                    .is_some_and(|last| last.status == wkim::MessageStatus::Sending)
            })
        {
            changes.next().await.unwrap().into_iter().for_each(|step| step.apply(&mut shown));
        }
    };
    tokio::time::timeout(crate::common::PATIENCE, settle).await.expect("the list never settled");
    let stored = alice.client.conversations().list().await.unwrap();
    let conversations: Vec<_> = shown.into_iter().map(|item| item.conversation).collect();
    assert_eq!(conversations, stored);
}
