//! Pages of history in the terms of the mission: anchor, contain, pull mode, limit, and the word that it is loading.

use wk_devserver::{DevServer, Seed};
use wkim::{ChannelId, Direction, MessageEvent, OrderSeq, PageQuery, Uid};

use crate::common::{PATIENCE, Player, client, seqs, serve};

#[tokio::test]
async fn a_page_goes_from_its_anchor_with_it_or_without_it_both_ways() {
    let members = ["alice", "bob"].map(Uid::new);
    let server = serve(DevServer::builder().seed(Seed::group("team", members, 100))).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let messages = alice.client.messages();
    let team = ChannelId::group("team");
    let ask = |order_seq: u64, contain: bool, direction: Direction, limit: u32| {
        PageQuery::at_order_seq(team.clone(), OrderSeq::new(order_seq), contain, direction).limit(limit)
    };
    let (older, newer) = (Direction::Older, Direction::Newer);
    let questions = [
        (ask(0, false, older, 5), 96..=100),
        (ask(50_000, true, older, 5), 46..=50),
        (ask(50_000, false, older, 5), 45..=49),
        (ask(50_000, true, newer, 5), 50..=54),
        (ask(50_000, false, newer, 5), 51..=55),
        // A local message's place: behind 50.
        (ask(50_001, false, older, 1), 50..=50),
        (ask(50_001, false, newer, 1), 51..=51),
        (ask(98_000, false, newer, 5), 99..=100),
        (ask(3_000, false, older, 5), 1..=2),
    ];
    for (query, expected) in questions {
        let page = messages.history(query.clone()).await.unwrap();
        assert_eq!(seqs(&page), expected.clone().collect::<Vec<u64>>(), "{query:?}");
        assert_eq!(page.incomplete, None);
        assert_eq!(page.reached_start, *expected.start() == 1, "{query:?}");
        assert_eq!(page.reached_end, *expected.end() == 100, "{query:?}");
    }
    // Deleted messages are in no page, and do not make it shorter.
    let fifty = messages.by_seq(&team, wkim::MessageSeq::new(50)).await.unwrap().unwrap();
    messages.delete(vec![fifty.client_seq]).await.unwrap();
    let page = messages.history(ask(52_000, false, older, 3)).await.unwrap();
    assert_eq!(seqs(&page), [48, 49, 51]);
}

#[tokio::test]
async fn a_page_that_waits_for_the_server_says_so_once_and_one_that_is_stored_never() {
    let members = ["alice", "bob"].map(Uid::new);
    let server = serve(DevServer::builder().seed(Seed::group("team", members, 100))).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    let messages = alice.client.messages();
    let team = ChannelId::group("team");
    let mut events = messages.events();
    let older = PageQuery::at_order_seq(team.clone(), OrderSeq::new(60_000), false, Direction::Older);
    let page = messages.history(older.clone()).await.unwrap();
    assert_eq!((page.pulls, page.pulled, page.messages.len()), (1, 20, 20));
    let page = messages.history(older).await.unwrap();
    assert_eq!((page.pulls, page.messages.len()), (0, 20));
    let newest = messages.history(PageQuery::newest(team.clone())).await.unwrap();
    assert_eq!((newest.pulls, newest.messages.len()), (0, 20));
    messages.send(&team, "the end").await.unwrap();
    let mut pulling = 0;
    loop {
        let event = tokio::time::timeout(PATIENCE, events.next()).await.expect("nothing was told");
        match event.unwrap() {
            MessageEvent::Pulling(channel) => {
                assert_eq!(channel, team);
                pulling += 1;
            }
            MessageEvent::Inserted(_) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pulling, 1);
}
