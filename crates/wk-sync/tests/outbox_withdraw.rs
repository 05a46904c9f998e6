//! Messages that the application takes back, and messages that it sends again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::{Flags, ReasonCode};
use wk_sync::store::model::{Message, MessageStatus, OutboxState};
use wk_sync::{Event, Input, QueryError, Ticket};

const SENT: (MessageStatus, Option<ReasonCode>) = (MessageStatus::Sent, Some(ReasonCode::SUCCESS));

fn cancel(world: &mut World, message: &Message) {
    world.act(Input::Cancel { ticket: Ticket::new(900), client_seq: message.client_seq });
}

fn retry(world: &mut World, message: &Message) {
    world.act(Input::Retry { ticket: Ticket::new(901), client_seq: message.client_seq });
}

fn row(world: &World, message: &Message) -> Message {
    let rows = world.rig.rows(&group());
    rows.into_iter().find(|row| row.client_seq == message.client_seq).expect("the row stays")
}

fn outcome(world: &World, message: &Message) -> (MessageStatus, Option<ReasonCode>) {
    let row = row(world, message);
    (row.status, row.reason_code)
}

#[test]
fn a_message_that_was_never_on_the_wire_is_cancelled_at_once() {
    let mut world = World::new(1, Flavour::V2);
    let messages: Vec<_> = (0..3).map(|number| world.send(&group(), &number.to_string())).collect();
    cancel(&mut world, &messages[1]);
    assert_eq!(outcome(&world, &messages[1]), (MessageStatus::Cancelled, None));
    assert_eq!((world.done, world.rig.outbox().len()), (1, 2));
    assert!(world.events.contains(&Event::Refreshed(row(&world, &messages[1]))));
    world.connect();
    world.wait(secs(60));
    let sent: Vec<_> = world.server.sent.iter().map(|sent| sent.client_msg_no.as_str()).collect();
    assert_eq!(sent, [messages[0].client_msg_no.as_str(), messages[2].client_msg_no.as_str()]);
    assert_eq!(row(&world, &messages[1]).position, messages[1].position, "it stays where it was");
}

#[test]
fn what_the_server_answers_decides_about_a_message_on_the_wire() {
    let cases = [
        (OnSend::Accept, SENT),
        (
            OnSend::Refuse(ReasonCode::IN_BLACKLIST),
            (MessageStatus::Cancelled, Some(ReasonCode::IN_BLACKLIST)),
        ),
        // Not stored, as asking shows.
        (OnSend::Refuse(ReasonCode::SYSTEM_ERROR), (MessageStatus::Cancelled, None)),
        (OnSend::StoreAndRefuse(ReasonCode::SYSTEM_ERROR), SENT),
        (OnSend::Lose, (MessageStatus::Cancelled, None)),
        (OnSend::LoseAnswer, SENT),
    ];
    for flavour in [Flavour::V2, Flavour::V3] {
        for (rule, expected) in cases {
            let mut world = World::online(2, flavour);
            world.server.on_send.push_back(rule);
            let message = world.send(&group(), "0");
            cancel(&mut world, &message);
            assert_eq!(outcome(&world, &message).0, MessageStatus::Sending, "nobody knows yet");
            assert_eq!(world.rig.outbox()[0].state, OutboxState::Cancelling(1));
            let next = world.send(&group(), "1");
            world.wait(secs(12));
            assert_eq!(outcome(&world, &message), expected, "{flavour:?} {rule:?}");
            let numbers = world.server.sent.iter().map(|sent| sent.client_msg_no.as_str());
            let again = numbers.filter(|number| *number == message.client_msg_no.as_str()).count();
            assert_eq!(again, 1, "it is not sent again");
            assert_eq!(outcome(&world, &next), SENT, "and holds nobody up");
            assert!(world.rig.outbox().is_empty());
        }
    }
}

#[test]
fn a_cancelled_message_stays_cancelled_over_a_crash() {
    for (rule, expected) in [(OnSend::Lose, (MessageStatus::Cancelled, None)), (OnSend::LoseAnswer, SENT)] {
        for flavour in [Flavour::V2, Flavour::V3] {
            let mut world = World::online(3, flavour);
            world.server.on_send.push_back(rule);
            let message = world.send(&group(), "0");
            world.settle();
            cancel(&mut world, &message);
            world.restart();
            assert_eq!(world.rig.outbox()[0].state, OutboxState::Cancelling(1));
            world.connect();
            world.wait(secs(5));
            assert_eq!(outcome(&world, &message), expected);
            assert_eq!(world.server.sent.len(), 1);
        }
    }
}

#[test]
fn a_cancelled_message_that_turns_up_was_sent() {
    let mut world = World::online(4, Flavour::V2);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    let message = world.send(&group(), "0");
    world.settle();
    cancel(&mut world, &message);
    // The source cannot be asked.
    world.server.broken = true;
    world.wait(secs(30));
    assert_eq!(outcome(&world, &message), (MessageStatus::Cancelled, None));
    world.push(&group(), 1);
    world.settle();
    assert_eq!(outcome(&world, &message), SENT);
    assert_eq!(world.rig.rows(&group()).len(), 1);
}

#[test]
fn only_what_waits_can_be_cancelled_and_only_what_was_given_up_sent_again() {
    let mut world = World::online(5, Flavour::V2);
    let message = world.send(&group(), "0");
    retry(&mut world, &message);
    assert_eq!(world.refused.pop().unwrap().1, QueryError::NotGivenUp);
    world.settle();
    cancel(&mut world, &message);
    assert_eq!(world.refused.pop().unwrap().1, QueryError::NotWaiting);
    retry(&mut world, &message);
    assert_eq!(world.refused.pop().unwrap().1, QueryError::NotGivenUp);
    assert_eq!((outcome(&world, &message), world.server.sent.len()), (SENT, 1));
}

#[test]
fn a_refused_message_is_sent_again_under_its_number() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(6, flavour);
        world.server.strict = true;
        world.server.on_send.push_back(OnSend::Refuse(ReasonCode::NOT_ALLOW_SEND));
        let message = world.send(&group(), "0");
        world.settle();
        assert_eq!(outcome(&world, &message), (MessageStatus::Failed, Some(ReasonCode::NOT_ALLOW_SEND)));
        // One that was written later is on the wire: v2 must not have two.
        world.send(&group(), "1");
        retry(&mut world, &message);
        assert_eq!(outcome(&world, &message), (MessageStatus::Sending, None));
        assert!(world.events.contains(&Event::Refreshed(row(&world, &message))));
        assert_eq!(world.rig.outbox()[0].client_seq, message.client_seq);
        world.settle();
        assert_eq!(outcome(&world, &message), SENT);
        let numbers: Vec<_> = world.server.sent.iter().map(|sent| sent.client_msg_no.as_str()).collect();
        assert_eq!((numbers.len(), numbers[0]), (3, numbers[2]));
        assert!(world.server.finds.is_empty(), "the server said that it does not have it");
        assert!(world.rig.outbox().is_empty());
    }
}

#[test]
fn a_message_that_is_sent_again_survives_a_crash_and_goes_before_later_ones() {
    let mut world = World::online(16, Flavour::V2);
    world.server.on_send.push_back(OnSend::Refuse(ReasonCode::NOT_ALLOW_SEND));
    let message = world.send(&group(), "0");
    world.settle();
    world.cut();
    let later = world.send(&group(), "1");
    retry(&mut world, &message);
    world.restart();
    world.connect();
    world.wait(secs(2));
    let numbers: Vec<_> = world.server.sent.iter().map(|sent| sent.client_msg_no.as_str()).collect();
    let (first, second) = (message.client_msg_no.as_str(), later.client_msg_no.as_str());
    assert_eq!(numbers, [first, first, second]);
}

#[test]
fn one_that_the_server_may_have_is_asked_for_before_it_is_sent_again() {
    let mut world = World::online(7, Flavour::V2);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    let message = world.send(&group(), "0");
    world.settle();
    cancel(&mut world, &message);
    world.server.failures.push_back(http::unreachable());
    world.wait(secs(12));
    assert_eq!(outcome(&world, &message).0, MessageStatus::Cancelled);
    retry(&mut world, &message);
    world.settle();
    assert_eq!((outcome(&world, &message), world.server.sent.len()), (SENT, 1), "it was there");
}

#[test]
fn a_message_that_is_always_refused_for_now_fails_in_the_end() {
    for reason in [ReasonCode::SYSTEM_ERROR, ReasonCode::NODE_NOT_MATCH] {
        let mut world = World::online(8, Flavour::V3);
        world.server.on_send.extend([OnSend::Refuse(reason); 10]);
        let message = world.send(&group(), "0");
        let mut at = Vec::new();
        let start = world.rig.now;
        while outcome(&world, &message).0 == MessageStatus::Sending {
            let before = world.server.sent.len();
            world.wait(secs(1));
            if world.server.sent.len() > before {
                at.push((world.rig.now - start).as_secs());
            }
        }
        assert_eq!(at, [1, 3, 7, 15, 31, 63, 123, 183, 243], "ever longer waits, and a cap");
        assert_eq!(outcome(&world, &message), (MessageStatus::Failed, Some(reason)));
        // Not a proof that it was not stored: DUP marks that it may be the second time.
        retry(&mut world, &message);
        world.settle();
        assert!(world.server.sent.last().unwrap().flags.contains(Flags::DUP));
        assert_eq!(outcome(&world, &message), SENT);
    }
}

#[test]
fn a_restart_does_not_begin_to_count_the_refusals_anew() {
    let mut world = World::online(9, Flavour::V3);
    world.server.on_send.extend([OnSend::Refuse(ReasonCode::SYSTEM_ERROR); 20]);
    let message = world.send(&group(), "0");
    for sent in 1..=10 {
        world.settle();
        assert_eq!(world.server.sent.len(), sent);
        let status = if sent == 10 { MessageStatus::Failed } else { MessageStatus::Sending };
        assert_eq!(outcome(&world, &message).0, status);
        world.restart();
        world.connect();
    }
    world.wait(secs(300));
    assert_eq!(world.server.sent.len(), 10);
}
