//! A server that keeps its state in a file goes on after a restart as if nothing had been.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::http;
use wk_devserver::{DevServer, DevServerError, Generation, Seed};
use wk_model::Uid;

async fn start(generation: Generation, file: &Path) -> DevServer {
    DevServer::builder().generation(generation).state_file(file).start().await.unwrap()
}

async fn ask(server: &DevServer, path: &str, body: Value) -> Value {
    let answer = http::post(server.http_addr(), path, &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

async fn send(server: &DevServer, from: &str, channel: &str, channel_type: u8, number: &str) -> Value {
    let body = json!({"from_uid": from, "channel_id": channel, "channel_type": channel_type,
        "client_msg_no": number, "header": {"red_dot": 1}, "payload": "eyJ0eXBlIjoxLCJjb250ZW50IjoiaGkifQ=="});
    ask(server, "/message/send", body).await
}

async fn page(server: &DevServer, channel: &str, channel_type: u8) -> Value {
    let body = json!({"login_uid": "sb", "channel_id": channel, "channel_type": channel_type, "limit": 100});
    ask(server, "/channel/messagesync", body).await
}

/// A group and a chat with messages, one member who has read some, one who is denied, and a token.
async fn fill(server: &DevServer) {
    ask(
        server,
        "/channel",
        json!({"channel_id": "sg", "channel_type": 2, "subscribers": ["sa", "sb", "sc"]}),
    )
    .await;
    ask(server, "/user/token", json!({"uid": "sa", "token": "t", "device_flag": 1, "device_level": 1})).await;
    for number in 1..=5 {
        send(server, "sa", "sg", 2, &format!("g{number}")).await;
        send(server, "sa", "sb", 1, &format!("p{number}")).await;
    }
    ask(server, "/channel/blacklist_add", json!({"channel_id": "sg", "channel_type": 2, "uids": ["sc"]}))
        .await;
}

#[tokio::test]
async fn what_was_there_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let server = start(Generation::V2, &file).await;
    fill(&server).await;
    let read = json!({"uid": "sb", "channel_id": "sg", "channel_type": 2, "unread": 2});
    ask(&server, "/conversations/setUnread", read).await;
    let list = json!({"uid": "sb", "version": 0, "msg_count": 3});
    let before = [
        page(&server, "sg", 2).await,
        page(&server, "sa", 1).await,
        ask(&server, "/conversation/sync", list.clone()).await,
    ];
    server.shutdown().await.unwrap();

    let server = start(Generation::V2, &file).await;
    let after = [
        page(&server, "sg", 2).await,
        page(&server, "sa", 1).await,
        ask(&server, "/conversation/sync", list).await,
    ];
    assert_eq!(before[..2], after[..2]);
    let unread = |list: &Value| {
        let of = |item: &Value| {
            (item["channel_id"].to_string(), item["unread"].as_u64(), item["last_msg_seq"].as_u64())
        };
        let mut all: Vec<_> = list.as_array().unwrap().iter().map(of).collect();
        all.sort();
        all
    };
    assert_eq!(unread(&before[2]), unread(&after[2]));
    assert_eq!(unread(&after[2]).len(), 2);
    // What comes now continues the log, with a later id.
    send(&server, "sb", "sg", 2, "g6").await;
    let messages = page(&server, "sg", 2).await["messages"].as_array().unwrap().clone();
    assert_eq!(messages[5]["message_seq"], 6);
    assert!(messages[5]["message_id"].as_i64() > messages[4]["message_id"].as_i64());
}

#[tokio::test]
async fn generation_3_knows_numbers_and_memberships_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let server = start(Generation::V3, &file).await;
    ask(&server, "/channel", json!({"channel_id": "sg", "channel_type": 2, "subscribers": ["sa", "sb"]}))
        .await;
    let first = send(&server, "sa", "sg", 2, "g1").await;
    let before = page(&server, "sg", 2).await;
    server.shutdown().await.unwrap();

    let server = start(Generation::V3, &file).await;
    assert_eq!(page(&server, "sg", 2).await, before);
    // The same number is the same message.
    let again = send(&server, "sa", "sg", 2, "g1").await;
    assert_eq!((&first["message_id"], &first["message_seq"]), (&again["message_id"], &again["message_seq"]));
}

#[tokio::test]
async fn another_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    for contents in ["not this", r#"{"format":"something else"}"#, ""] {
        std::fs::write(&file, contents).unwrap();
        let refused = DevServer::builder().state_file(&file).start().await.unwrap_err();
        assert!(matches!(refused, DevServerError::State { .. }), "{contents}: {refused}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), contents);
    }
    let kept = folder.path().join("state.json");
    start(Generation::V2, &kept).await.shutdown().await.unwrap();
    let other = DevServer::builder().generation(Generation::V3).state_file(&kept).start().await.unwrap_err();
    assert!(other.to_string().contains("generation v2"), "{other}");
    let (alice, bob) = (Uid::from("alice"), Uid::from("bob"));
    let seeded = DevServer::builder().state_file(&kept).seed(Seed::person(&alice, &bob, 3)).start().await;
    assert!(matches!(seeded.unwrap_err(), DevServerError::SeedsAndState));
}

#[tokio::test]
async fn a_dropped_server_leaves_the_file_of_the_last_save() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let server = start(Generation::V2, &file).await;
    fill(&server).await;
    server.save().unwrap();
    send(&server, "sa", "sg", 2, "after").await;
    drop(server);
    let server = start(Generation::V2, &file).await;
    assert_eq!(page(&server, "sg", 2).await["messages"].as_array().unwrap().len(), 5);
}
