//! Recorded sessions of a v3 server, played against this server in generation 3.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::capture::Capture;
use support::clock::HeldClock;
use support::http;
use support::replay::Replay;
use support::wire::Client;
use wk_devserver::{DevServer, Generation};
use wk_model::{ChannelType, DeviceFlag};
use wkproto::Flags;

async fn start() -> DevServer {
    DevServer::builder().generation(Generation::V3).start().await.unwrap()
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

/// The sessions in which a note says that the server closed.
fn closed(capture: &Capture) -> Vec<usize> {
    let says_so = |note: &str| {
        note.ends_with(": closed")
            || note.rsplit_once("closed ").is_some_and(|(_, at)| at.parse::<u64>().is_ok())
    };
    let sessions = capture.sessions.iter().enumerate();
    let closed = sessions.filter(|(_, session)| session.events.iter().any(|event| says_so(&event.note)));
    closed.map(|(index, _)| index).collect()
}

#[tokio::test(start_paused = true)]
async fn handshake_versions() {
    let clock = HeldClock::hold();
    let server = start().await;
    let capture = Capture::load_v3("handshake-versions");
    let starts = in_sequence(&capture);
    Replay::new(&server, clock, capture, &starts).finish().await;
}

#[tokio::test(start_paused = true)]
async fn bad_connects() {
    let clock = HeldClock::hold();
    let server = start().await;
    let capture = Capture::load_v3("bad-connects");
    let (starts, closed) = (in_sequence(&capture), closed(&capture));
    assert_eq!(closed.len(), 10);
    // Two never log in: one is silent, the other stuck in a packet of type 0.
    let stuck = capture.sessions.iter().enumerate().filter(|(index, session)| {
        !closed.contains(index) && session.events.iter().all(|event| event.packet != "CONNACK")
    });
    let stuck: Vec<usize> = stuck.map(|(index, _)| index).collect();
    assert_eq!(stuck.len(), 2);
    Replay::new(&server, clock, capture, &starts).closed_by_server(closed).mute(stuck).finish().await;
}

#[tokio::test(start_paused = true)]
async fn zero_length_payload() {
    let clock = HeldClock::hold();
    let server = start().await;
    let capture = Capture::load_v3("zero-length-payload");
    Replay::new(&server, clock, capture, &[0]).closed_by_server([0]).finish().await;
}

#[tokio::test(start_paused = true)]
async fn person_chat() {
    let clock = HeldClock::hold();
    let server = start().await;
    let mut replay = Replay::new(&server, clock, Capture::load_v3("person-chat"), &[0, 1, 2]);
    // This SEND was too long to be recorded.
    replay.play_to("100000 bytes").await;
    let client = replay.client(0);
    client.client_seq = 24;
    let text = [b'x'; 100_000];
    let long = client.encode_send("capp2", ChannelType::PERSON, "no-capp1-25-e7e1db", Flags::RED_DOT, &text);
    replay.write(0, &long).await;
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn displaced_same_device() {
    let clock = HeldClock::hold();
    let server = start().await;
    let capture = Capture::load_v3("displaced-same-device");
    Replay::new(&server, clock, capture, &[0, 500, 0]).closed_by_server([0]).finish().await;
}

#[tokio::test(start_paused = true)]
async fn silent_client() {
    let clock = HeldClock::hold();
    let server = start().await;
    clock.advance_to(Duration::from_millis(1_000)).await;
    let mut sender = Client::open(server.tcp_addr()).await;
    assert!(sender.connect("caps1", "unrecorded", DeviceFlag::APP, "tok").await);
    let capture = Capture::load_v3("silent-client");
    let heard: Vec<(u64, String)> = capture.sessions[0]
        .events
        .iter()
        .filter(|event| event.packet == "RECV")
        .map(|event| {
            (event.t_ms / 20_000 * 20_000, event.fields["client_msg_no"].as_str().unwrap().to_owned())
        })
        .collect();
    // What is sent later than 90 s after the login is not delivered.
    assert_eq!(heard.len(), 5);
    let late = (5..9).map(|number| (number * 20_000, format!("late-{number}")));
    let mut replay = Replay::new(&server, clock, capture, &[1_000]).closed_by_server([0]);
    replay.play_to_packet("CONNACK").await;
    for (at, number) in heard.into_iter().chain(late) {
        replay.play_before(Duration::from_millis(1_010 + at)).await;
        let text = format!(r#"{{"type":1,"content":"at {} s"}}"#, at / 1000);
        sender.send_person("caps2", &number, text.as_bytes()).await;
        sender.sendack().await;
    }
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn kick_and_misuse() {
    let clock = HeldClock::hold();
    let server = start().await;
    let token = |flag: u8, level: u8, token: &str| json!({"uid": "capk1", "device_flag": flag, "device_level": level, "token": token});
    post(&server, "/user/token", token(0, 1, "tok")).await;
    post(&server, "/user/token", token(1, 0, "tok")).await;
    let capture = Capture::load_v3("kick-and-misuse");
    // Each began where the notes of the others say it; the last four were closed at the same moment.
    let starts = [
        0, 4, 304, 6_305, 6_309, 6_310, 19_400, 19_500, 19_600, 19_700, 19_800, 19_900, 20_424, 22_425,
        23_927,
    ];
    // The two that are kicked besides the one that is looked at.
    let closed = closed(&capture).into_iter().chain([0, 5]);
    let mut replay = Replay::new(&server, clock, capture, &starts).closed_by_server(closed).mute([12]);
    replay.play_to("POST /user/token level 1 with a new token").await;
    post(&server, "/user/token", token(0, 1, "tok2")).await;
    replay.play_to("POST /user/device_quit flag 1").await;
    post(&server, "/user/device_quit", json!({"uid": "capk1", "device_flag": 1})).await;
    // This SEND went out byte by byte, and was not recorded.
    replay.play_to("one byte at a time").await;
    let slow = replay.client(14).encode_send(
        "cap1",
        ChannelType::PERSON,
        "no-capk1-1-6f6c61",
        Flags::RED_DOT,
        b"slow",
    );
    for byte in slow {
        replay.write(14, &[byte]).await;
    }
    replay.finish().await;
}

#[tokio::test(start_paused = true)]
async fn group_and_http() {
    let clock = HeldClock::hold();
    let server = start().await;
    let group = |mut body: Value| {
        body["channel_id"] = "capgroup1".into();
        body["channel_type"] = 2.into();
        body
    };
    post(&server, "/channel", group(json!({"subscribers": ["capg1", "capg2", "capg3"]}))).await;
    let mut replay = Replay::new(&server, clock, Capture::load_v3("group-and-http"), &[0, 0, 0, 0]);
    replay.play_to("on the deny list").await;
    post(&server, "/channel/blacklist_add", group(json!({"uids": ["capg2"]}))).await;
    replay.play_to("not on the allow list").await;
    post(&server, "/channel/blacklist_remove", group(json!({"uids": ["capg2"]}))).await;
    post(&server, "/channel/whitelist_add", group(json!({"uids": ["capg1"]}))).await;
    replay.play_to("channel banned").await;
    post(&server, "/channel/info", group(json!({"ban": 1}))).await;
    replay.play_to("channel disbanded").await;
    post(&server, "/channel/info", group(json!({"disband": 1}))).await;
    // What is disbanded stays so.
    replay.play_to("free again").await;
    post(&server, "/channel/info", group(json!({}))).await;
    replay.play_to("person deny list of capg2 holds capg1").await;
    let list = json!({"channel_id": "capg2", "channel_type": 1, "uids": ["capg1"]});
    post(&server, "/channel/blacklist_add", list.clone()).await;
    replay.play_to("sender has send_ban").await;
    post(&server, "/channel/blacklist_remove", list).await;
    post(&server, "/channel/info", json!({"channel_id": "capg1", "channel_type": 1, "send_ban": 1})).await;
    replay.play_to("removed from the group").await;
    post(&server, "/channel/info", json!({"channel_id": "capg1", "channel_type": 1})).await;
    post(&server, "/channel/subscriber_remove", group(json!({"subscribers": ["capg3"]}))).await;

    // Into the group that is no more: of all this only what is for somebody else is heard.
    replay.play_to("http normal").await;
    let command = "eyJ0eXBlIjo5OSwiY21kIjoiYyIsInBhcmFtIjp7fX0=";
    let sync_once = json!({"sync_once": 1});
    post(&server, "/message/send", group(json!({"from_uid": "capg1", "payload": command}))).await;
    replay.play_to("http cmd").await;
    let body = json!({"from_uid": "capg2", "header": sync_once, "payload": command});
    post(&server, "/message/send", group(body)).await;
    replay.play_to("http cmd person").await;
    let body = json!({"from_uid": "capg2", "channel_id": "capg1", "channel_type": 1, "header": sync_once,
        "payload": command});
    post(&server, "/message/send", body).await;
    replay.play_to("http subscribers").await;
    let body = json!({"from_uid": "capg2", "subscribers": ["capg1", "capg2"], "header": sync_once, "payload": command});
    post(&server, "/message/send", body).await;
    replay.finish().await;
}
