//! Messages whose payload comes from an upload, messages that need no order, and messages that took too long.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::*;
use wk_sync::store::MemoryStore;
use wk_sync::store::model::{Message, MessageStatus, NewMessage, Ordering, OutboxState, Uid, text_payload};
use wk_sync::{Config, Event, Input, SourceError, Ticket};

const DRAFT: &[u8] = br#"{"type":2,"url":"file:cat.png"}"#;
const FINAL: &[u8] = br#"{"type":2,"url":"https:cat.png"}"#;

fn image() -> NewMessage {
    NewMessage::new(group(), Bytes::from_static(DRAFT)).needs_upload()
}

fn row(world: &World, message: &Message) -> Message {
    let rows = world.rig.rows(&group());
    rows.into_iter().find(|row| row.client_seq == message.client_seq).unwrap()
}

fn payloads(world: &World) -> Vec<&[u8]> {
    world.server.sent.iter().map(|sent| &sent.payload[..]).collect()
}

#[test]
fn a_message_is_sent_with_the_payload_of_its_upload_and_the_next_one_after_it() {
    let mut world = World::online(1, Flavour::V3);
    let message = world.send_message(image());
    assert_eq!(world.rig.outbox()[0].state, OutboxState::Uploading);
    let text = world.send(&group(), "behind it");
    assert!(world.server.sent.is_empty());
    world.settle();
    assert_eq!(world.server.uploads[0].message, message, "the draft is what is uploaded from");
    assert_eq!(payloads(&world), [FINAL, &text.payload]);
    let row = row(&world, &message);
    assert_eq!((&row.payload[..], row.status), (FINAL, MessageStatus::Sent));
    let told = world.events.iter().any(
        |event| matches!(event, Event::Refreshed(told) if told.payload == FINAL && told.status == MessageStatus::Sending),
    );
    assert!(told && world.rig.outbox().is_empty());
}

#[test]
fn an_upload_needs_no_connection_and_survives_a_crash_at_any_point() {
    // Before it is asked, while it is asked, and after its answer.
    for deliveries in 0..3 {
        let mut world = World::new(2, Flavour::V2);
        let message = world.send_message(image());
        for _ in 0..deliveries {
            world.deliver(0);
        }
        let done = deliveries == 2;
        assert_eq!(
            world.rig.outbox()[0].state,
            if done { OutboxState::Ready } else { OutboxState::Uploading }
        );
        world.restart();
        world.connect();
        world.wait(secs(1));
        assert_eq!(payloads(&world), [FINAL]);
        assert_eq!(world.server.uploads.len(), if deliveries == 1 { 2 } else { 1 }, "after {deliveries}");
        assert_eq!(row(&world, &message).status, MessageStatus::Sent);
    }
}

#[test]
fn an_upload_that_cannot_reach_its_server_is_tried_again_and_then_given_up() {
    let mut world = World::online(3, Flavour::V2);
    world.server.failures.extend([SourceError::TimedOut, http::unreachable()]);
    let message = world.send_message(image());
    world.wait(secs(6));
    assert_eq!((world.server.uploads.len(), row(&world, &message).status), (3, MessageStatus::Sent));
    world.server.broken = true;
    let message = world.send_message(image());
    world.wait(secs(200));
    assert_eq!(world.server.uploads.len(), 3 + 6);
    assert_eq!(row(&world, &message).status, MessageStatus::NotUploaded);
    assert!(world.rig.outbox().is_empty());
    // The application may try again, in another process.
    world.server.broken = false;
    world.restart();
    world.act(Input::Retry { ticket: Ticket::new(1), client_seq: message.client_seq });
    world.connect();
    world.wait(secs(1));
    assert_eq!(row(&world, &message).status, MessageStatus::Sent);
    assert_eq!(payloads(&world), [FINAL, FINAL]);
}

#[test]
fn a_restart_does_not_begin_to_count_the_attempts_anew() {
    let mut world = World::online(11, Flavour::V2);
    world.server.broken = true;
    let message = world.send_message(image());
    for attempt in 1..=6 {
        world.settle();
        assert_eq!(world.server.uploads.len(), attempt);
        let status = if attempt == 6 { MessageStatus::NotUploaded } else { MessageStatus::Sending };
        assert_eq!(row(&world, &message).status, status);
        world.restart();
        world.act(Input::Connect);
    }
    world.wait(secs(200));
    assert_eq!(world.server.uploads.len(), 6);
}

#[test]
fn an_upload_that_is_refused_ends_the_message_and_not_those_behind_it() {
    let refused = SourceError::Refused { status: 413, message: "too large".to_owned() };
    for error in [refused, SourceError::NotSupported, SourceError::Malformed(String::new())] {
        let mut world = World::online(4, Flavour::V2);
        world.server.failures.push_back(error);
        let message = world.send_message(image());
        let text = world.send(&group(), "behind it");
        world.settle();
        assert_eq!(row(&world, &message).status, MessageStatus::NotUploaded);
        assert_eq!(payloads(&world), [&text.payload]);
        assert_eq!(world.server.uploads.len(), 1);
    }
}

#[test]
fn a_message_that_goes_while_it_is_uploaded_holds_up_nobody() {
    for cleared in [false, true] {
        let mut world = World::online(11, Flavour::V2);
        let mut message = image();
        message.expire = 10;
        world.send_message(message);
        if cleared {
            world.act(Input::Clear { ticket: Ticket::new(700), channel: group(), up_to: None });
        }
        let text = world.send(&group(), "behind it");
        // The source has the question, if it is still asked, and says nothing.
        world.pending.retain(|pending| !matches!(pending, Pending::Question(..)));
        world.wait(secs(if cleared { 1 } else { 11 }));
        assert_eq!((payloads(&world), world.open.len()), (vec![&text.payload[..]], 0), "{cleared}");
        assert_eq!(world.rig.outbox(), []);
    }
}

#[test]
fn a_cancelled_upload_is_abandoned() {
    let mut world = World::online(5, Flavour::V2);
    let message = world.send_message(image());
    world.act(Input::Cancel { ticket: Ticket::new(1), client_seq: message.client_seq });
    assert!(world.open.is_empty() && world.pending.is_empty(), "nobody waits for it");
    assert_eq!(row(&world, &message).status, MessageStatus::NotUploaded);
    world.wait(secs(60));
    assert!(world.server.sent.is_empty() && world.rig.outbox().is_empty());
}

#[test]
fn three_uploads_go_at_once() {
    let mut world = World::online(6, Flavour::V2);
    for _ in 0..10 {
        world.send_message(image());
    }
    assert_eq!(world.open.len(), 3);
    world.settle();
    assert_eq!(world.server.sent.len(), 10);
}

#[test]
fn a_relaxed_message_waits_for_nobody_and_nobody_for_it() {
    let mut world = World::online(7, Flavour::V2);
    let relaxed = |text: &str| NewMessage::new(group(), text_payload(text)).ordering(Ordering::Relaxed);
    world.send(&group(), "0");
    for number in 1..4 {
        world.send_message(relaxed(&number.to_string()));
    }
    world.send(&group(), "4");
    let on_the_way = world.pending.len();
    assert_eq!(on_the_way, 4, "the ordered one and the relaxed ones, but not the second ordered one");
    world.settle();
    assert_eq!(world.server.sent.len(), 5);
    // A relaxed upload holds up nobody, and its order survives a restart.
    let mut world = World::online(8, Flavour::V2);
    let message = world.send_message(image().ordering(Ordering::Relaxed));
    assert_eq!(world.rig.outbox()[0].ordering, Ordering::Relaxed);
    world.restart();
    world.server.broken = true;
    world.connect();
    let text = world.send(&group(), "behind it");
    world.settle();
    assert_eq!(payloads(&world), [&text.payload]);
    assert_eq!(row(&world, &message).status, MessageStatus::Sending);
}

fn patient(seconds: u64) -> World {
    let mut config = Config::new(Uid::new(ALICE));
    (config.send_expiry, config.upload_timeout) = (Some(secs(seconds)), secs(100_000));
    let rig = Rig::with(9, config, MemoryStore::new()).unwrap();
    World::with(rig, Server::new(9, Flavour::V2, ALICE))
}

#[test]
fn a_message_that_took_too_long_is_given_up_and_by_default_none_does() {
    let mut world = patient(3600);
    let message = world.send(&group(), "0");
    let picture = world.send_message(image());
    world.pending.clear();
    world.wait(secs(3599));
    let later = world.send(&group(), "1");
    assert_eq!(row(&world, &message).status, MessageStatus::Sending);
    world.wait(secs(1));
    assert_eq!(row(&world, &message).status, MessageStatus::Expired);
    assert_eq!(row(&world, &picture).status, MessageStatus::NotUploaded);
    assert!(world.events.contains(&Event::Refreshed(row(&world, &message))));
    world.connect();
    assert_eq!(payloads(&world), [&later.payload]);
    // The time goes on while no process runs.
    let message = world.send(&group(), "2");
    world.pending.clear();
    world.restart();
    world.rig.now = world.rig.now + secs(7200);
    world.act(Input::Connect);
    assert_eq!(row(&world, &message).status, MessageStatus::Expired);
    let mut world = World::new(10, Flavour::V2);
    let message = world.send(&group(), "0");
    world.wait(secs(365 * 24 * 3600));
    assert_eq!(row(&world, &message).status, MessageStatus::Sending);
}

#[test]
fn what_is_on_the_wire_when_its_time_comes_is_decided_by_its_answer() {
    for (rule, status) in [(OnSend::Accept, MessageStatus::Sent), (OnSend::Lose, MessageStatus::Expired)] {
        let mut world = patient(2);
        world.connect();
        world.server.on_send.push_back(rule);
        let message = world.send(&group(), "0");
        let on_the_way = std::mem::take(&mut world.pending);
        world.wait(secs(5));
        assert_eq!(row(&world, &message).status, MessageStatus::Sending);
        world.pending = on_the_way;
        world.wait(Duration::from_secs(6));
        assert_eq!(row(&world, &message).status, status);
        assert_eq!(world.server.sent.len(), 1);
    }
}
