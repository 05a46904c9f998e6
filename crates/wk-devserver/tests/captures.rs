//! Recorded sessions of WuKongIM 2.2.5, played against this server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::capture::Capture;
use support::clock::HeldClock;
use support::exchange::Exchanges;
use support::replay::Replay;
use support::wire::Client;
use support::{http, until};
use wk_devserver::{Builder, DevServer};
use wk_model::{ChannelType, DeviceFlag, Uid};
use wkproto::Flags;

/// As the recorded server was started, and with a fixed order of SENDs in flight.
fn recorded_server() -> Builder {
    DevServer::builder().token_auth(true).quirks(|quirks| quirks.reorder_pipelined_sends = false)
}

fn set_tokens(server: &DevServer, uids: &[&str]) {
    for uid in uids {
        for flag in [DeviceFlag::APP, DeviceFlag::WEB, DeviceFlag::PC] {
            server.set_token(&Uid::from(*uid), flag, "tok");
        }
    }
}

async fn post(server: &DevServer, path: &str, body: Value) {
    let answer = http::post(server.http_addr(), path, &body).await;
    assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
}

/// The sessions of a capture one after the other.
fn in_sequence(capture: &Capture) -> Vec<u64> {
    let mut start = 0;
    let starts = capture.sessions.iter().map(|session| {
        let this = start;
        start += session.events.last().unwrap().t_ms + 100;
        this
    });
    starts.collect()
}

#[tokio::test(start_paused = true)]
async fn handshake_versions() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    for version in [0, 1, 2, 3, 4, 5, 6, 7, 200] {
        set_tokens(&server, &[&format!("capver{version}")]);
    }
    let capture = Capture::load("handshake-versions");
    let starts = in_sequence(&capture);
    Replay::new(&server, clock, capture, &starts).finish().await;
}

#[tokio::test(start_paused = true)]
async fn bad_connects() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    set_tokens(&server, &["capbad"]);
    let capture = Capture::load("bad-connects");
    let starts = in_sequence(&capture);
    let closed = capture
        .sessions
        .iter()
        .enumerate()
        .filter(|(_, session)| session.events.iter().any(|event| event.note.ends_with(": closed")));
    let closed: Vec<usize> = closed.map(|(index, _)| index).collect();
    assert_eq!(closed.len(), 14);
    Replay::new(&server, clock, capture, &starts).closed_by_server(closed).finish().await;
}

#[tokio::test(start_paused = true)]
async fn person_chat() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    set_tokens(&server, &["capp1", "capp2"]);
    let mut replay = Replay::new(&server, clock, Capture::load("person-chat"), &[0, 1, 2]);
    // This SEND was too long to be recorded.
    replay.play_to("100000 bytes").await;
    let client = replay.client(0);
    client.client_seq = 24;
    let long = client.encode_send(
        "capp2",
        ChannelType::PERSON,
        "no-capp1-25-7df0d2",
        Flags::RED_DOT,
        &[b'x'; 100_000],
    );
    replay.write(0, &long).await;
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn zero_length_payload() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    set_tokens(&server, &["cape1"]);
    Replay::new(&server, clock, Capture::load("zero-length-payload"), &[0]).finish().await;
}

#[tokio::test(start_paused = true)]
async fn group_and_http() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    set_tokens(&server, &["capg1", "capg2", "capg3", "capg4"]);
    let group = |mut body: Value| {
        body["channel_id"] = "capgroup1".into();
        body["channel_type"] = 2.into();
        body
    };
    post(&server, "/channel", group(json!({"subscribers": ["capg1", "capg2", "capg3"]}))).await;
    let mut replay = Replay::new(&server, clock, Capture::load("group-and-http"), &[0, 0, 0, 0]);
    let info = |switches| post(&server, "/channel/info", group(switches));
    let send = |body| post(&server, "/message/send", body);

    replay.play_to("on the deny list").await;
    post(&server, "/channel/blacklist_add", group(json!({"uids": ["capg2"]}))).await;
    replay.play_to("not on the allow list").await;
    post(&server, "/channel/blacklist_remove", group(json!({"uids": ["capg2"]}))).await;
    post(&server, "/channel/whitelist_add", group(json!({"uids": ["capg1"]}))).await;
    replay.play_to("channel banned").await;
    info(json!({"ban": 1})).await;
    replay.play_to("channel disbanded").await;
    info(json!({"disband": 1})).await;
    replay.play_to("channel send_ban").await;
    info(json!({"send_ban": 1})).await;
    post(&server, "/channel/whitelist_set", group(json!({"uids": ["capg9"]}))).await;
    replay.play_to("free again").await;
    info(json!({})).await;
    replay.play_to("person deny list of capg2 holds capg1").await;
    let list = json!({"channel_id": "capg2", "channel_type": 1, "uids": ["capg1"]});
    post(&server, "/channel/blacklist_add", list.clone()).await;
    replay.play_to("sender has send_ban").await;
    post(&server, "/channel/blacklist_remove", list).await;
    let own = |send_ban: u8| json!({"channel_id": "capg1", "channel_type": 1, "send_ban": send_ban});
    post(&server, "/channel/info", own(1)).await;
    replay.play_to("removed from the group").await;
    post(&server, "/channel/info", own(0)).await;
    post(&server, "/channel/whitelist_remove_all", group(json!({}))).await;
    post(&server, "/channel/subscriber_remove", group(json!({"subscribers": ["capg3"]}))).await;

    replay.play_to("http normal").await;
    let text = |text: &str| base64_json(&json!({"type": 1, "content": text}));
    let red_dot = json!({"red_dot": 1});
    send(group(json!({"from_uid": "capg1", "header": red_dot, "payload": text("http")}))).await;
    replay.play_to("http system").await;
    send(group(json!({"header": red_dot, "payload": text("sys")}))).await;
    replay.play_to("http system to person").await;
    send(json!({"channel_id": "capg1", "channel_type": 1, "header": red_dot, "payload": text("sysp")})).await;
    replay.play_to("http cmd").await;
    let command = base64_of(r#"{"type":99,"cmd":"c","param":{}}"#);
    let sync_once = json!({"sync_once": 1});
    send(group(json!({"from_uid": "capg2", "header": sync_once, "payload": command}))).await;
    replay.play_to("http cmd person").await;
    let to_person = json!({"from_uid": "capg2", "channel_id": "capg1", "channel_type": 1, "header": sync_once,
        "payload": command});
    send(to_person).await;
    replay.play_to("http subscribers").await;
    send(json!({"from_uid": "capg2", "subscribers": ["capg1", "capg2"], "header": sync_once, "payload": command}))
        .await;
    replay.play_to("http stream anchor").await;
    send(group(json!({"from_uid": "capg1", "header": red_dot, "is_stream": 1, "client_msg_no": "stream-1",
        "payload": text("")})))
    .await;
    for (id, payload) in [
        ("delta-53e4", json!({"kind": "text", "delta": "你"})),
        ("delta-a6ff", json!({"kind": "text", "delta": "好"})),
        ("snapshot-6f20", json!({"kind": "text", "text": "你好!"})),
        ("close-b728", json!({"end_reason": 1})),
        ("finish-45b5", json!({})),
    ] {
        replay.play_before_packet("EVENT").await;
        let kind = format!("stream.{}", id.split('-').next().unwrap());
        let event = json!({"from_uid": "capg1", "client_msg_no": "stream-1", "event_type": kind,
            "event_id": format!("e-stream.{id}"), "payload": payload});
        post(&server, "/message/event", group(event)).await;
        // Two members are online.
        replay.play_to_packet("EVENT").await;
        replay.play_to_packet("EVENT").await;
    }
    replay.finish().await;
}

/// The text as the recorded client wrote it, which kept the order of the keys.
fn base64_json(value: &Value) -> String {
    let content = &value["content"];
    base64_of(&format!(r#"{{"type":1,"content":{content}}}"#))
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test(start_paused = true)]
async fn kick_and_misuse() {
    let clock = HeldClock::hold();
    let server = recorded_server().start().await.unwrap();
    let token = |flag: u8, level: u8, token: &str| json!({"uid": "capk1", "device_flag": flag, "device_level": level, "token": token});
    post(&server, "/user/token", token(0, 1, "tok")).await;
    post(&server, "/user/token", token(1, 0, "tok")).await;
    let capture = Capture::load("kick-and-misuse");
    // All sessions were closed at the same moment, in the end.
    let mut starts: Vec<u64> =
        capture.sessions.iter().map(|s| 51_351 - s.events.last().unwrap().t_ms).collect();
    // By a millisecond too early: the session before had its SENDACK already.
    starts[12] += 1;
    // Displaced or kicked, and one that is stuck in a packet of type 0.
    let mute = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
    let mut replay = Replay::new(&server, clock, capture, &starts).mute(mute);
    replay.play_to("POST /user/token level 1 with a new token").await;
    post(&server, "/user/token", token(0, 1, "tok2")).await;
    replay.play_to("POST /user/device_quit flag 1").await;
    post(&server, "/user/device_quit", json!({"uid": "capk1", "device_flag": 1})).await;
    // This SEND went out byte by byte, and was not recorded.
    replay.play_to("one byte at a time").await;
    let slow = replay.client(14).encode_send(
        "cap1",
        ChannelType::PERSON,
        "no-capk1-1-5e2de8",
        Flags::RED_DOT,
        b"slow",
    );
    for byte in slow {
        replay.write(14, &[byte]).await;
    }
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn displaced_same_device() {
    let clock = HeldClock::hold();
    // The recorded timer for the grace ran some milliseconds long.
    let grace = Duration::from_millis(2_020);
    let server = recorded_server().timings(|timings| timings.displaced_grace = grace).start().await.unwrap();
    set_tokens(&server, &["capd1", "capd2"]);
    // The server was started so that its second look for what is due falls where the recorded one did.
    let starts = [49_110, 49_613, 49_110];
    Replay::new(&server, clock, Capture::load("displaced-same-device"), &starts).mute([0]).finish().await;
}

/// A sender that was not recorded.
async fn unrecorded(server: &DevServer, uid: &str) -> Client {
    set_tokens(server, &[uid]);
    let mut client = Client::open(server.tcp_addr()).await;
    assert!(client.connect(uid, "unrecorded", DeviceFlag::APP, "tok").await);
    client
}

#[tokio::test(start_paused = true)]
async fn unacked_resend() {
    let clock = HeldClock::hold();
    let scan = Duration::from_millis(57_100);
    let server = recorded_server().timings(|timings| timings.resend_scan = scan).start().await.unwrap();
    set_tokens(&server, &["capr2"]);
    clock.advance_to(Duration::from_millis(19_190)).await;
    let mut sender = unrecorded(&server, "capr1").await;
    let mut replay = Replay::new(&server, clock, Capture::load("unacked-resend"), &[19_190]);
    replay.play_to_packet("CONNACK").await;
    let text = br#"{"type":1,"content":"never acked"}"#;
    sender.send_person("capr2", "no-capr1-1-3ab6d4", text).await;
    sender.sendack().await;
    sender.send_person("capr2", "no-capr1-2-88bbba", br#"{"type":1,"content":"acked"}"#).await;
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn silent_client() {
    let clock = HeldClock::hold();
    let scan = Duration::from_secs(57);
    let server = recorded_server().timings(|timings| timings.resend_scan = scan).start().await.unwrap();
    set_tokens(&server, &["caps2"]);
    clock.advance_to(Duration::from_millis(19_050)).await;
    let mut sender = unrecorded(&server, "caps1").await;
    let capture = Capture::load("silent-client");
    let numbers: Vec<(u64, String)> = capture.sessions[0]
        .events
        .iter()
        .filter(|event| event.packet == "RECV" && event.t_ms % 20_000 < 1_000)
        .map(|event| (event.t_ms, event.fields["client_msg_no"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(numbers.len(), 14);
    let mut replay = Replay::new(&server, clock, capture, &[19_050]).closed_by_server([0]);
    replay.play_to_packet("CONNACK").await;
    for (at, number) in numbers {
        replay.play_before(Duration::from_millis(19_050 + at)).await;
        let text = format!(r#"{{"type":1,"content":"at {} s"}}"#, at / 1000);
        sender.send_person("caps2", &number, text.as_bytes()).await;
        sender.sendack().await;
    }
    replay.finish().await;
}

/// The HTTP side of sessions: who is online, and how devices are made to quit.
#[tokio::test(start_paused = true)]
async fn user_online() {
    let clock = HeldClock::hold();
    let server = recorded_server().token_auth(false).start().await.unwrap();
    for flag in [0, 1, 2] {
        for uid in ["ha1", "ha2"] {
            post(&server, "/user/token", json!({"uid": uid, "device_flag": flag, "token": "t"})).await;
        }
    }
    let mut exchanges = Exchanges::load(&server, "user_online");
    exchanges.play_before("online_several").await;
    let mut clients = Vec::new();
    for (uid, device, flag) in [
        ("ha1", "w1", DeviceFlag::WEB),
        ("ha1", "a1", DeviceFlag::APP),
        ("ha1", "w2", DeviceFlag::WEB),
        ("ha2", "p1", DeviceFlag::PC),
    ] {
        let mut client = Client::open(server.tcp_addr()).await;
        assert!(client.connect(uid, device, flag, "").await);
        clients.push(client);
    }
    exchanges.play_before("online_3s_after_quit").await;
    clock.advance_to(Duration::from_secs(3)).await;
    exchanges.play_before("online_after_quit_all").await;
    clock.advance_to(Duration::from_secs(6)).await;
    exchanges.play_before("online_after_socket_close").await;
    drop(clients);
    until("ha2 is gone", || server.session_count(&Uid::from("ha2")) == 0).await;
    exchanges.finish(18).await;
}
