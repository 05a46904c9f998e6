//! What goes out again after a lost answer, and what does not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::{Flags, ReasonCode, Sendack};
use wk_sync::store::model::{ChannelId, MessageId, MessageStatus, OutboxState, PageQuery};
use wk_sync::{ConnectionState, Input};

/// The texts in a channel's log, in its order.
fn logged(world: &World, channel: &ChannelId) -> Vec<String> {
    let messages = world.server.logs.get(channel).map(|log| log.messages.as_slice()).unwrap_or_default();
    messages.iter().map(|message| String::from_utf8(message.payload.to_vec()).unwrap()).collect()
}

fn texts(range: std::ops::Range<usize>) -> Vec<String> {
    let text = |number: usize| wk_sync::store::model::text_payload(&number.to_string()).to_vec();
    range.map(|number| String::from_utf8(text(number)).unwrap()).collect()
}

/// The one row of a channel with its status and reason.
fn only_row(world: &World) -> (MessageStatus, Option<ReasonCode>) {
    let rows = world.rig.rows(&group());
    assert_eq!(rows.len(), 1, "{rows:?}");
    (rows[0].status, rows[0].reason_code)
}

const SENT: (MessageStatus, Option<ReasonCode>) = (MessageStatus::Sent, Some(ReasonCode::SUCCESS));

#[test]
fn v2_is_asked_before_a_message_goes_out_again_and_has_it() {
    let mut world = World::online(5, Flavour::V2);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    world.send(&group(), "0");
    world.send(&group(), "1");
    world.settle();
    world.cut();
    world.wait(secs(2));
    assert_eq!(world.server.finds.len(), 1);
    assert_eq!(logged(&world, &group()), texts(0..2));
    assert_eq!(world.server.sent.len(), 2, "the first was not sent again");
    let rows = world.rig.rows(&group());
    assert!(rows.iter().all(|row| (row.status, row.reason_code) == SENT), "{rows:?}");
    assert_eq!(rows.iter().map(|row| row.position).collect::<Vec<_>>(), [at(1, 0), at(2, 0)]);
}

#[test]
fn v2_is_asked_before_a_message_goes_out_again_and_does_not_have_it() {
    let mut world = World::online(6, Flavour::V2);
    world.server.on_send.push_back(OnSend::Lose);
    world.send(&group(), "0");
    world.send(&group(), "1");
    world.settle();
    world.cut();
    world.wait(secs(2));
    assert_eq!(world.server.finds.len(), 1);
    let [first, again, second] = &world.server.sent[..] else { panic!("{:?}", world.server.sent) };
    assert_eq!((&first.client_msg_no, &first.payload), (&again.client_msg_no, &again.payload));
    assert_ne!(first.client_msg_no, second.client_msg_no);
    assert!(!first.flags.contains(Flags::DUP) && again.flags.contains(Flags::DUP));
    assert!(!second.flags.contains(Flags::DUP));
    assert_eq!(logged(&world, &group()), texts(0..2));
}

#[test]
fn v3_needs_no_question() {
    for rule in [OnSend::Lose, OnSend::LoseAnswer] {
        let mut world = World::online(7, Flavour::V3);
        world.server.on_send.extend([rule]);
        for number in 0..3 {
            world.send(&group(), &number.to_string());
        }
        world.settle();
        world.cut();
        world.wait(secs(2));
        assert!(world.server.finds.is_empty());
        assert_eq!(world.server.sent.len(), 4, "one in flight: the first twice, the others once");
        let log = &world.server.logs[&group()];
        assert_eq!(log.messages.len(), 3, "v3 knows a number that it has seen");
        assert!(world.rig.rows(&group()).iter().all(|row| (row.status, row.reason_code) == SENT));
    }
}

#[test]
fn attempts_count_only_what_was_written() {
    let mut world = World::new(8, Flavour::V2);
    world.reachable = false;
    world.send(&group(), "0");
    world.act(Input::Connect);
    world.wait(secs(3600));
    assert_eq!(world.rig.outbox()[0].state, OutboxState::Ready);
    world.reachable = true;
    world.server.on_send.extend([OnSend::Lose; 9]);
    while world.server.sent.is_empty() {
        world.wait(secs(1));
    }
    assert_eq!(world.rig.outbox()[0].state, OutboxState::Sent(1));
    assert!(!world.server.sent[0].flags.contains(Flags::DUP), "it was never written before");
    world.restart();
    assert_eq!(world.rig.outbox()[0].state, OutboxState::Sent(1));
}

#[test]
fn a_refused_message_that_was_stored_is_not_stored_twice() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(11, flavour);
        world.server.on_send.push_back(OnSend::StoreAndRefuse(ReasonCode::SYSTEM_ERROR));
        world.send(&group(), "0");
        world.wait(secs(5));
        assert_eq!(logged(&world, &group()), texts(0..1));
        assert_eq!(only_row(&world), SENT);
    }
}

#[test]
fn a_sendack_that_is_not_ours_is_ignored() {
    let mut world = World::online(12, Flavour::V3);
    world.server.on_send.push_back(OnSend::Lose);
    let message = world.send(&group(), "0");
    world.settle();
    let wire_seq = world.server.sent[0].wire_seq;
    let ack = |client_seq, number: &'static str| Sendack {
        client_seq,
        message_id: MessageId::new(77),
        message_seq: seq(5),
        reason: ReasonCode::SUCCESS,
        client_msg_no: Some(number.into()),
        ..Sendack::default()
    };
    for wrong in [ack(wire_seq, "another"), ack(wire_seq + 1, ""), ack(0, "")] {
        let frame = world.server.sendack(wrong);
        world.server_writes(frame);
        world.settle();
        assert_eq!(world.rig.rows(&group()), std::slice::from_ref(&message));
        assert_eq!(world.rig.log(&group()), Default::default());
    }
    // The same number in another session means another message.
    let link = world.server.session.as_ref().unwrap().link;
    let late = world.server.sendack(ack(wire_seq, ""));
    world.server.on_send.push_back(OnSend::Lose);
    world.cut();
    world.wait(secs(2));
    world.act(Input::Frame { link, frame: late });
    assert_eq!(only_row(&world).0, MessageStatus::Sending);
}

#[test]
fn an_answer_finds_nothing_that_an_older_session_had_in_flight() {
    let mut world = World::online(24, Flavour::V3);
    world.server.on_send.extend([OnSend::Lose, OnSend::Lose]);
    world.send(&group(), "0");
    world.wait(secs(10));
    assert_eq!(world.server.sent.len(), 2, "one overdue, one in flight");
    world.cut();
    world.wait(secs(2));
    assert_eq!(only_row(&world), SENT);
    let known = world.rig.log(&group());
    for client_seq in 0..4 {
        let again = Sendack {
            client_seq,
            message_id: MessageId::new(77),
            message_seq: seq(5),
            reason: ReasonCode::SUCCESS,
            ..Sendack::default()
        };
        let frame = world.server.sendack(again);
        world.server_writes(frame);
        world.settle();
    }
    assert_eq!(world.rig.log(&group()), known);
}

#[test]
fn an_overdue_answer_is_asked_for_and_a_second_one_ends_the_connection() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(13, flavour);
        world.server.on_send.extend([OnSend::Lose, OnSend::Lose]);
        world.send(&group(), "0");
        world.settle();
        world.wait(secs(10));
        assert_eq!(world.server.finds.len(), usize::from(flavour == Flavour::V2));
        assert_eq!(world.server.sent.len(), 2);
        assert_eq!(world.server.sent[0].client_msg_no, world.server.sent[1].client_msg_no);
        assert!(matches!(world.state(), Some(ConnectionState::Online { .. })));
        world.wait(secs(10));
        assert_eq!(world.states().len(), 3, "the connection swallows what is sent: {:?}", world.states());
        world.wait(secs(2));
        assert_eq!(world.server.connects.len(), 2);
        assert_eq!(logged(&world, &group()), texts(0..1));
        assert_eq!(only_row(&world), SENT);
    }
}

#[test]
fn an_overdue_answer_does_not_count_against_the_next_connection() {
    let mut world = World::online(22, Flavour::V3);
    world.server.on_send.extend([OnSend::Lose; 4]);
    world.send(&group(), "0");
    for sessions in 1..=2 {
        world.wait(secs(11));
        assert_eq!(world.server.sent.len(), 2 * sessions);
        assert_eq!(world.server.connects.len(), sessions, "one overdue answer ends no connection");
        world.cut();
        world.wait(secs(1));
    }
}

#[test]
fn a_message_without_an_answer_makes_the_end_of_its_channel_uncertain() {
    let mut world = World::online(23, Flavour::V2);
    world.page(PageQuery::newest(group()));
    world.server.broken = true;
    world.server.on_send.extend([OnSend::LoseAnswer, OnSend::Lose]);
    world.send(&group(), "0");
    world.wait(secs(11));
    world.server.broken = false;
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(page.messages.iter().map(|message| message.position).collect::<Vec<_>>(), [at(1, 0)]);
    assert_eq!(only_row(&world), SENT);
}

#[test]
fn a_late_answer_of_the_same_session_still_counts() {
    let mut world = World::online(14, Flavour::V2);
    world.send(&group(), "0");
    world.deliver(0);
    assert_eq!(world.pending.len(), 1, "the answer is on its way");
    // It does not arrive for eleven seconds, unlike other packets; the data source is asked and does not answer either.
    let late = world.pending.remove(0);
    world.wait(secs(9));
    let end = world.rig.now + secs(2);
    while world.rig.sleep(end - world.rig.now) {
        world.act(Input::Timeout);
    }
    assert_eq!(world.server.pings, 1, "it was asked whether it is still there");
    world.pending.insert(0, late);
    assert_eq!(world.open.len(), 1);
    world.deliver(0);
    assert_eq!(only_row(&world), SENT);
    world.settle();
    assert_eq!(world.server.sent.len(), 1);
    assert!(world.rig.outbox().is_empty());
}

#[test]
fn a_source_that_cannot_be_asked_does_not_hold_a_message_back() {
    let mut world = World::online(15, Flavour::V2);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    world.send(&group(), "0");
    world.settle();
    world.server.broken = true;
    world.cut();
    world.wait(secs(2));
    assert_eq!(logged(&world, &group()).len(), 2, "v2 stored it twice");
    assert_eq!(only_row(&world), SENT);
    // The lower copy is the message, here as at every receiver.
    world.server.broken = false;
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(page.messages.iter().map(|message| message.position).collect::<Vec<_>>(), [at(1, 0)]);
    assert_eq!(world.rig.log(&group()).covered.len(), 2);
}

#[test]
fn only_the_last_question_about_a_message_is_heard() {
    let mut world = World::online(16, Flavour::V2);
    world.server.on_send.push_back(OnSend::Lose);
    world.send(&group(), "0");
    world.settle();
    let reconnect = |world: &mut World| {
        world.cut();
        world.act(Input::Wake);
        // Everything but the questions arrives.
        let end = world.rig.now + secs(1);
        loop {
            while let Some(index) = world.pending.iter().position(|pending| {
                !matches!(pending, Pending::Question(_, wk_sync::Question::Find(_)) | Pending::Answer(..))
            }) {
                world.deliver(index);
            }
            if !world.rig.sleep(end - world.rig.now) {
                break;
            }
            world.act(Input::Timeout);
        }
        world.first(|pending| matches!(pending, Pending::Question(..)))
    };
    let question = reconnect(&mut world);
    world.deliver(question);
    let first = world.pending.pop().unwrap();
    assert!(matches!(first, Pending::Answer(..)));
    // The second question is answered: the message goes out, is stored, and the connection breaks.
    world.pending.clear();
    let question = reconnect(&mut world);
    world.deliver(question);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    world.settle();
    assert_eq!(logged(&world, &group()), texts(0..1));
    // The third is not answered yet when the first at last is: "the server does not have it".
    reconnect(&mut world);
    world.pending.insert(0, first);
    world.deliver(0);
    world.settle();
    assert_eq!(logged(&world, &group()), texts(0..1), "it was sent on an answer that is too old");
    assert_eq!(only_row(&world), SENT);
}

#[test]
fn an_echo_settles_a_message_before_its_answer_does() {
    let mut world = World::online(20, Flavour::V2);
    world.server.on_send.push_back(OnSend::LoseAnswer);
    world.send(&group(), "0");
    world.send(&group(), "1");
    world.settle();
    assert_eq!(logged(&world, &group()), texts(0..1), "the second waits for the first");
    world.push(&group(), 1);
    world.settle();
    assert_eq!(logged(&world, &group()), texts(0..2));
    let rows = world.rig.rows(&group());
    assert!(rows.len() == 2 && rows.iter().all(|row| (row.status, row.reason_code) == SENT), "{rows:?}");
    assert!(world.told().is_empty(), "an own message is not news");
    world.wait(secs(30));
    assert_eq!((world.server.sent.len(), world.server.connects.len()), (2, 1));
}

#[test]
fn a_failed_message_that_the_server_has_after_all_was_sent() {
    let mut world = World::online(21, Flavour::V2);
    world.server.on_send.push_back(OnSend::StoreAndRefuse(ReasonCode::IN_BLACKLIST));
    world.send(&group(), "0");
    world.settle();
    assert_eq!(only_row(&world).0, MessageStatus::Failed);
    world.page(PageQuery::newest(group()));
    assert_eq!(only_row(&world), SENT);
}
