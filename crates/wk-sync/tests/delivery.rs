//! The two ways out of the log, not stored and delivered once, in every combination and with both generations.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::Event;
use wk_sync::store::model::proto::{ChannelType, Flags, ReasonCode, Recv, Sendack};
use wk_sync::store::model::{MessageId, MessageStatus, NewMessage, PageQuery, text_payload};

/// (no_persist, sync_once, flavour, the id and the seq of the answer), as docs/servers.md §2.4 tells them.
const ANSWERS: [(bool, bool, Flavour, i64, u64); 8] = [
    (false, false, Flavour::V2, 9, 1),
    (false, false, Flavour::V3, 9, 1),
    (true, false, Flavour::V2, 9, 0),
    (true, false, Flavour::V3, 0, 0),
    (false, true, Flavour::V2, 9, 1),
    (false, true, Flavour::V3, 9, 7),
    (true, true, Flavour::V2, 9, 0),
    (true, true, Flavour::V3, 9, 0),
];

#[test]
fn an_answer_covers_only_what_stands_in_the_log() {
    for (no_persist, sync_once, flavour, id, message_seq) in ANSWERS {
        let mut world = World::online(1, flavour);
        world.server.on_send.push_back(OnSend::Lose);
        let mut message = NewMessage::new(group(), text_payload("x"));
        (message.header.no_persist, message.header.sync_once) = (no_persist, sync_once);
        world.send_message(message);
        world.settle();
        let sent = &world.server.sent[0];
        assert_eq!(sent.flags.contains(Flags::NO_PERSIST), no_persist);
        assert_eq!(sent.flags.contains(Flags::SYNC_ONCE), sync_once);
        let answer = world.server.sendack(Sendack {
            client_seq: sent.wire_seq,
            message_id: MessageId::new(id),
            message_seq: seq(message_seq),
            reason: ReasonCode::SUCCESS,
            ..Sendack::default()
        });
        world.server_writes(answer);
        world.settle();
        let row = &world.rig.rows(&group())[0];
        assert_eq!((row.status, row.message_id.get()), (MessageStatus::Sent, id));
        let in_the_log = !no_persist && !sync_once;
        assert_eq!(row.position.is_local(), !in_the_log, "no_persist {no_persist}, sync_once {sync_once}");
        let log = world.rig.log(&group());
        assert_eq!((log.tail.get(), log.covered.len()), if in_the_log { (1, 1) } else { (0, 0) });
        assert!(world.rig.outbox().is_empty());
        // Neither is ever sent again.
        world.cut();
        world.wait(secs(60));
        assert_eq!(world.server.sent.len(), 1);
    }
}

#[test]
fn a_push_is_stored_shown_or_told_as_its_flags_say_and_always_acknowledged() {
    for flavour in [Flavour::V2, Flavour::V3] {
        for (no_persist, sync_once) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut world = World::online(2, flavour);
            // v3 names the command log and clears the flag.
            let suffixed = flavour == Flavour::V3 && sync_once;
            let mut flags = Flags::EMPTY;
            for (set, flag) in [(no_persist, Flags::NO_PERSIST), (sync_once && !suffixed, Flags::SYNC_ONCE)] {
                if set {
                    flags = flags.with(flag);
                }
            }
            let id = if suffixed { "g____cmd" } else { "g" };
            let push = |world: &mut World| {
                let frame = world.server.recv_packet(Recv {
                    flags,
                    from_uid: "bob".into(),
                    channel_id: id.into(),
                    channel_type: ChannelType::GROUP,
                    message_id: MessageId::new(77),
                    message_seq: seq(if no_persist { 0 } else { 3 }),
                    payload: &text_payload("x"),
                    ..Recv::default()
                });
                world.server_writes(frame);
                world.settle();
            };
            push(&mut world);
            let stored = !no_persist && !sync_once;
            assert_eq!(world.rig.rows(&group()).len(), usize::from(stored));
            assert_eq!(world.rig.log(&group()).covered.len(), u64::from(stored));
            assert_eq!(world.told().len(), usize::from(!sync_once), "{flavour:?} {no_persist} {sync_once}");
            let commands = |world: &World| {
                let told = world.events.iter().filter(|event| matches!(event, Event::Command(_)));
                told.count()
            };
            assert_eq!(commands(&world), usize::from(sync_once));
            assert_eq!(world.rig.conversation(&group()).is_some(), stored);
            push(&mut world);
            assert_eq!(world.server.acks.len(), 2, "the second time too");
            assert_eq!(world.server.acks[1].flags, flags);
            assert_eq!(world.rig.rows(&group()).len(), usize::from(stored));
        }
    }
}

#[test]
fn a_broken_one_of_any_kind_is_acknowledged_and_holds_nothing_up() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(3, flavour);
        let link = world.server.session.as_ref().unwrap().link;
        for (header, seq) in [((false, false), 1), ((true, false), 0), ((false, true), 2)] {
            let mut broken = Stored { id: MessageId::new(50 + seq as i64), seq, ..Stored::text("bob", "x") };
            (broken.header.no_persist, broken.header.sync_once) = header;
            let frame = world.server.garbage(&group(), &broken);
            world.act(wk_sync::Input::Frame { link, frame });
        }
        world.settle();
        assert_eq!(world.server.acks.len(), 3);
        let stored = world.server.append(&group(), Stored::text("bob", "after"));
        world.push(&group(), stored.seq);
        world.settle();
        assert!(world.rig.log(&group()).tail.get() >= 1);
        // The place of the broken one is asked for, and healed.
        let page = world.page(PageQuery::newest(group()));
        assert_eq!(page.messages.len(), 1);
        assert_eq!(page.messages[0].payload, text_payload("after"));
    }
}

#[test]
fn a_message_said_again_gets_no_younger() {
    let mut world = World::online(9, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "x"));
    // Where an id tells no time there is only that of the RECV, which is the time of its delivery.
    world.server.log(&group()).messages[0].id = MessageId::new(7);
    world.push(&group(), 1);
    world.settle();
    let first = world.rig.rows(&group())[0].timestamp;
    world.wait(secs(90));
    world.push(&group(), 1);
    world.settle();
    assert_eq!((world.rig.rows(&group()).len(), world.rig.rows(&group())[0].timestamp), (1, first));
}
