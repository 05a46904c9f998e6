//! The window around a message: the example of the mission, its ends, and what it costs.

use wk_devserver::{DevServer, Seed};
use wkim::{ChannelId, MessageSeq, PageQuery, Position, Uid};

use crate::common::{Player, client, seqs, serve};

async fn alice_in_a_team_of_100_messages() -> (crate::common::Stage, Player, ChannelId) {
    let members = ["alice", "bob"].map(Uid::new);
    let server = serve(DevServer::builder().seed(Seed::group("team", members, 100))).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    (server, alice, ChannelId::group("team"))
}

async fn around(alice: &Player, team: &ChannelId, seq: u64, limit: u32) -> (u32, Vec<u64>) {
    let target = Position::server(MessageSeq::new(seq));
    let query = PageQuery::around(team.clone(), target).limit(limit);
    let page = alice.client.messages().history(query).await.unwrap();
    assert_eq!(page.incomplete, None);
    (page.pulls, seqs(&page))
}

#[tokio::test]
async fn around_the_twentieth_message_with_the_eighteenth_deleted() {
    let (_server, alice, team) = alice_in_a_team_of_100_messages().await;
    assert_eq!(around(&alice, &team, 20, 10).await, (1, (16..=25).collect()));
    let messages = alice.client.messages();
    let eighteen = messages.by_seq(&team, MessageSeq::new(18)).await.unwrap().unwrap();
    messages.delete(vec![eighteen.client_seq]).await.unwrap();
    for limit in [9, 10] {
        let expected = vec![16, 17, 19, 20, 21, 22, 23, 24, 25];
        assert_eq!(around(&alice, &team, 20, limit).await, (0, expected), "limit {limit}");
    }
}

#[tokio::test]
async fn at_the_ends_the_other_side_gets_what_is_left_and_the_target_is_always_there() {
    let (_server, alice, team) = alice_in_a_team_of_100_messages().await;
    assert_eq!(around(&alice, &team, 100, 10).await.1, (91..=100).collect::<Vec<_>>());
    assert_eq!(around(&alice, &team, 90, 10).await.1, (86..=95).collect::<Vec<_>>());
    assert_eq!(around(&alice, &team, 1, 10).await, (1, (1..=10).collect()));
    let target = Position { seq: MessageSeq::new(20), index: 1 };
    let page = alice.client.messages().history(PageQuery::around(team, target).limit(10)).await.unwrap();
    assert_eq!(
        seqs(&page),
        (17..=25).collect::<Vec<_>>(),
        "a local place lies behind its seq, and nothing is there"
    );
}
