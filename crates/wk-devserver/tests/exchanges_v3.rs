//! Recorded HTTP exchanges with a v3 server, repeated with this server in generation 3.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::clock::HeldClock;
use support::exchange::Exchanges;
use support::http;
use wk_devserver::{Builder, DevServer, Generation};

fn builder() -> Builder {
    // Who writes first is a member at once, but where a test says otherwise.
    DevServer::builder().generation(Generation::V3).timings(|timings| timings.membership = Duration::ZERO)
}

async fn start() -> DevServer {
    builder().start().await.unwrap()
}

async fn post(server: &DevServer, path: &str, body: Value) {
    let answer = http::post(server.http_addr(), path, &body).await;
    assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
}

async fn group(server: &DevServer, id: &str, members: &[&str]) {
    post(server, "/channel", json!({"channel_id": id, "channel_type": 2, "subscribers": members})).await;
}

async fn send(server: &DevServer, from: &str, to: &str, channel_type: u8, number: &str, content: u64) {
    use base64::Engine as _;
    let text = format!(r#"{{"type":1,"content":"m{content}"}}"#);
    let payload = base64::engine::general_purpose::STANDARD.encode(text);
    let body = json!({"from_uid": from, "channel_id": to, "channel_type": channel_type, "client_msg_no": number,
        "payload": payload});
    post(server, "/message/send", body).await;
}

#[tokio::test]
async fn route() {
    let server = builder().ws("127.0.0.1:0").start().await.unwrap();
    Exchanges::load_v3(&server, "route").finish(18).await;
}

#[tokio::test]
async fn endpoints_of_v2_are_gone() {
    let server = start().await;
    Exchanges::load_v3(&server, "gone").finish(18).await;
}

#[tokio::test]
async fn user_token() {
    let server = start().await;
    Exchanges::load_v3(&server, "user_token").finish(35).await;
}

#[tokio::test]
async fn user_systemuids() {
    let server = start().await;
    Exchanges::load_v3(&server, "user_systemuids").finish(10).await;
}

#[tokio::test]
async fn errors() {
    let server = start().await;
    group(&server, "hqgc2", &["hq1"]).await;
    group(&server, "hqgc3", &["hq1"]).await;
    Exchanges::load_v3(&server, "errors").finish(19).await;
}

#[tokio::test]
async fn channel() {
    let server = start().await;
    let mut exchanges = Exchanges::load_v3(&server, "channel");
    exchanges.play_before("delete_before_messagesync").await;
    group(&server, "hqgd1", &["hq1", "hq2"]).await;
    exchanges.finish(63).await;
}

#[tokio::test]
async fn channel_subscribers() {
    let server = start().await;
    Exchanges::load_v3(&server, "channel_subscribers").finish(49).await;
}

#[tokio::test]
async fn channel_lists() {
    let server = start().await;
    group(&server, "hqgl1", &["hql1", "hql2", "hql3"]).await;
    let mut exchanges = Exchanges::load_v3(&server, "channel_lists");
    // Lists cannot be read back: no client does that.
    for name in ["whitelist_get", "whitelist_get_after_set", "whitelist_get_empty", "whitelist_get_unknown"] {
        exchanges.play_before(name).await;
        exchanges.leave_out(name);
    }
    exchanges.leave_out("whitelist_get_no_params");
    let info = |id: &str, channel_type: u8, switch: &str| {
        let body = json!({"channel_id": id, "channel_type": channel_type, switch: 1});
        post(&server, "/channel/info", body)
    };
    exchanges.play_before("send_banned_channel").await;
    info("hqgl1", 2, "ban").await;
    exchanges.play_before("send_send_ban_channel").await;
    info("hqgl1", 2, "send_ban").await;
    exchanges.play_before("send_by_send_banned_user").await;
    info("hqgl1", 2, "large").await;
    info("hql1", 1, "send_ban").await;
    exchanges.play_before("send_by_banned_user").await;
    info("hql1", 1, "ban").await;
    exchanges.finish(41).await;
}

#[tokio::test]
async fn message_send() {
    let server = start().await;
    group(&server, "hqgm1", &["hq1", "hq2", "hq3"]).await;
    Exchanges::load_v3(&server, "message_send").finish(80).await;
}

#[tokio::test]
async fn messagesync() {
    let server = start().await;
    for id in ["hqgy1", "hqge0", "hqgone"] {
        group(&server, id, &["hq1", "hq2"]).await;
    }
    let mut exchanges = Exchanges::load_v3(&server, "messagesync");
    exchanges.send_what_shows("latest_25_mode0").await;
    exchanges.finish(108).await;
}

#[tokio::test(start_paused = true)]
async fn messagesync_person() {
    let clock = HeldClock::hold();
    let server = DevServer::builder().generation(Generation::V3).start().await.unwrap();
    let mut exchanges = Exchanges::load_v3(&server, "messagesync_person");
    exchanges.play_before("later_sender").await;
    // The two are no members of their channel before (docs/servers.md T65).
    clock.advance_to(Duration::from_secs(1)).await;
    exchanges.play_before("system_messages").await;
    exchanges.send_what_shows("system_messages").await;
    clock.advance_to(Duration::from_secs(2)).await;
    exchanges.finish(15).await;
}

#[tokio::test]
async fn messagesyncbatch() {
    let server = start().await;
    for id in ["hqgy1", "hqge0", "hqgone"] {
        group(&server, id, &["hq1", "hq2"]).await;
    }
    let mut exchanges = Exchanges::load_v3(&server, "messagesyncbatch");
    exchanges.send_what_shows("item_limit_0").await;
    exchanges.finish(11).await;
}

#[tokio::test]
async fn big_group() {
    let server = start().await;
    group(&server, "hqgbig", &["hqb1", "hqb2", "hqb3"]).await;
    Exchanges::load_v3(&server, "big_group").finish(32).await;
}

#[tokio::test]
async fn conversation_list() {
    let server = start().await;
    for id in ["hqgk1", "hqgk2", "hqgk3"] {
        group(&server, id, &["hqk1", "hqk2"]).await;
    }
    let mut exchanges = Exchanges::load_v3(&server, "conversation_list");
    // What the newest messages hide.
    exchanges.play_before("right_after_first_person_message").await;
    for (number, from) in [(1, "hqk2"), (2, "hqk2"), (3, "hqk2"), (4, "hqk1"), (5, "hqk2"), (6, "hqk2")] {
        send(&server, from, "hqgk2", 2, &format!("hq-hqgk2-{number}"), number).await;
    }
    exchanges.already_sent(2, "hqgk2", 6);
    exchanges.play_before("all").await;
    for (number, from, to) in [(1, "hqk4", "hqk1"), (2, "hqk1", "hqk4"), (3, "hqk4", "hqk1")] {
        send(&server, from, to, 1, &format!("hq-{to}-{number}"), number).await;
    }
    exchanges.already_sent(1, "hqk1@hqk4", 3);
    exchanges.finish(36).await;
}

#[tokio::test]
async fn conversation_ops() {
    let server = start().await;
    for letter in ["A", "B", "D", "E"] {
        group(&server, &format!("hqgo{letter}"), &["hqo1", "hqo9"]).await;
    }
    let mut exchanges = Exchanges::load_v3(&server, "conversation_ops");
    for change in ["set_unread_100", "set_unread_person"] {
        exchanges.play_before(change).await;
    }
    exchanges.play_before("activate_empty_member").await;
    group(&server, "hqgoZ2", &["hqo1"]).await;
    exchanges.play_before("after_member_removed").await;
    let hqo1 = json!({"channel_id": "hqgoA", "channel_type": 2, "subscribers": ["hqo1"]});
    post(&server, "/channel/subscriber_remove", hqo1).await;
    exchanges.play_before("after_channel_deleted").await;
    post(&server, "/channel/delete", json!({"channel_id": "hqgoE", "channel_type": 2})).await;
    exchanges.finish(67).await;
}

#[tokio::test]
async fn big_conversations() {
    let server = start().await;
    for number in [0, 1, 3, 4, 6, 7, 9, 10] {
        group(&server, &format!("hqgbc{number}"), &["hqbc", "hqbcx", "hqbcy"]).await;
    }
    Exchanges::load_v3(&server, "big_conversations").finish(9).await;
}

#[tokio::test]
async fn crc_tie() {
    let server = start().await;
    Exchanges::load_v3(&server, "crc_tie").finish(5).await;
}

#[tokio::test]
async fn cmd() {
    let server = start().await;
    group(&server, "hqgc1cmd", &["hqc1", "hqc2"]).await;
    group(&server, "hqgc5cmd", &["hqc2", "hqc5"]).await;
    let mut exchanges = Exchanges::load_v3(&server, "cmd");
    // The test sends all of them: that a command was sent before somebody bound its log, no answer shows.
    exchanges.all_sent();
    let payload = "eyJ0eXBlIjoxLCJjb250ZW50IjoiY21kIn0=";
    let command = async |from: &str, to: &str, number: u64| {
        let channel_type = if to.ends_with("cmd") { 2 } else { 1 };
        let body = json!({"from_uid": from, "channel_id": to, "channel_type": channel_type, "payload": payload,
            "client_msg_no": format!("hq-{to}-{number}"), "header": {"sync_once": 1}});
        assert_eq!(http::post(server.http_addr(), "/message/send", &body).await.status, 200);
    };
    // Before each exchange: who sends, where to, under which number.
    type Sent = (&'static str, &'static str, u64);
    let steps: [(&str, &[Sent]); 7] = [
        ("before_bind", &[("hqc2", "hqgc1cmd", 1), ("hqc2", "hqgc1cmd", 2), ("hqc3", "hqc1", 1)]),
        (
            "after_bind",
            &[("hqc2", "hqgc1cmd", 3), ("hqc2", "hqgc1cmd", 4), ("hqc3", "hqc1", 2), ("hqc1", "hqc3", 3)],
        ),
        (
            "limit_2",
            &[
                ("hqc2", "hqgc1cmd", 5),
                ("hqc2", "hqgc1cmd", 6),
                ("hqc2", "hqgc1cmd", 7),
                ("hqc3", "hqc1", 4),
                ("hqc3", "hqc1", 5),
            ],
        ),
        ("after_bind_again", &[("hqc2", "hqgc1cmd", 8)]),
        ("empty_bind", &[]),
        ("empty_bind_sync_second", &[("hqc2", "hqgc1cmd", 20)]),
        ("empty_bind_sync_after_first", &[("hqc2", "hqgc5cmd", 1)]),
    ];
    for (name, commands) in steps {
        exchanges.play_before(name).await;
        for (from, to, number) in commands {
            command(from, to, *number).await;
        }
    }
    exchanges.finish(50).await;
}

#[tokio::test]
async fn stream() {
    let server = start().await;
    group(&server, "hqgt1", &["hqt1", "hqt2"]).await;
    let mut exchanges = Exchanges::load_v3(&server, "stream");
    exchanges.play_before("sync_40_lanes").await;
    for lane in 0..40 {
        let event = json!({"channel_id": "hqgt1", "channel_type": 2, "from_uid": "hqt1",
            "client_msg_no": "hq-anchor_many", "event_id": format!("m{lane}"), "event_type": "stream.delta",
            "event_key": format!("lane{lane:02}"), "payload": {"kind": "text", "delta": lane.to_string()}});
        post(&server, "/message/event", event).await;
    }
    exchanges.finish(69).await;
}
