//! A connection that is doubted: by the application, by the network, by a SEND without an answer, and by a rival.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::*;
use wk_sync::store::model::MessageStatus;
use wk_sync::store::model::proto::ReasonCode;
use wk_sync::{ConnectionState, DisconnectCause, Input};

fn is_online(world: &World) -> bool {
    matches!(world.state(), Some(ConnectionState::Online { .. }))
}

/// An hour without a network: the wait for the next connection is long.
fn lost() -> World {
    let mut world = World::online(1, Flavour::V2);
    world.reachable = false;
    world.cut();
    world.wait(secs(3600));
    world
}

#[test]
fn waking_and_another_network_end_a_wait_at_once_and_make_the_next_one_short() {
    for input in [|| Input::Wake, || Input::NetworkChanged] {
        let mut world = lost();
        let before = world.waits().len();
        world.act(input());
        assert_eq!(world.state(), Some(&ConnectionState::Connecting));
        world.settle();
        assert_eq!(world.waits().len(), before + 1);
        assert!(world.waits()[before].0 <= Duration::from_millis(500), "the backoff begins anew");
        world.reachable = true;
        world.act(input());
        world.wait(Duration::from_millis(10));
        assert!(is_online(&world));
    }
}

#[test]
fn another_network_replaces_a_connection_in_every_state() {
    for steps in 0..4 {
        let mut world = World::new(2, Flavour::V2);
        world.act(Input::Connect);
        for _ in 0..steps {
            if world.pending.is_empty() {
                world.rig.sleep(secs(1));
                world.act(Input::Timeout);
            } else {
                world.deliver(0);
            }
        }
        world.send(&group(), "0");
        world.act(Input::NetworkChanged);
        let told = ConnectionState::Waiting { delay: Duration::ZERO, cause: DisconnectCause::NetworkChanged };
        let states = world.states();
        assert_eq!(states[states.len() - 2..], [told, ConnectionState::Connecting], "after {steps} steps");
        assert!(world.server.session.is_none(), "the old one is closed");
        world.wait(secs(1));
        assert!(is_online(&world));
        assert_eq!(world.rig.rows(&group())[0].status, MessageStatus::Sent);
    }
}

#[test]
fn neither_connects_what_is_not_wanted_or_was_ended_by_the_server() {
    let mut kicked = World::online(3, Flavour::V2);
    let kick = kicked.server.kick(ReasonCode::CONNECT_KICK, "");
    kicked.server_writes(kick);
    kicked.settle();
    let mut refused = World::new(4, Flavour::V3);
    refused.server.handshake = Handshake::Refuse(ReasonCode::AUTH_FAIL);
    refused.act(Input::Connect);
    refused.wait(secs(1));
    for mut world in [World::new(5, Flavour::V2), kicked, refused] {
        let before = world.states();
        world.act(Input::Wake);
        world.act(Input::NetworkChanged);
        world.wait(secs(600));
        assert_eq!(world.states(), before);
    }
}

#[test]
fn waking_asks_an_open_connection_whether_it_lives() {
    let mut world = World::online(6, Flavour::V2);
    world.wait(secs(1));
    world.act(Input::Wake);
    world.act(Input::Wake);
    world.settle();
    assert_eq!(world.server.pings, 1, "one question at a time");
    world.wait(secs(20));
    assert_eq!(world.states().len(), 2, "it lives");
    // A dead one is found in five seconds and not in 37.
    world.act(Input::Wake);
    let asked = world.rig.now;
    let acted = world.wait_cut_off(secs(6));
    let ended = acted.iter().find(|(_, outputs)| outputs.iter().any(is_close)).expect("it is ended");
    assert_eq!(ended.0 - asked, secs(5));
}

const fn is_close(output: &wk_sync::Output) -> bool {
    matches!(output, wk_sync::Output::Close(_))
}

#[test]
fn a_send_that_waits_asks_early_whether_the_connection_lives() {
    // A displaced v2 connection stays open and silent (docs/servers.md T56).
    let mut world = World::online(7, Flavour::V2);
    world.wait(secs(1));
    world.send(&group(), "0");
    world.pending.clear();
    let sent = world.rig.now;
    let mut acted = Vec::new();
    while world.server.connects.len() == 1 && world.rig.now < sent + secs(30) {
        world.rig.sleep(secs(1));
        let state = world.states().len();
        world.act(Input::Timeout);
        if world.states().len() > state {
            acted.push(world.rig.now - sent);
        }
        // Nothing on the old connection arrives.
        world.pending.retain(|pending| !matches!(pending, Pending::ToServer(..)) || acted.len() > 1);
        if acted.len() > 1 {
            world.settle();
        }
    }
    assert_eq!(acted[0], secs(8), "a PING after three seconds, the end five seconds later");
    world.wait(secs(1));
    assert_eq!(world.rig.rows(&group())[0].status, MessageStatus::Sent);
    assert_eq!(world.server.log(&group()).messages.len(), 1);
}

#[test]
fn a_server_that_says_anything_is_not_asked() {
    let mut world = World::online(8, Flavour::V2);
    world.wait(secs(1));
    world.server.on_send.push_back(OnSend::Lose);
    world.send(&group(), "0");
    world.wait(secs(1));
    world.server.append(&group(), Stored::text("bob", "alive"));
    world.push(&group(), 1);
    world.wait(secs(5));
    assert_eq!(world.server.pings, 0);
}

#[test]
fn two_installations_with_one_device_id_do_not_displace_each_other_without_a_pause() {
    // Each login of the other one closes this connection, a second after its CONNACK (docs/servers.md T27).
    let mut world = World::new(9, Flavour::V3);
    world.act(Input::Connect);
    let end = world.rig.now + secs(3600);
    while world.rig.now < end {
        world.wait(secs(1));
        if is_online(&world) {
            world.cut();
        }
    }
    let logins = world.server.connects.len();
    // Waits of up to 30 s and 15 on average; 0.25 s would make 2,000 logins.
    assert!((100..400).contains(&logins), "{logins} logins in an hour");
    // A connection that lasts ends that.
    world.wait(secs(31));
    world.wait(secs(26));
    assert!(is_online(&world));
    world.cut();
    assert!(world.waits().last().unwrap().0 <= Duration::from_millis(500));
}
