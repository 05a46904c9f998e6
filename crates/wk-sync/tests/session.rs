//! Connecting, staying connected, and the ends of a connection.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::*;
use wk_sync::store::model::proto::{Frame, Packet, PacketType, ProtocolVersion, ReasonCode};
use wk_sync::store::model::{ChannelId, PageQuery, Uid};
use wk_sync::store::{MemoryStore, StoreError};
use wk_sync::{
    Answer, Config, ConnectionState, DisconnectCause, EngineError, Event, Input, LinkId, Output,
    PulledMessages,
};

/// The types of the packets that wait to be written.
fn written(world: &World) -> Vec<PacketType> {
    let frames = world.pending.iter().filter_map(|pending| match pending {
        Pending::ToServer(_, bytes) => Some(Frame::from_bytes(bytes.clone()).unwrap().packet_type()),
        _ => None,
    });
    frames.collect()
}

fn link_of(output: &Output) -> Option<LinkId> {
    match output {
        Output::Connect(link) => Some(*link),
        _ => None,
    }
}

#[test]
fn connect_is_written_alone_and_only_after_the_settle_time() {
    let mut world = World::new(1, Flavour::V2);
    world.send(&group(), "written before the connection");
    world.act(Input::Connect);
    world.settle();
    let settled = world.rig.now + Duration::from_millis(10);
    assert_eq!(world.rig.engine.poll_timeout(), Some(settled));
    world.rig.now = world.rig.now + Duration::from_millis(9);
    world.act(Input::Timeout);
    assert!(world.pending.is_empty(), "CONNECT too early: {:?}", world.pending);
    world.rig.now = settled;
    world.act(Input::Timeout);
    assert_eq!(written(&world), [PacketType::Connect]);
    // Whatever happens before CONNACK, nothing follows CONNECT.
    world.send(&group(), "written meanwhile");
    world.mark_read(&group(), 0);
    let acted = world.wait_cut_off(Duration::from_millis(2_900));
    assert!(acted.is_empty(), "{acted:?}");
    assert_eq!(written(&world), [PacketType::Connect]);
    world.settle();
    assert_eq!(world.server.sent.len(), 2);
    assert_eq!(world.server.connects, [6], "version 6 is asked for");
}

#[test]
fn each_generation_and_a_server_without_encryption_is_understood() {
    for (flavour, version) in [(Flavour::V2, ProtocolVersion::V5), (Flavour::V3, ProtocolVersion::V6)] {
        for encrypted in [true, false] {
            let mut world = World::new(2, flavour);
            world.server.encrypted = encrypted;
            world.connect();
            assert_eq!(world.state(), Some(&ConnectionState::Online { version }));
            world.server.append(&group(), Stored::text("bob", "hello"));
            world.push(&group(), 1);
            world.send(&group(), "hello bob");
            world.settle();
            let log = &world.server.logs[&group()];
            assert_eq!(world.told()[0].payload, log.messages[0].payload);
            assert_eq!(log.messages[1].payload, world.server.sent[0].payload);
            assert_eq!(&log.messages[1].payload[..], br#"{"type":1,"content":"hello bob"}"#);
        }
    }
}

#[test]
fn what_comes_before_connack_is_kept_and_delivered() {
    let mut world = World::new(3, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "early"));
    }
    world.act(Input::Connect);
    world.settle();
    world.rig.now = world.rig.now + Duration::from_millis(10);
    world.act(Input::Timeout);
    world.deliver(0);
    for seq in 1..=3 {
        world.push(&group(), seq);
    }
    // CONNACK was written first and arrives last.
    world.pending.rotate_left(1);
    for _ in 0..3 {
        world.deliver(0);
    }
    assert!(world.told().is_empty());
    assert!(world.pending.len() == 1 && world.server.acks.is_empty());
    world.deliver(0);
    let online = world
        .events
        .iter()
        .position(|event| matches!(event, Event::Connection(ConnectionState::Online { .. })));
    let told = world.events.iter().position(|event| matches!(event, Event::Messages { .. }));
    assert!(online.unwrap() < told.unwrap());
    assert_eq!(world.told().iter().map(|message| message.position.seq.get()).collect::<Vec<_>>(), [1, 2, 3]);
    world.settle();
    assert_eq!(world.server.acks.len(), 3);
}

#[test]
fn a_silent_handshake_is_tried_again_at_once_and_then_counted() {
    let mut world = World::new(4, Flavour::V2);
    world.server.handshake = Handshake::Silent;
    world.act(Input::Connect);
    world.wait(secs(60));
    let waits = world.waits();
    assert!(waits.len() > 3, "{waits:?}");
    for (index, (delay, cause)) in waits.iter().enumerate() {
        let in_a_row = u32::try_from(index).unwrap() + 1;
        let told = match in_a_row {
            1 | 2 => DisconnectCause::SilentHandshake { in_a_row },
            _ => DisconnectCause::RefusedOrOverloaded { in_a_row },
        };
        assert_eq!(*cause, told, "the third is no accident");
        assert_eq!(delay.is_zero(), in_a_row == 1, "only the first retry is immediate");
    }
    // Once the server answers, silence counts from one again.
    world.server.handshake = Handshake::Accept;
    world.wait(secs(40));
    assert!(matches!(world.state(), Some(ConnectionState::Online { .. })));
    world.server.handshake = Handshake::Silent;
    world.events.clear();
    world.cut();
    world.wait(secs(10));
    assert!(world.waits().contains(&(Duration::ZERO, DisconnectCause::SilentHandshake { in_a_row: 1 })));
}

#[test]
fn a_connection_that_closes_during_the_handshake_was_a_silent_one() {
    let mut world = World::new(5, Flavour::V2);
    world.server.handshake = Handshake::Silent;
    world.act(Input::Connect);
    world.wait(secs(1));
    world.cut();
    assert_eq!(world.waits(), [(Duration::ZERO, DisconnectCause::SilentHandshake { in_a_row: 1 })]);
}

#[test]
fn kicked_is_the_end_until_the_application_connects() {
    let mut world = World::online(6, Flavour::V2);
    let link = world.server.session.as_ref().unwrap().link;
    let kick = world.server.kick(ReasonCode::CONNECT_KICK, "login in other device");
    world.server.append(&group(), Stored::text("bob", "during the grace period"));
    let late = world.server.recv(&group(), &world.server.logs[&group()].messages[0]);
    world.server_writes(kick);
    world.settle();
    let text = "login in other device".to_owned();
    assert_eq!(world.state(), Some(&ConnectionState::Kicked { reason: ReasonCode::CONNECT_KICK, text }));
    // The old connection still delivers for a while: it is over.
    world.act(Input::Frame { link, frame: late });
    world.act(Input::LinkDown { link, reason: "closed".to_owned() });
    let before = world.events.len();
    world.wait(secs(3600));
    assert_eq!(world.events.len(), before, "{:?}", world.events);
    assert_eq!((world.server.connects.len(), world.rig.engine.poll_timeout()), (1, None));
    world.connect();
    assert_eq!(world.server.connects.len(), 2);
}

#[test]
fn a_refused_login_is_the_end_until_the_application_connects() {
    let mut world = World::new(7, Flavour::V3);
    world.server.handshake = Handshake::Refuse(ReasonCode::AUTH_FAIL);
    world.act(Input::Connect);
    world.wait(secs(3600));
    assert_eq!(
        world.states(),
        [ConnectionState::Connecting, ConnectionState::Refused { reason: ReasonCode::AUTH_FAIL }]
    );
    assert_eq!(world.server.connects.len(), 1);
    world.server.handshake = Handshake::Accept;
    world.connect();
}

#[test]
fn a_server_that_cannot_log_in_now_is_asked_again() {
    let mut world = World::new(8, Flavour::V3);
    world.server.handshake = Handshake::Refuse(ReasonCode::SYSTEM_ERROR);
    world.act(Input::Connect);
    world.wait(secs(20));
    assert!(world.server.connects.len() > 3);
    assert!(world.waits().iter().all(|(_, cause)| matches!(cause, DisconnectCause::Lost { .. })));
    world.server.handshake = Handshake::Accept;
    world.wait(secs(31));
    assert!(matches!(world.state(), Some(ConnectionState::Online { .. })));
}

#[test]
fn a_session_without_a_known_version_does_not_begin() {
    for named in [None, Some(0), Some(9)] {
        let mut world = World::new(20, Flavour::V3);
        world.server.handshake = Handshake::AcceptAs(named);
        world.act(Input::Connect);
        world.wait(secs(20));
        assert!(
            !world.states().iter().any(|state| matches!(state, ConnectionState::Online { .. })),
            "{named:?}"
        );
        assert!(world.waits().len() > 1);
        assert!(world.waits().iter().all(|(_, cause)| matches!(cause, DisconnectCause::Lost { .. })));
        world.server.handshake = Handshake::AcceptAs(Some(5));
        world.wait(secs(31));
        assert_eq!(world.state(), Some(&ConnectionState::Online { version: ProtocolVersion::V5 }));
    }
}

#[test]
fn late_news_of_an_old_link_changes_nothing() {
    let mut world = World::new(14, Flavour::V2);
    let old = world.rig.run([Input::Connect]).iter().find_map(link_of).unwrap();
    // It does not open in time; a second one is opened.
    world.wait(secs(16));
    let new = world.server.session.as_ref().unwrap().link;
    assert!(new != old);
    let before = world.events.len();
    world.server.append(&group(), Stored::text("bob", "on a link that is gone"));
    let frame = world.server.recv(&group(), &world.server.logs[&group()].messages[0]);
    let kick = world.server.kick(ReasonCode::CONNECT_KICK, "");
    for late in [
        Input::LinkUp(old),
        Input::Frame { link: old, frame },
        Input::Frame { link: old, frame: kick },
        Input::LinkDown { link: old, reason: "late".to_owned() },
        Input::LinkUp(new),
    ] {
        world.act(late);
    }
    world.wait(secs(5));
    assert_eq!(world.events.len(), before, "{:?}", &world.events[before..]);
    assert_eq!((world.server.acks.len(), world.server.connects.len()), (0, 1));
}

#[test]
fn late_news_for_an_engine_that_was_dropped_means_nothing_to_the_next() {
    let mut world = World::new(20, Flavour::V2);
    world.ask(PageQuery::newest(group()));
    let old = world.rig.run([Input::Connect]).iter().find_map(link_of).unwrap();
    let job = *world.open.keys().next().unwrap();
    world.restart();
    world.ask(PageQuery::newest(ChannelId::group("another")));
    world.act(Input::Connect);
    let pulled = PulledMessages {
        messages: vec![Stored { seq: 1, ..Stored::text("bob", "x") }.pulled(Flavour::V2)],
        more: false,
    };
    for late in [
        Input::LinkUp(old),
        Input::LinkDown { link: old, reason: "late".to_owned() },
        Input::Answer { job, answer: Answer::Pulled(Ok(pulled)) },
    ] {
        world.act(late);
    }
    assert_eq!(world.rig.log(&ChannelId::group("another")), Default::default());
    assert_eq!((world.pages.len(), world.state()), (0, Some(&ConnectionState::Connecting)));
}

#[test]
fn disconnect_ends_every_state() {
    for steps in 0..6 {
        let mut world = World::new(15, Flavour::V2);
        world.reachable = steps != 1;
        world.act(Input::Connect);
        for _ in 0..steps {
            if world.pending.is_empty() {
                world.rig.sleep(secs(1));
                world.act(Input::Timeout);
            } else {
                world.deliver(0);
            }
        }
        world.act(Input::Disconnect);
        assert_eq!(world.state(), Some(&ConnectionState::Offline), "after {steps} steps");
        assert!(world.server.session.is_none());
        let connects = world.server.connects.len();
        world.wait(secs(600));
        assert_eq!(world.server.connects.len(), connects);
        assert_eq!(world.state(), Some(&ConnectionState::Offline));
        world.reachable = true;
        world.connect();
    }
}

#[test]
fn a_store_serves_one_account_only() {
    let store = MemoryStore::new();
    let rig = Rig::with(16, Config::new(Uid::new("bob")), store.clone()).unwrap();
    let error = Rig::with(16, Config::new(Uid::new("alice")), store.clone()).err().unwrap();
    let (owner, uid) = (Uid::new("bob"), Uid::new("alice"));
    assert!(
        matches!(&error, EngineError::Store(StoreError::WrongAccount { owner: o, uid: u }) if *o == owner && *u == uid)
    );
    assert_eq!(error.to_string(), "the store belongs to bob, not to alice");
    // It is the same device after a restart, and another installation is another device.
    let device = |rig: &Rig| rig.reader().account().unwrap().unwrap().device_id;
    let first = device(&rig);
    assert_eq!(device(&Rig::with(17, Config::new(Uid::new("bob")), store).unwrap()), first);
    assert_ne!(device(&Rig::with(18, Config::new(Uid::new("bob")), MemoryStore::new()).unwrap()), first);
    assert_eq!(first.len(), 32);
}

#[test]
fn packets_that_make_no_sense_do_no_harm() {
    let mut world = World::online(19, Flavour::V2);
    let link = world.server.session.as_ref().unwrap().link;
    // A RECV cut short, a packet only servers get, and a packet of no known meaning here.
    for bytes in [&b"\x50\x01\x00"[..], b"\x70", b"\x60\x01\x00", b"\xb0\x02\x00\x00", b"\x20\x01\x00"] {
        let frame = Frame::from_bytes(bytes.to_vec().into()).unwrap();
        world.act(Input::Frame { link, frame });
    }
    world.send(&group(), "still here");
    world.settle();
    assert_eq!(world.server.sent.len(), 1);
    assert!(matches!(Packet::decode(b"\x70", ProtocolVersion::V5), Ok(Packet::Ping)));
}
