//! Uploads that the user pauses and lets go on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::{Message, MessageStatus, NewMessage, Ordering};
use wk_sync::{Input, QueryError, Ticket};

fn image(world: &mut World) -> Message {
    let draft = Bytes::from_static(br#"{"type":2,"url":"file:cat.png"}"#);
    world.send_message(NewMessage::new(group(), draft).needs_upload().ordering(Ordering::Relaxed))
}

fn pause(world: &mut World, message: &Message, paused: bool) {
    world.act(Input::PauseUpload { ticket: Ticket::new(902), client_seq: message.client_seq, paused });
}

fn statuses(world: &World, messages: &[Message]) -> Vec<MessageStatus> {
    let rows = world.rig.rows(&group());
    let row = |message: &Message| rows.iter().find(|row| row.client_seq == message.client_seq).unwrap();
    messages.iter().map(|message| row(message).status).collect()
}

#[test]
fn what_is_paused_holds_up_no_other_upload_and_is_never_given_up() {
    let mut world = World::online(1, Flavour::V2);
    let mut messages: Vec<_> = (0..3).map(|_| image(&mut world)).collect();
    assert_eq!(world.open.len(), 3);
    for message in &messages {
        pause(&mut world, message, true);
    }
    assert!(world.open.is_empty(), "nobody waits for them");
    messages.push(image(&mut world));
    world.wait(secs(24 * 3600));
    let (waits, sent) = (MessageStatus::Sending, MessageStatus::Sent);
    assert_eq!(statuses(&world, &messages), [waits, waits, waits, sent]);
    let asked = world.server.uploads.len();
    for paused in [true, false, false] {
        pause(&mut world, &messages[1], paused);
    }
    world.settle();
    assert_eq!(statuses(&world, &messages), [waits, sent, waits, sent]);
    assert_eq!(world.server.uploads.len(), asked + 1);
    world.restart();
    world.connect();
    world.settle();
    assert_eq!(statuses(&world, &messages), [sent; 4]);
}

#[test]
fn a_paused_upload_is_cancelled_and_begins_anew_when_it_is_sent_again() {
    let mut world = World::online(2, Flavour::V2);
    let message = image(&mut world);
    pause(&mut world, &message, true);
    world.act(Input::Cancel { ticket: Ticket::new(1), client_seq: message.client_seq });
    let messages = [message];
    assert_eq!(statuses(&world, &messages), [MessageStatus::NotUploaded]);
    pause(&mut world, &messages[0], false);
    assert_eq!(world.refused.pop().unwrap().1, QueryError::NotWaiting);
    world.act(Input::Retry { ticket: Ticket::new(2), client_seq: messages[0].client_seq });
    world.settle();
    assert_eq!(statuses(&world, &messages), [MessageStatus::Sent]);
    pause(&mut world, &messages[0], true);
    assert_eq!(world.refused.pop().unwrap().1, QueryError::NotWaiting);
}

#[test]
fn a_paused_upload_that_is_cleared_holds_up_nobody() {
    let mut world = World::online(4, Flavour::V2);
    let draft = Bytes::from_static(br#"{"type":2,"url":"file:cat.png"}"#);
    let paused = world.send_message(NewMessage::new(group(), draft).needs_upload());
    pause(&mut world, &paused, true);
    world.act(Input::Clear { ticket: Ticket::new(903), channel: group(), up_to: None });
    let behind = world.send(&group(), "behind it");
    world.settle();
    assert_eq!(statuses(&world, &[behind]), [MessageStatus::Sent]);
    assert!(world.rig.outbox().is_empty());
}
