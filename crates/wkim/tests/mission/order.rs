//! The order of messages: by the server's seqs, local ones in between, and never by a clock.

use wk_devserver::{DevServer, Seed};
use wkim::{ChannelId, Message, MessageStatus, OrderSeq, PageQuery, Position, Uid};

use crate::common::{Player, client, serve, texts};

fn order(message: &Message) -> u64 {
    message.order_seq().get()
}

#[tokio::test]
async fn a_local_message_stands_behind_the_last_known_one_and_takes_its_place_when_it_is_sent() {
    let members = ["alice", "bob"].map(Uid::new);
    let server = serve(DevServer::builder().seed(Seed::group("team", members, 7))).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    alice.client.connection().disconnect().await.unwrap();
    let team = ChannelId::group("team");
    let messages = alice.client.messages();
    let first = messages.send(&team, "first").await.unwrap().into_message();
    let second = messages.send(&team, "second").await.unwrap().into_message();
    assert_eq!([order(&first), order(&second)], [7001, 7002]);
    for local in [&first, &second] {
        assert!(local.position.is_local() && !order(local).is_multiple_of(1000));
        assert_eq!(Position::from(local.order_seq()).seq.get(), 7, "the nearest seq of the server");
    }
    // Others were quicker.
    server.send(&Uid::new("bob"), &team, "", &br#"{"type":1,"content":"eighth"}"#[..]);
    alice.client.connection().login().await.unwrap();
    let last = alice.settled(&second).await;
    assert_eq!((last.message_seq().get(), order(&last)), (10, 10_000));
    let page = alice.client.messages().history(PageQuery::newest(team).limit(4)).await.unwrap();
    assert_eq!(page.messages.iter().map(order).collect::<Vec<_>>(), [7000, 8000, 9000, 10_000]);
    assert_eq!(texts(&page)[1..], ["eighth", "first", "second"]);
    assert!(page.messages.iter().all(|message| !message.message_id.is_zero()));
}

#[tokio::test]
async fn a_refused_message_stays_where_it_was() {
    let server = serve(DevServer::builder()).await;
    let team = ChannelId::group("team");
    server.channel(&team).add_subscribers(&["alice", "bob"].map(Uid::new));
    let mut alice = Player::login(client(&server, "alice")).await;
    let messages = alice.client.messages();
    messages.send(&team, "first").await.unwrap().acked().await.unwrap();
    server.channel(&team).ban(true);
    let refused = alice.client.messages().send(&team, "refused").await.unwrap().into_message();
    let failed = alice.settled(&refused).await;
    assert_eq!((failed.status, order(&failed)), (MessageStatus::Failed, 1001));
    server.channel(&team).ban(false);
    alice.client.messages().send(&team, "second").await.unwrap().acked().await.unwrap();
    let page = alice.client.messages().history(PageQuery::newest(team)).await.unwrap();
    assert_eq!(texts(&page), ["first", "refused", "second"]);
    assert_eq!(page.messages.iter().map(order).collect::<Vec<_>>(), [1000, 1001, 2000]);
    assert!(OrderSeq::new(1001) > page.messages[0].order_seq());
}
