//! Recorded HTTP exchanges about conversations, repeated with this server.
//!
//! Time is paused: what the real server writes down after a minute is written down when the test says so.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::clock::HeldClock;
use support::exchange::Exchanges;
use support::http;
use wk_devserver::DevServer;

async fn start() -> DevServer {
    DevServer::builder().start().await.unwrap()
}

async fn post(server: &DevServer, path: &str, body: Value) {
    let answer = http::post(server.http_addr(), path, &body).await;
    assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
}

async fn group(server: &DevServer, id: &str, members: &[&str]) {
    post(server, "/channel", json!({"channel_id": id, "channel_type": 2, "subscribers": members})).await;
}

async fn send(server: &DevServer, from: &str, to: &str, channel_type: u8, number: &str, content: &str) {
    use base64::Engine as _;
    let text = format!(r#"{{"type":1,"content":"{content}"}}"#);
    let payload = base64::engine::general_purpose::STANDARD.encode(text);
    let body = json!({"from_uid": from, "channel_id": to, "channel_type": channel_type, "client_msg_no": number,
        "header": {"red_dot": 1}, "payload": payload});
    post(server, "/message/send", body).await;
}

/// More than a minute.
const FLUSH: Duration = Duration::from_secs(75);

#[tokio::test(start_paused = true)]
async fn conversation_sync() {
    let clock = HeldClock::hold();
    let server = start().await;
    for id in ["hagk1", "hagk2", "hagk3"] {
        group(&server, id, &["hak1", "hak2"]).await;
    }
    let mut exchanges = Exchanges::load(&server, "conversation_sync");
    persons_of_hak1(&server, &mut exchanges).await;
    exchanges.play_before("db_fresh_count_2").await;
    clock.advance_to(FLUSH).await;
    exchanges.finish(52).await;
}

/// The order in which the recorded server happened to have them in its cache.
async fn persons_of_hak1(server: &DevServer, exchanges: &mut Exchanges<'_>) {
    send(server, "", "hak1", 1, "system", "sys").await;
    send(server, "hak1", "hak5", 1, "ha-hak5-1", "m1").await;
    send(server, "hak1", "hak5", 1, "ha-hak5-2", "m2").await;
    send(server, "hak4", "hak1", 1, "ha-hak1-1", "m1").await;
    send(server, "hak1", "hak4", 1, "ha-hak4-2", "m2").await;
    send(server, "hak4", "hak1", 1, "ha-hak1-3", "m3").await;
    send(server, "hak1", "hak1", 1, "ha-hak1-1", "m1").await;
    for (log, length) in [("hak5@hak1", 2), ("hak1@hak4", 3), ("hak1@hak1", 1)] {
        exchanges.already_sent(1, log, length);
    }
}

#[tokio::test(start_paused = true)]
async fn conversation_ops() {
    let clock = HeldClock::hold();
    let server = start().await;
    for (uid, end) in [("hao1", "c"), ("hao2", "d")] {
        for letter in ["N", "E", "A", "B"] {
            group(&server, &format!("hago{letter}{end}"), &[uid, "hao9"]).await;
        }
        // The first thing that is done to this one is to delete it.
        let peer = format!("har{end}");
        for n in 1..=2 {
            send(&server, &peer, uid, 1, &format!("ha-{uid}-{n}"), &format!("m{n}")).await;
        }
    }
    let mut exchanges =
        Exchanges::load(&server, "conversation_ops").unordered_persons(|name| name == "cache_start");
    exchanges.already_sent(1, "harc@hao1", 2);
    exchanges.send_what_shows("cache_start").await;
    exchanges.send_what_shows("db_start").await;
    for stage in ["cache", "db"] {
        exchanges.play_before(&format!("{stage}_delete_person_untouched")).await;
        if stage == "db" {
            clock.advance_to(FLUSH).await;
        }
        // These messages came before the change and not after it.
        for change in ["set_unread_100", "set_unread_person"] {
            exchanges.play_before(&format!("{stage}_{change}")).await;
            exchanges.send_what_shows(&format!("{stage}_after_{change}")).await;
        }
    }
    exchanges.finish(104).await;
}

#[tokio::test(start_paused = true)]
async fn conversation_more() {
    let _clock = HeldClock::hold();
    let server = start().await;
    group(&server, "ha2gm1", &["ha2m1", "ha2m2"]).await;
    let mut exchanges = Exchanges::load(&server, "conversation_more");
    exchanges.play_before("channels_all_types").await;
    for (id, channel_type) in
        [("ha2gmdata", 7), ("ha2gminfo", 6), ("ha2m1|ha2gmcs", 3), ("ha2gmlive", 9), ("ha2m1", 10)]
    {
        let body = json!({"channel_id": id, "channel_type": channel_type, "subscribers": ["ha2m1", "ha2m2"]});
        let path = if channel_type == 10 { "/channel/info" } else { "/channel/subscriber_add" };
        post(&server, path, body).await;
    }
    exchanges.play_before("colon_last_seq").await;
    group(&server, "ha2gmcolon:x", &["ha2m1", "ha2m2"]).await;
    exchanges.finish(10).await;
}

#[tokio::test(start_paused = true)]
async fn conversation_other() {
    let _clock = HeldClock::hold();
    let server = start().await;
    for id in ["hagk1", "hagk2", "hagk3"] {
        group(&server, id, &["hak1", "hak2"]).await;
    }
    let mut exchanges = Exchanges::load(&server, "conversation_other");
    persons_of_hak1(&server, &mut exchanges).await;
    exchanges.send_what_shows("by_channels_count_0").await;
    exchanges.send_what_shows("by_channels").await;
    exchanges.finish(18).await;
}

#[tokio::test(start_paused = true)]
async fn big_conversations() {
    let clock = HeldClock::hold();
    let server = start().await;
    for n in [0, 1, 3, 4, 6, 7, 9, 10] {
        group(&server, &format!("hagbc{n}"), &["habc", "habcx", "habcy"]).await;
    }
    let mut exchanges = Exchanges::load(&server, "big_conversations").unordered_persons(|_| true);
    exchanges.send_what_shows("fresh_count_20").await;
    clock.advance_to(FLUSH).await;
    exchanges.finish(15).await;
}

#[tokio::test(start_paused = true)]
async fn crc_tie() {
    let clock = HeldClock::hold();
    let server = start().await;
    let exchanges = Exchanges::load(&server, "crc_tie");
    clock.advance_to(Duration::ZERO).await;
    exchanges.finish(10).await;
}

#[tokio::test(start_paused = true)]
async fn commands() {
    let clock = HeldClock::hold();
    let server = start().await;
    group(&server, "hagc1cmd", &["hac1", "hac2"]).await;
    let command = |from: &str, to: &str, channel_type: u8, number: &str| {
        let body = json!({"from_uid": from, "channel_id": to, "channel_type": channel_type, "client_msg_no": number,
            "header": {"sync_once": 1}, "payload": "eyJ0eXBlIjoxLCJjb250ZW50IjoiY21kIn0="});
        post(&server, "/message/send", body)
    };
    let mut exchanges = Exchanges::load(&server, "cmd");
    exchanges.play_before("cache_first").await;
    for n in 1..=3 {
        command("hac2", "hagc1cmd", 2, &format!("ha-hagc1cmd-{n}")).await;
    }
    command("hac3", "hac1", 1, "ha-hac1-1").await;
    command("hac3", "hac1", 1, "ha-hac1-2").await;
    command("hac1", "hac3", 1, "ha-hac3-3").await;
    command("", "hac1", 1, "ha-hac1-4").await;
    let named = json!({"from_uid": "hac2", "subscribers": ["hac1"], "header": {"sync_once": 1},
        "payload": "eyJ0eXBlIjoxLCJjb250ZW50IjoiY21kIn0="});
    post(&server, "/message/send", named).await;
    exchanges.all_sent();
    exchanges.play_before("db_first").await;
    clock.advance_to(FLUSH).await;
    exchanges.play_before("db_limit_2").await;
    for n in 11..=13 {
        command("hac2", "hagc1cmd", 2, &format!("ha-hagc1cmd-{n}")).await;
    }
    for n in 14..=15 {
        command("hac3", "hac1", 1, &format!("ha-hac1-{n}")).await;
    }
    exchanges.finish(28).await;
}
