//! Messages on their way to the server: none is lost, none is seen twice, and a channel keeps its order.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::proto::{Flags, ReasonCode};
use wk_sync::store::model::{
    ChannelId, ChannelType, IdError, MessageStatus, NewMessage, PageQuery, text_payload,
};
use wk_sync::{Event, Input, Output, Reply, SendError, Ticket};

fn channel(number: usize) -> ChannelId {
    ChannelId::group(format!("g{number}"))
}

fn sends_on_the_way(world: &World) -> usize {
    let to_server = world.pending.iter().filter(|pending| matches!(pending, Pending::ToServer(..)));
    to_server.count()
}

/// The texts in a channel's log, in its order.
fn logged(world: &World, channel: &ChannelId) -> Vec<String> {
    let messages = world.server.logs.get(channel).map(|log| log.messages.as_slice()).unwrap_or_default();
    messages.iter().map(|message| String::from_utf8(message.payload.to_vec()).unwrap()).collect()
}

fn texts(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!(r#"{{"type":1,"content":"{number}"}}"#)).collect()
}

const SENT: (MessageStatus, Option<ReasonCode>) = (MessageStatus::Sent, Some(ReasonCode::SUCCESS));

#[test]
fn a_message_is_stored_and_told_before_it_is_written() {
    let mut world = World::online(1, Flavour::V2);
    let message = NewMessage::new(group(), text_payload("hi"));
    let outputs = world.rig.run([Input::Send { ticket: Ticket::new(7), message }]);
    let row = &world.rig.rows(&group())[0];
    assert_eq!((row.status, row.position), (MessageStatus::Sending, at(0, 1)));
    assert_eq!(world.rig.outbox()[0].client_seq, row.client_seq);
    let place = |test: &dyn Fn(&Output) -> bool| outputs.iter().position(test).unwrap();
    let stored = place(
        &|output| matches!(output, Output::Reply { ticket, reply: Reply::Stored(Ok(stored)) } if ticket.get() == 7 && stored == row),
    );
    let told = place(&|output| matches!(output, Output::Emit(Event::Inserted(told)) if told == row));
    let written = place(&|output| matches!(output, Output::Transmit { .. }));
    assert!(stored < written && told < written, "{outputs:?}");
}

#[test]
fn one_send_of_a_channel_is_in_flight_and_channels_go_in_parallel() {
    for flavour in [Flavour::V2, Flavour::V3] {
        one_in_flight(flavour);
    }
}

fn one_in_flight(flavour: Flavour) {
    let mut world = World::online(2, flavour);
    for number in 0..5 {
        for which in 0..3 {
            world.send(&channel(which), &number.to_string());
        }
    }
    for number in 0..5 {
        assert_eq!(sends_on_the_way(&world), 3, "one of each channel");
        assert!(world.server.sent.len() == 3 * number);
        for _ in 0..6 {
            world.deliver(0);
        }
    }
    assert_eq!(sends_on_the_way(&world), 0);
    for which in 0..3 {
        assert_eq!(logged(&world, &channel(which)), texts(0..5));
    }
}

#[test]
fn both_generations_keep_the_window_over_many_channels() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(4, flavour);
        for which in 0..300 {
            world.send(&channel(which), "0");
        }
        world.settle();
        for which in 0..300 {
            world.send(&channel(which), "1");
            world.send(&channel(which), "2");
        }
        assert_eq!(sends_on_the_way(&world), 128);
        world.settle();
        assert_eq!(world.server.most_unanswered, 128);
        assert!((0..300).all(|which| logged(&world, &channel(which)) == texts(0..3)));
    }
}

/// v3 takes half a second for each new channel and refuses what it has not come to in five (docs/servers.md T71).
#[test]
fn few_first_messages_are_in_flight_on_v3_and_they_hold_up_no_others() {
    for (flavour, most) in [(Flavour::V2, 128), (Flavour::V3, 4)] {
        let mut world = World::online(5, flavour);
        world.send(&channel(0), "0");
        world.settle();
        for which in 1..200 {
            world.send(&channel(which), "0");
            world.send(&channel(which), "1");
        }
        assert_eq!(sends_on_the_way(&world), most, "{flavour:?}");
        if flavour == Flavour::V3 {
            world.send(&channel(0), "1");
            assert_eq!(sends_on_the_way(&world), most + 1, "a channel with messages does not wait");
        }
        // What is in flight when the connection ends counts no more.
        world.cut();
        world.settle();
        world.wait(secs(60));
        assert!((1..200).all(|which| logged(&world, &channel(which)) == texts(0..2)), "{flavour:?}");
        assert!(world.rig.outbox().is_empty());
    }
}

#[test]
fn a_refusal_is_final_and_says_why() {
    let may_pass = [ReasonCode::SYSTEM_ERROR, ReasonCode::NODE_NOT_MATCH].map(ReasonCode::value);
    let refusals = (0..=29).filter(|code| *code != ReasonCode::SUCCESS.value() && !may_pass.contains(code));
    for code in refusals.chain([200]) {
        for flavour in [Flavour::V2, Flavour::V3] {
            let reason = ReasonCode::new(code);
            let mut world = World::online(9, flavour);
            world.server.on_send.push_back(OnSend::Refuse(reason));
            let first = world.send(&group(), "0");
            world.send(&group(), "1");
            world.settle();
            let rows = world.rig.rows(&group());
            let failed = rows.iter().find(|row| row.client_seq == first.client_seq).unwrap();
            assert_eq!((failed.status, failed.reason_code), (MessageStatus::Failed, Some(reason)));
            assert!(failed.position.is_local() && failed.position == first.position, "it stays where it was");
            assert!(world.events.contains(&Event::Refreshed(failed.clone())));
            assert_eq!(logged(&world, &group()), texts(1..2), "the next one goes out");
            world.cut();
            world.wait(secs(60));
            assert_eq!(world.server.sent.len(), 2, "and the refused one never again");
            assert!(world.rig.outbox().is_empty());
        }
    }
}

#[test]
fn a_refusal_that_may_pass_is_tried_again_in_order() {
    for reason in [ReasonCode::SYSTEM_ERROR, ReasonCode::NODE_NOT_MATCH] {
        for flavour in [Flavour::V2, Flavour::V3] {
            let mut world = World::online(10, flavour);
            world.server.on_send.extend([OnSend::Refuse(reason), OnSend::Refuse(reason)]);
            world.send(&group(), "0");
            world.settle();
            world.send(&group(), "1");
            world.wait(secs(5));
            assert_eq!(logged(&world, &group()), texts(0..2), "{flavour:?}");
            assert_eq!(world.server.sent.len(), 4);
            assert!(world.server.sent[1].flags.contains(Flags::DUP));
            assert_eq!(world.server.finds.len(), if flavour == Flavour::V2 { 2 } else { 0 });
        }
    }
}

/// Answers to the questions of two sessions come in the wrong order.
#[test]
fn what_is_wrong_is_refused_with_its_limit_and_leaves_nothing() {
    let long = "x".repeat(256);
    let (tiny, big) = (text_payload("x"), Bytes::from(vec![b' '; 24_560]));
    let to = |channel: ChannelId| NewMessage::new(channel, tiny.clone());
    let mut topical = to(group());
    topical.topic = "x".repeat(32_768);
    let id = SendError::Id;
    let empty = IdError::Empty { what: "channel id" };
    let reserved = |reserved| id(IdError::Reserved { what: "channel id", reserved });
    let cases = [
        (NewMessage::new(group(), Bytes::new()), SendError::EmptyPayload),
        (NewMessage::new(group(), big), SendError::PayloadTooLarge { len: 24_560, limit: 24_559 }),
        (topical, SendError::TopicTooLong { len: 32_768, limit: 32_767 }),
        (to(ChannelId::group("")), id(empty.clone())),
        (to(ChannelId::person("")), id(empty)),
        (to(ChannelId::group(long)), id(IdError::TooLong { what: "channel id", len: 256 })),
        (to(ChannelId::group("g____cmd")), reserved("____cmd")),
        (to(ChannelId::person("a@b")), reserved("@")),
        (to(ChannelId::person(ALICE)), reserved("own uid")),
    ];
    let mut world = World::online(17, Flavour::V2);
    let events = world.events.len();
    for (message, error) in cases {
        let channel = message.channel.clone();
        world.act(Input::Send { ticket: Ticket::new(1), message });
        assert_eq!(world.stored.pop(), Some(Err(error)));
        assert!(world.rig.rows(&channel).is_empty() && world.pending.is_empty());
    }
    assert!(world.events.len() == events && world.rig.outbox().is_empty());
    let too_long = SendError::PayloadTooLarge { len: 24_560, limit: 24_559 };
    assert_eq!(too_long.to_string(), "the payload has 24560 bytes, the limit is 24559");
}

#[test]
fn the_largest_payload_passes_whole() {
    let mut world = World::online(18, Flavour::V2);
    let payload = Bytes::from(vec![b'x'; 24_559]);
    let mut message = NewMessage::new(ChannelId::new("v|1", ChannelType::CUSTOMER_SERVICE), payload.clone());
    (message.topic, message.expire) = ("weather".to_owned(), 3600);
    world.send_message(message);
    world.settle();
    let sent = &world.server.sent[0];
    assert_eq!((&sent.payload, sent.topic.as_str(), sent.expire), (&payload, "weather", 3600));
}

#[test]
fn what_nobody_stores_has_no_place_in_the_log() {
    for flavour in [Flavour::V2, Flavour::V3] {
        for persisted in [false, true] {
            let mut world = World::online(19, flavour);
            let mut message = NewMessage::new(group(), text_payload("0"));
            (message.header.no_persist, message.header.sync_once) = (!persisted, persisted);
            let local = world.send_message(message);
            world.settle();
            let row = &world.rig.rows(&group())[0];
            assert_eq!((row.status, row.reason_code), SENT);
            assert_eq!(row.position, local.position, "its seq may count in another log");
            assert_eq!(world.rig.log(&group()), Default::default());
            assert!(world.rig.outbox().is_empty());
            // Where the normal log has it after all, a pull puts it there.
            world.page(PageQuery::newest(group()));
            let row = &world.rig.rows(&group())[0];
            let in_the_log = flavour == Flavour::V2 && persisted;
            assert_eq!(row.position, if in_the_log { at(1, 0) } else { local.position });
            let moved = Event::Refreshed(row.clone());
            assert!(world.events.contains(&moved), "a new status, and then a new place, is told");
            assert_eq!(world.rig.rows(&group()).len(), 1);
        }
    }
}

#[test]
fn any_number_of_local_messages_sorts_before_the_next_of_the_server() {
    let mut world = World::new(22, Flavour::V2);
    let local: Vec<_> = (0..1_005).map(|number| world.send(&group(), &number.to_string())).collect();
    world.server.append(&group(), Stored::text("bob", "after"));
    world.server.broken = true;
    world.server.on_send.push_back(OnSend::Lose);
    world.connect();
    world.push(&group(), 1);
    world.pending.retain(|pending| matches!(pending, Pending::ToClient(..)));
    world.settle();
    let rows = world.rig.rows(&group());
    assert_eq!(rows.len(), 1_006);
    assert_eq!(rows.last().unwrap().position, at(1, 0));
    let keys: Vec<_> = rows.iter().map(|row| (row.order_seq(), row.client_seq)).collect();
    assert!(keys.is_sorted() && keys[1_004].0 < keys[1_005].0);
    assert_eq!(rows[..1_005], local);
}
