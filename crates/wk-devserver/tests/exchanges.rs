//! Recorded HTTP exchanges with WuKongIM 2.2.5, repeated with this server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use serde_json::{Value, json};
use support::exchange::Exchanges;
use support::http;
use support::wire::{Client, Letter};
use wk_devserver::DevServer;
use wk_model::{ChannelType, Setting};
use wkproto::Flags;

async fn start() -> DevServer {
    DevServer::builder().quirks(|quirks| quirks.reorder_pipelined_sends = false).start().await.unwrap()
}

async fn post(server: &DevServer, path: &str, body: Value) {
    let answer = http::post(server.http_addr(), path, &body).await;
    assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
}

async fn group(server: &DevServer, id: &str, members: &[&str]) {
    post(server, "/channel", json!({"channel_id": id, "channel_type": 2, "subscribers": members})).await;
}

#[tokio::test]
async fn route() {
    let server = DevServer::builder().ws("127.0.0.1:0").start().await.unwrap();
    Exchanges::load(&server, "route").finish(10).await;
}

#[tokio::test]
async fn user_token() {
    let server = start().await;
    for (uid, switch) in [("haban", "ban"), ("hadis", "disband"), ("hasb", "send_ban")] {
        post(&server, "/channel/info", json!({"channel_id": uid, "channel_type": 1, switch: 1})).await;
    }
    Exchanges::load(&server, "user_token").finish(40).await;
}

#[tokio::test]
async fn channel() {
    let server = start().await;
    group(&server, "hagd1", &["ha1", "ha2"]).await;
    let mut exchanges = Exchanges::load(&server, "channel");
    exchanges.play_before("delete").await;
    exchanges.send_what_shows("delete_then_messagesync").await;
    exchanges.finish(64).await;
}

#[tokio::test]
async fn channel_subscribers() {
    let server = start().await;
    Exchanges::load(&server, "channel_subscribers").finish(41).await;
}

#[tokio::test]
async fn channel_lists() {
    let server = start().await;
    group(&server, "hagl1", &["hal1", "hal2"]).await;
    let mut exchanges = Exchanges::load(&server, "channel_lists");
    // Lists cannot be read back: no client does that.
    for name in ["whitelist_get", "whitelist_get_after_set", "whitelist_get_empty"] {
        exchanges.play_before(name).await;
        exchanges.leave_out(name);
    }
    exchanges.play_before("whitelist_get_unknown").await;
    exchanges.leave_out("whitelist_get_unknown");
    exchanges.leave_out("whitelist_get_no_params");
    exchanges.play_before("effect_banned_channel_send").await;
    let info = |switches: Value| {
        let mut body = switches;
        body["channel_id"] = "hagl1".into();
        body["channel_type"] = 2.into();
        post(&server, "/channel/info", body)
    };
    info(json!({"ban": 1})).await;
    exchanges.play_before("effect_send_ban_channel_send").await;
    info(json!({"send_ban": 1})).await;
    exchanges.finish(44).await;
}

#[tokio::test]
async fn message_send() {
    let server = start().await;
    group(&server, "hagm1", &["ha1", "ha2", "ha3"]).await;
    Exchanges::load(&server, "message_send").finish(71).await;
}

#[tokio::test]
async fn messagesync() {
    let server = start().await;
    group(&server, "hagy1", &["ha1", "ha2"]).await;
    group(&server, "hage0", &["ha1", "ha2"]).await;
    let mut exchanges = Exchanges::load(&server, "messagesync");
    exchanges.send_what_shows("latest_25_mode0").await;
    exchanges.finish(126).await;
}

#[tokio::test]
async fn messagesync_person() {
    let server = start().await;
    group(&server, "hagw1", &["haw1", "haw2"]).await;
    let mut exchanges = Exchanges::load(&server, "messagesync_person")
        .unordered_persons(|name| name == "system_conversation");
    exchanges.play_before("system_messages").await;
    for number in ["ha-hapa-1", "ha-hapa-2"] {
        let body = json!({"channel_id": "hapa", "channel_type": 1, "client_msg_no": number,
            "header": {"red_dot": 1}, "payload": "eyJ0eXBlIjoxLCJjb250ZW50Ijoic3lzIn0="});
        post(&server, "/message/send", body).await;
    }
    exchanges.already_sent(1, "____system@", 2);
    exchanges.play_before("wire_sent").await;
    let mut client = Client::login(server.tcp_addr(), "haw1", "any").await;
    let text = |text: &str| format!(r#"{{"type":1,"content":"{text}"}}"#).into_bytes();
    let base =
        Letter { channel: "hagw1", kind: ChannelType::GROUP, flags: Flags::RED_DOT, ..Letter::default() };
    let letters = [
        Letter { number: "ha-w1", text: &text("plain"), ..base },
        Letter { number: "ha-w2", text: &text("topic"), setting: Setting::TOPIC, topic: "topic-1", ..base },
        Letter {
            number: "ha-w3",
            text: &text("receipt"),
            setting: Setting::RECEIPT,
            flags: Flags::EMPTY,
            ..base
        },
        Letter { number: "ha-w4", text: &text("expire"), expire: 3600, ..base },
        Letter { number: "ha-w5", text: br#"{"type":99,"cmd":"x"}"#, flags: Flags::SYNC_ONCE, ..base },
        Letter { number: "ha-w6", text: &text("lost"), flags: Flags::NO_PERSIST, ..base },
        Letter { number: "ha-w7", ..base },
        Letter { number: "ha-w8", text: b"after", ..base },
    ];
    for letter in &letters {
        let bytes = client.encode(letter);
        client.write(&bytes).await;
        client.sendack().await;
    }
    exchanges.already_sent(2, "hagw1", 7);
    exchanges.finish(13).await;
}

#[tokio::test]
async fn big_group() {
    let server = start().await;
    group(&server, "hagbig", &["hab1", "hab2", "hab3"]).await;
    Exchanges::load(&server, "big_group").finish(33).await;
}

#[tokio::test]
async fn message_lookup() {
    let server = start().await;
    group(&server, "hage0", &["ha1", "ha2"]).await;
    post(&server, "/channel", json!({"channel_id": "hage9", "channel_type": 2})).await;
    let mut exchanges = Exchanges::load(&server, "message_lookup");
    exchanges.send_what_shows("last_message_person").await;
    exchanges.finish(43).await;
}

#[tokio::test]
async fn errors() {
    let server = start().await;
    let mut exchanges = Exchanges::load(&server, "errors");
    // How far a migration from version 1 is.
    exchanges.play_before("migrate_result").await;
    exchanges.leave_out("migrate_result");
    exchanges.finish(27).await;
}

#[tokio::test]
async fn user_systemuids() {
    let server = start().await;
    Exchanges::load(&server, "user_systemuids").finish(11).await;
}

#[tokio::test]
async fn stream() {
    let server = start().await;
    group(&server, "hagt1", &["hat1", "hat2"]).await;
    Exchanges::load(&server, "stream").finish(82).await;
}
