//! History pulled on demand, from seeded conversations of any length.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{Over, Player, client, client_on, over_every_transport, requests, seqs, serve_over, texts};
use wk_devserver::{DevServer, Seed};
use wkim::{Anchor, ChannelId, Direction, GapCause, PageQuery, Uid};

over_every_transport! {
    a_million_messages_cost_two_hundred,
    every_page_from_the_start_to_the_end_equals_the_servers_log,
    without_a_source_a_page_ends_at_the_hole_and_says_so,
    a_channel_that_never_had_a_message_is_empty_at_both_ends,
    messages_missed_while_away_come_with_the_next_connect,
}

const TEN: u64 = 10;
const MANY: u64 = 100_000;

fn seeds() -> impl Iterator<Item = Seed> {
    let alice = Uid::from("alice");
    (1..=TEN).map(move |number| Seed::person(&alice, &Uid::from(format!("friend-{number}")), MANY))
}

async fn a_million_messages_cost_two_hundred(over: Over) {
    let server =
        serve_over(over, seeds().fold(DevServer::builder(), |builder, seed| builder.seed(seed))).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let mut alice = Player::login(client_on(&server, "alice", &file)).await;
    assert_eq!(alice.synced().await, 200);
    let stats = server.stats();
    assert_eq!((stats.messages_pulled, requests(&server)), (200, 1));
    let list = alice.client.conversations().list().await.unwrap();
    assert_eq!(list.len(), 10);
    assert!(list.iter().all(|conversation| conversation.last_seq.get() == MANY));
    assert!(list.windows(2).all(|pair| pair[0].timestamp >= pair[1].timestamp));

    // Opening a conversation costs nothing, the page behind the stored ones one request.
    let friend = ChannelId::person("friend-3");
    let newest = alice.client.messages().history(PageQuery::newest(friend.clone())).await.unwrap();
    assert_eq!((newest.pulls, seqs(&newest)), (0, (MANY - 19..=MANY).collect()));
    let older = alice.client.messages().history(newest.older(&friend).unwrap()).await.unwrap();
    assert_eq!((older.pulls, seqs(&older)), (1, (MANY - 39..=MANY - 20).collect()));
    assert_eq!((server.stats().messages_pulled, requests(&server)), (220, 2));

    // Coming back without news costs one request and no message.
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
    let mut alice = Player::login(client_on(&server, "alice", &file)).await;
    assert_eq!(alice.synced().await, 0);
    assert_eq!((server.stats().messages_pulled, requests(&server)), (220, 3));
}

async fn every_page_from_the_start_to_the_end_equals_the_servers_log(over: Over) {
    let team = Seed::group("team", ["alice", "bob"].map(Uid::from), 260);
    let server = serve_over(over, DevServer::builder().seed(team)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let channel = ChannelId::group("team");
    let mut query = PageQuery::newest(channel.clone()).limit(50);
    (query.anchor, query.direction) = (Anchor::Edge, Direction::Newer);
    let mut read = Vec::new();
    loop {
        let page = alice.client.messages().history(query).await.unwrap();
        read.extend(page.messages.iter().map(|message| (message.message_seq(), message.payload.clone())));
        if page.reached_end {
            break;
        }
        query = page.newer(&channel).unwrap().limit(50);
    }
    let log = server.messages(&channel, &"alice".into());
    assert_eq!(read.len(), 260);
    assert!(read.into_iter().eq(log.into_iter().map(|message| (message.seq, message.payload))));

    let mut backwards = Vec::new();
    let mut query = PageQuery::newest(channel.clone()).limit(33);
    loop {
        let page = alice.client.messages().history(query).await.unwrap();
        assert_eq!(page.pulls, 0, "it was all pulled on the way up");
        backwards.extend(page.messages.iter().rev().map(|message| message.message_seq().get()));
        if page.reached_start {
            break;
        }
        query = page.older(&channel).unwrap().limit(33);
    }
    assert_eq!(backwards, (1..=260).rev().collect::<Vec<_>>());
}

async fn without_a_source_a_page_ends_at_the_hole_and_says_so(over: Over) {
    let team = Seed::group("team", ["alice", "bob"].map(Uid::from), 100);
    let server = serve_over(over, DevServer::builder().seed(team)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    server.faults().fail_http("/channel/messagesync", 503, 1);
    let channel = ChannelId::group("team");
    let page = alice.client.messages().history(PageQuery::newest(channel.clone()).limit(50)).await.unwrap();
    assert_eq!(seqs(&page), (81..=100).collect::<Vec<_>>());
    let gap = page.incomplete.unwrap();
    assert_eq!((gap.first.get(), gap.last.unwrap().get()), (1, 80));
    assert!(matches!(gap.cause, GapCause::Source(_)));
    assert!(!page.reached_start);
    let again = alice.client.messages().history(PageQuery::newest(channel).limit(50)).await.unwrap();
    assert_eq!(seqs(&again), (51..=100).collect::<Vec<_>>());
    assert_eq!(again.incomplete, None);
}

async fn a_channel_that_never_had_a_message_is_empty_at_both_ends(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let page = alice.client.messages().history(PageQuery::newest(ChannelId::person("bob"))).await.unwrap();
    assert!(page.messages.is_empty() && page.reached_start && page.reached_end, "{page:?}");
}

async fn messages_missed_while_away_come_with_the_next_connect(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let mut bob = Player::login(client(&server, "bob")).await;
    let alice = Player::login(client_on(&server, "alice", &file)).await;
    let to_alice = ChannelId::person("alice");
    let first = bob.client.messages().send_text(&to_alice, "first").await.unwrap();
    bob.settled(&first).await;
    alice.runner.kill().await;
    for number in 0..50 {
        let missed = bob.client.messages().send_text(&to_alice, &format!("missed {number}")).await.unwrap();
        bob.settled(&missed).await;
    }
    let mut alice = Player::login(client_on(&server, "alice", &file)).await;
    alice.synced().await;
    let channel = ChannelId::person("bob");
    let page = alice.client.messages().history(PageQuery::newest(channel).limit(100)).await.unwrap();
    let expected: Vec<_> =
        std::iter::once("first".to_owned()).chain((0..50).map(|number| format!("missed {number}"))).collect();
    assert_eq!(texts(&page), expected);
    let conversation =
        alice.client.conversations().by_channel(&ChannelId::person("bob")).await.unwrap().unwrap();
    assert_eq!(conversation.unread(), 51);
    alice.client.conversations().clear_unread(&ChannelId::person("bob")).await.unwrap();
    let conversation =
        alice.client.conversations().by_channel(&ChannelId::person("bob")).await.unwrap().unwrap();
    assert_eq!(conversation.unread(), 0);
}
