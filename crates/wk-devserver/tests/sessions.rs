//! Logging in, sending and receiving over TCP.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use support::http;
use support::wire::Client;
use wk_devserver::{Builder, DevServer, Seed};
use wk_model::{ChannelId, ChannelType, DeviceFlag, MessageSeq, ReasonCode, Uid};
use wkproto::Flags;

fn orderly() -> Builder {
    DevServer::builder().quirks(|quirks| quirks.reorder_pipelined_sends = false)
}

#[tokio::test]
async fn a_message_reaches_the_peer_and_the_senders_other_device() {
    let server = orderly().start().await.unwrap();
    let mut phone = Client::login(server.tcp_addr(), "alice", "phone").await;
    let mut tablet = Client::login(server.tcp_addr(), "alice", "tablet").await;
    let mut bob = Client::login(server.tcp_addr(), "bob", "phone").await;
    phone.send_person("bob", "no-1", b"hi").await;
    let ack = phone.sendack().await;
    assert_eq!((ack.reason, ack.seq, ack.client_seq), (ReasonCode::SUCCESS, MessageSeq::FIRST, 1));
    let received = bob.recv().await;
    assert_eq!((&*received.from, &*received.channel, &*received.client_msg_no), ("alice", "alice", "no-1"));
    assert_eq!((received.flags, received.id, received.seq), (Flags::RED_DOT, ack.id, ack.seq));
    assert_eq!(received.payload, b"hi");
    let echo = tablet.recv().await;
    assert_eq!((&*echo.channel, echo.flags), ("bob", Flags::EMPTY));
    // The sending connection gets no RECV of its own message.
    phone.ping().await;
    let log = server.messages(&ChannelId::person("bob"), &Uid::from("alice"));
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].client_msg_no.as_str(), &log[0].payload[..]), ("no-1", &b"hi"[..]));
}

#[tokio::test]
async fn a_repeated_number_is_stored_again() {
    let server = orderly().start().await.unwrap();
    let mut alice = Client::login(server.tcp_addr(), "alice", "phone").await;
    for seq in 1..=2 {
        alice.send_person("bob", "same", b"hi").await;
        assert_eq!(alice.sendack().await.seq, MessageSeq::new(seq));
    }
}

#[tokio::test]
async fn tokens_are_checked_only_when_asked_for() {
    let server = orderly().token_auth(true).timings(|t| t.before_auth /= 100).start().await.unwrap();
    server.set_token(&Uid::from("alice"), DeviceFlag::APP, "right");
    let mut wrong = Client::open(server.tcp_addr()).await;
    assert!(!wrong.connect("alice", "d", DeviceFlag::APP, "wrong").await);
    let mut other_flag = Client::open(server.tcp_addr()).await;
    assert!(!other_flag.connect("alice", "d", DeviceFlag::WEB, "right").await);
    let mut right = Client::open(server.tcp_addr()).await;
    assert!(right.connect("alice", "d", DeviceFlag::APP, "right").await);
}

#[tokio::test]
async fn sends_follow_a_seed_and_are_pulled_over_http() {
    let (alice, bob) = (Uid::from("alice"), Uid::from("bob"));
    let server = orderly().seed(Seed::person(&alice, &bob, 100_000)).start().await.unwrap();
    let mut client = Client::login(server.tcp_addr(), "alice", "phone").await;
    client.send_person("bob", "new", b"hello").await;
    assert_eq!(client.sendack().await.seq, MessageSeq::new(100_001));
    let pull = serde_json::json!({"login_uid": "alice", "channel_id": "bob", "channel_type": 1, "limit": 3});
    let page = http::post(server.http_addr(), "/channel/messagesync", &pull).await.json();
    let seqs: Vec<_> =
        page["messages"].as_array().unwrap().iter().map(|m| m["message_seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [99_999, 100_000, 100_001]);
    assert_eq!(page["messages"][2]["client_msg_no"], "new");
    let sync = serde_json::json!({"uid": "bob", "msg_count": 2});
    let list = http::post(server.http_addr(), "/conversation/sync", &sync).await.json();
    assert_eq!((&list[0]["channel_id"], &list[0]["last_msg_seq"]), (&"alice".into(), &100_001.into()));
    assert_eq!(server.stats().messages_pulled, 5);
}

#[tokio::test]
async fn a_group_needs_membership() {
    let server = orderly().start().await.unwrap();
    let team = ChannelId::group("team");
    server.channel(&team).add_subscribers([&Uid::from("alice"), &Uid::from("bob")]);
    let mut alice = Client::login(server.tcp_addr(), "alice", "phone").await;
    let mut carol = Client::login(server.tcp_addr(), "carol", "phone").await;
    carol.send("team", ChannelType::GROUP, "c", b"x").await;
    assert_eq!(carol.sendack().await.reason, ReasonCode::SUBSCRIBER_NOT_EXIST);
    alice.send("team", ChannelType::GROUP, "a", b"x").await;
    assert_eq!(alice.sendack().await.reason, ReasonCode::SUCCESS);
    server.channel(&team).deny([&Uid::from("alice")]);
    alice.send("team", ChannelType::GROUP, "b", b"x").await;
    assert_eq!(alice.sendack().await.reason, ReasonCode::IN_BLACKLIST);
}

#[tokio::test]
async fn shutdown_closes_every_connection() {
    let server = orderly().start().await.unwrap();
    let mut alice = Client::login(server.tcp_addr(), "alice", "phone").await;
    let mut silent = Client::open(server.tcp_addr()).await;
    server.shutdown().await.unwrap();
    assert!(alice.next().await.is_none());
    assert!(silent.next().await.is_none());
}

#[tokio::test]
async fn a_history_costs_what_is_read_of_it() {
    let alice = Uid::from("alice");
    let seeds =
        (0..10).map(|n| Seed::group(format!("team-{n}"), [alice.clone(), Uid::from("bob")], 1_000_000_000));
    let server = orderly().seeds(seeds).start().await.unwrap();
    let sync = serde_json::json!({"uid": "alice", "msg_count": 20});
    let list = http::post(server.http_addr(), "/conversation/sync", &sync).await.json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 10);
    // The first seed is the most recent one, and its last message is the newest.
    let times: Vec<_> = list.iter().map(|item| item["timestamp"].as_i64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "{times:?}");
    assert!(list.iter().all(|item| item["recents"].as_array().unwrap().len() == 20));
    let pull = serde_json::json!({"login_uid": "alice", "channel_id": "team-3", "channel_type": 2,
        "start_message_seq": 500_000_000, "limit": 100});
    let page = http::post(server.http_addr(), "/channel/messagesync", &pull).await.json();
    assert_eq!(page["messages"][0]["message_seq"], 499_999_901);
    let id = page["messages"][0]["message_id"].clone();
    let lookup = serde_json::json!({"login_uid": "alice", "channel_id": "team-3", "channel_type": 2,
        "message_ids": [id], "client_msg_nos": [page["messages"][1]["client_msg_no"]]});
    let found = http::post(server.http_addr(), "/messages", &lookup).await.json();
    let seqs: Vec<_> =
        found["messages"].as_array().unwrap().iter().map(|m| m["message_seq"].as_u64()).collect();
    assert_eq!(seqs, [Some(499_999_901), Some(499_999_902)]);
}
