//! Two users, and groups, over real sockets.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Over, Player, client, client_on, over_every_transport, serve_over, texts};
use wk_devserver::DevServer;
use wkim::{
    ChannelId, ConnectionState, Event, MessageStatus, NewMessage, PageQuery, ReasonCode, SendError, Uid,
    model::{ContentType, json_payload},
};

over_every_transport! {
    a_message_is_stored_then_sent_then_received,
    an_image_and_a_custom_content_arrive_byte_for_byte,
    what_a_server_cannot_take_is_refused_before_it_leaves,
    a_refused_message_says_why_and_stays,
    messages_written_offline_are_sent_in_order_by_the_next_process,
    two_accounts_in_one_process_do_not_meet,
    a_client_ends_with_its_last_handle,
}

async fn a_message_is_stored_then_sent_then_received(over: Over) {
    let server = serve_over(over, DevServer::builder().token_auth(true)).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let stored =
        alice.client.messages().send_text(&ChannelId::person("bob"), "hi 你好 \u{1F600}").await.unwrap();
    assert_eq!(stored.status, MessageStatus::Sending);
    let inserted = alice
        .until(|event| match event {
            Event::Inserted(message) => Some(message),
            _ => None,
        })
        .await;
    assert_eq!(inserted, *stored);
    let settled = alice.settled(&stored).await;
    assert_eq!((settled.status, settled.reason_code), (MessageStatus::Sent, Some(ReasonCode::SUCCESS)));
    assert_eq!(settled.message_seq().get(), 1);
    assert_eq!(settled.order_seq().get(), 1000);
    let received = bob.receives("hi 你好 \u{1F600}").await;
    assert_eq!(received.channel, ChannelId::person("alice"));
    assert_eq!(received.message_id, settled.message_id);
    assert_eq!(received.timestamp, settled.timestamp);
    let answer = bob.client.messages().send_text(&ChannelId::person("alice"), "hello").await.unwrap();
    bob.settled(&answer).await;
    alice.receives("hello").await;
    let page = alice.client.messages().history(PageQuery::newest(ChannelId::person("bob"))).await.unwrap();
    assert_eq!(texts(&page), ["hi 你好 \u{1F600}", "hello"]);
    assert!(page.reached_start && page.reached_end);
}

async fn an_image_and_a_custom_content_arrive_byte_for_byte(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let mut bob = Player::login(client(&server, "bob")).await;
    let image = wkim::model::image_payload("http://example.org/cat.jpg", 100, 80);
    let keys = [("question".to_owned(), "tea?".into())].into_iter().collect();
    let custom = json_payload(ContentType::new(4242), keys);
    for payload in [image, custom] {
        let message = NewMessage::new(ChannelId::person("bob"), payload.clone());
        let stored = alice.client.messages().send_message(message).await.unwrap();
        alice.settled(&stored).await;
        let received = bob
            .until(|event| match event {
                Event::Messages { messages, .. } => messages.into_iter().next(),
                _ => None,
            })
            .await;
        assert_eq!(received.payload, payload);
        assert_eq!(received.content_type, stored.content_type);
    }
}

async fn what_a_server_cannot_take_is_refused_before_it_leaves(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    let messages = alice.client.messages();
    let to = |id: &str| ChannelId::person(id);
    for bad in ["", "alice", "x#y", "cmd____cmd", &"x".repeat(256)] {
        let refused = messages.send_text(&to(bad), "hi").await;
        assert!(matches!(refused, Err(wkim::Error::Send(SendError::Id(_)))), "{bad:?}: {refused:?}");
    }
    let large = messages.send_text(&to("bob"), &"x".repeat(24_600)).await;
    assert!(
        matches!(large, Err(wkim::Error::Send(SendError::PayloadTooLarge { limit: 24_559, .. }))),
        "{large:?}"
    );
    let limit = messages.history(PageQuery::newest(to("bob")).limit(0)).await;
    assert!(matches!(limit, Err(wkim::Error::Query(_))), "{limit:?}");
}

async fn a_refused_message_says_why_and_stays(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    server.channel(&ChannelId::group("team")).add_subscribers(&["bob", "carol"].map(Uid::from));
    let mut alice = Player::login(client(&server, "alice")).await;
    let stored = alice.client.messages().send_text(&ChannelId::group("team"), "let me in").await.unwrap();
    let settled = alice.settled(&stored).await;
    assert_eq!(settled.status, MessageStatus::Failed);
    assert_eq!(settled.reason_code, Some(ReasonCode::SUBSCRIBER_NOT_EXIST));
    let page = alice.client.messages().history(PageQuery::newest(ChannelId::group("team"))).await.unwrap();
    assert_eq!(page.messages, [settled]);
}

async fn messages_written_offline_are_sent_in_order_by_the_next_process(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("alice.db");
    let alice = Player::start(client_on(&server, "alice", &file));
    let bob = ChannelId::person("bob");
    for number in 0..5 {
        alice.client.messages().send_text(&bob, &format!("offline {number}")).await.unwrap();
    }
    alice.runner.kill().await;
    let mut bobs = Player::login(client(&server, "bob")).await;
    let _alice = Player::login(client_on(&server, "alice", &file)).await;
    for number in 0..5 {
        bobs.receives(&format!("offline {number}")).await;
    }
    let page = bobs.client.messages().history(PageQuery::newest(ChannelId::person("alice"))).await.unwrap();
    assert_eq!(texts(&page), (0..5).map(|number| format!("offline {number}")).collect::<Vec<_>>());
}

async fn two_accounts_in_one_process_do_not_meet(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    let carol = Player::login(client(&server, "carol")).await;
    let stored = alice.client.messages().send_text(&ChannelId::person("bob"), "secret").await.unwrap();
    alice.settled(&stored).await;
    assert!(carol.client.conversations().list().await.unwrap().is_empty());
}

async fn a_client_ends_with_its_last_handle(over: Over) {
    let server = serve_over(over, DevServer::builder()).await;
    let alice = Player::login(client(&server, "alice")).await;
    drop(alice.client);
    alice.runner.join().await.unwrap();
    let (mut events, mut last) = (alice.events, None);
    while let Ok(event) = events.next().await {
        last = Some(event);
    }
    assert_eq!(last, Some(Event::Connection(ConnectionState::Offline)));
}
