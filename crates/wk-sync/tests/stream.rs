//! Messages that are still being written: put together from pieces, and made certain when they end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::{Event as EventPacket, Packet, ProtocolVersion};
use wk_sync::store::model::{ChannelId, ClientMsgNo, ClientSeq, PageQuery, Setting, Uid};
use wk_sync::{
    Event, Fetched, Input, Output, QueryError, Reply, SourceError, StreamLane, StreamStatus, Ticket, Topic,
};

const NUMBER: &str = "answer-1";

fn topic() -> Topic {
    Topic::Stream(ChannelId::person("bot"), Uid::new("bot"), ClientMsgNo::from(NUMBER))
}

fn said(world: &mut World, text: &str, status: StreamStatus) {
    let lane = StreamLane { key: "main".into(), text: text.into(), status };
    world.server.listing.topics.entry(topic()).or_default().push_back(Fetched::Stream(vec![lane]));
}

/// The server pushes an event of a bot's message to alice, with the bot's view of the channel.
fn push(world: &mut World, id: &str, kind: &str, payload: &str) {
    let data = format!(
        r#"{{"client_msg_no":"{NUMBER}","channel_id":"alice","channel_type":1,"from_uid":"bot","event_key":"main","payload":{payload}}}"#
    );
    let packet = EventPacket {
        id: id.into(),
        event_type: kind.into(),
        timestamp: 0,
        data: data.as_bytes(),
        ..EventPacket::default()
    };
    let frame = server::pack(Packet::Event(packet), ProtocolVersion::V5);
    world.server_writes(frame);
    world.settle();
}

fn delta(world: &mut World, id: &str, text: &str) {
    push(world, id, "stream.delta", &format!(r#"{{"kind":"text","delta":"{text}"}}"#));
}

fn anchor(world: &mut World) {
    let stored = Stored { setting: Setting::STREAM, ..Stored::text("bot", "") }.numbered(NUMBER);
    let bot = ChannelId::person("bot");
    let stored = world.server.append(&bot, stored);
    world.push(&bot, stored.seq);
    world.settle();
}

fn shown(world: &World) -> Vec<(String, StreamStatus, bool)> {
    let updates = world.events.iter().filter_map(|event| match event {
        Event::Stream(update) => {
            assert_eq!((update.channel.id(), update.client_msg_no.as_str()), ("bot", NUMBER));
            Some((update.lane.text.clone(), update.lane.status, update.is_certain))
        }
        _ => None,
    });
    updates.collect()
}

fn stored(world: &World) -> String {
    let row = world.rig.rows(&ChannelId::person("bot")).pop().unwrap();
    row.parse().content.searchable_text().into_owned()
}

#[test]
fn pieces_add_up_and_the_end_becomes_the_message() {
    let mut world = World::online(1, Flavour::V2);
    anchor(&mut world);
    delta(&mut world, "1", "Hel");
    delta(&mut world, "2", "lo");
    // The same piece again.
    delta(&mut world, "2", "lo");
    assert_eq!(stored(&world), "");
    push(&mut world, "3", "stream.close", r#"{"kind":"text","text":"Hello!"}"#);
    let (open, closed) = (StreamStatus::Open, StreamStatus::Closed);
    let texts = [("Hel", open, false), ("Hello", open, false), ("Hello!", closed, true)];
    assert_eq!(shown(&world), texts.map(|(text, status, certain)| (text.to_owned(), status, certain)));
    assert_eq!(stored(&world), "Hello!");
    // It is the message from now on, after a restart and in pages too.
    world.restart();
    world.connect();
    let page = world.page(PageQuery::newest(ChannelId::person("bot")));
    assert_eq!(page.messages[0].parse().content.searchable_text(), "Hello!");
}

#[test]
fn an_end_without_its_text_is_asked_for() {
    let mut world = World::offering(2, Flavour::V2);
    world.connect();
    said(&mut world, "", StreamStatus::Open);
    anchor(&mut world);
    world.server.fetches.clear();
    // A piece was lost.
    delta(&mut world, "1", "Hel");
    said(&mut world, "Hello", StreamStatus::Closed);
    push(&mut world, "3", "stream.close", "{}");
    assert!(world.server.fetches.iter().all(|request| request.topic == topic()));
    assert_eq!(shown(&world).last().unwrap(), &("Hello".to_owned(), StreamStatus::Closed, true));
    assert_eq!(stored(&world), "Hello");
}

#[test]
fn a_piece_behind_a_snapshot_is_in_doubt() {
    let mut world = World::offering(3, Flavour::V2);
    world.connect();
    delta(&mut world, "1", "lost by the server");
    push(&mut world, "2", "stream.snapshot", r#"{"kind":"text","text":"whole"}"#);
    assert_eq!(shown(&world).last().unwrap(), &("whole".to_owned(), StreamStatus::Open, true));
    said(&mut world, "what the server has", StreamStatus::Open);
    delta(&mut world, "3", " and more");
    assert_eq!(shown(&world).last().unwrap(), &("what the server has".to_owned(), StreamStatus::Open, true));
}

#[test]
fn what_was_open_when_the_connection_broke_is_asked_for() {
    let mut world = World::offering(4, Flavour::V2);
    world.connect();
    said(&mut world, "", StreamStatus::Open);
    anchor(&mut world);
    delta(&mut world, "1", "Hel");
    world.cut();
    said(&mut world, "Hello", StreamStatus::Closed);
    world.wait(secs(5));
    assert_eq!(stored(&world), "Hello");
}

#[test]
fn pieces_may_come_before_their_message() {
    let mut world = World::offering(5, Flavour::V2);
    world.connect();
    push(&mut world, "1", "stream.close", r#"{"kind":"text","text":"Hello"}"#);
    said(&mut world, "Hello", StreamStatus::Closed);
    anchor(&mut world);
    assert_eq!(stored(&world), "Hello");
}

#[test]
fn junk_is_no_piece() {
    let mut world = World::online(6, Flavour::V2);
    for data in [
        "",
        "[]",
        "{}",
        r#"{"client_msg_no":"x"}"#,
        r#"{"client_msg_no":"x","channel_id":"","channel_type":1}"#,
    ] {
        let packet = EventPacket {
            event_type: "stream.delta".into(),
            data: data.as_bytes(),
            ..EventPacket::default()
        };
        let frame = server::pack(Packet::Event(packet), ProtocolVersion::V5);
        world.server_writes(frame);
    }
    push(&mut world, "1", "custom.type", "{}");
    assert!(shown(&world).is_empty());
}

fn fetches(world: &World) -> usize {
    world.server.fetches.iter().filter(|request| request.topic == topic()).count()
}

#[test]
fn v3_pushes_no_pieces_and_is_asked_for_them_until_the_end() {
    let mut world = World::offering(7, Flavour::V3);
    world.connect();
    for text in ["", "Hel", "Hel", "Hello"] {
        said(&mut world, text, StreamStatus::Open);
    }
    said(&mut world, "Hello!", StreamStatus::Closed);
    anchor(&mut world);
    world.wait(secs(20));
    let (open, closed) = (StreamStatus::Open, StreamStatus::Closed);
    let texts = [("", open), ("Hel", open), ("Hello", open), ("Hello!", closed)];
    assert_eq!(shown(&world), texts.map(|(text, status)| (text.to_owned(), status, true)));
    assert_eq!((stored(&world).as_str(), fetches(&world)), ("Hello!", 5));
    // Nobody asks any more, and nothing of it waits.
    world.wait(secs(1200));
    assert_eq!(fetches(&world), 5);
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}

/// Nothing in a push of v3 tells a message that is being written from another.
#[test]
fn v3_is_asked_for_what_begins_without_text_or_is_followed_and_for_nothing_else() {
    let mut world = World::offering(12, Flavour::V3);
    world.connect();
    let bot = ChannelId::person("bot");
    let stored = world.server.append(&bot, Stored::text("bot", "thinking").numbered(NUMBER));
    world.push(&bot, stored.seq);
    world.wait(secs(60));
    assert_eq!(fetches(&world), 0);
    said(&mut world, "Hel", StreamStatus::Open);
    said(&mut world, "Hello", StreamStatus::Closed);
    let client_seq = world.rig.rows(&bot)[0].client_seq;
    for _ in 0..2 {
        world.act(Input::FollowStream { ticket: Ticket::new(9), client_seq });
    }
    world.wait(secs(5));
    let texts = [("Hel", StreamStatus::Open), ("Hello", StreamStatus::Closed)];
    assert_eq!(shown(&world), texts.map(|(text, status)| (text.to_owned(), status, true)));
    assert_eq!(fetches(&world), 2);
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
    let nobody = world.rig.run([Input::FollowStream { ticket: Ticket::new(9), client_seq: ClientSeq::NONE }]);
    assert!(nobody.iter().any(|output| {
        matches!(output, Output::Reply { reply: Reply::Done(Err(QueryError::NoMessage)), .. })
    }));
}

#[test]
fn a_restart_goes_on_with_what_was_being_written() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::offering(8, flavour);
        world.connect();
        said(&mut world, "", StreamStatus::Open);
        anchor(&mut world);
        world.restart();
        said(&mut world, "Hello", StreamStatus::Closed);
        world.connect();
        world.wait(secs(5));
        assert_eq!(stored(&world), "Hello", "{flavour:?}");
        assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
    }
}

#[test]
fn an_end_that_nobody_made_certain_is_asked_for_after_a_restart() {
    let mut world = World::offering(12, Flavour::V2);
    world.connect();
    said(&mut world, "", StreamStatus::Open);
    anchor(&mut world);
    delta(&mut world, "1", "Hel");
    world.server.failures.push_back(SourceError::Unreachable("down".to_owned()));
    push(&mut world, "3", "stream.close", "{}");
    assert_eq!(stored(&world), "Hel");
    world.restart();
    said(&mut world, "Hello", StreamStatus::Closed);
    world.connect();
    world.wait(secs(5));
    assert_eq!((stored(&world).as_str(), world.rig.reader().pending_actions().unwrap()), ("Hello", vec![]));
}

#[test]
fn a_piece_that_was_lost_on_a_connection_that_lives_is_asked_for() {
    let mut world = World::offering(9, Flavour::V2);
    world.connect();
    said(&mut world, "", StreamStatus::Open);
    anchor(&mut world);
    delta(&mut world, "1", "Hel");
    said(&mut world, "Hello", StreamStatus::Closed);
    world.wait(secs(29));
    assert_eq!(stored(&world), "");
    world.wait(secs(2));
    assert_eq!(stored(&world), "Hello");
}

#[test]
fn who_says_nothing_for_ten_minutes_is_not_asked_for_ever() {
    let mut world = World::offering(10, Flavour::V3);
    world.connect();
    for _ in 0..100 {
        said(&mut world, "Hel", StreamStatus::Open);
    }
    anchor(&mut world);
    world.wait(secs(700));
    let asked = fetches(&world);
    assert!((20..30).contains(&asked), "{asked}");
    world.wait(secs(3600));
    assert_eq!(fetches(&world), asked);
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}

#[test]
fn an_old_stream_is_asked_for_once() {
    let mut world = World::offering(11, Flavour::V3);
    let stored = Stored { setting: Setting::STREAM, ..Stored::text("bot", "long ago") }.numbered(NUMBER);
    world.server.append(&ChannelId::person("bot"), stored);
    for _ in 0..10 {
        world.server.listing.topics.entry(topic()).or_default().push_back(Fetched::Stream(Vec::new()));
    }
    world.rig.now = world.rig.now + secs(3600);
    world.connect();
    world.wait(secs(1000));
    assert_eq!(fetches(&world), 1);
}
