//! PING and silence on a connection, and the waits between connections.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::*;
use wk_sync::{ConnectionState, DisconnectCause, Event, Input, Output};

#[test]
fn ping_is_written_every_25_seconds_whatever_the_traffic() {
    for noisy in [false, true] {
        let mut world = World::online(9, Flavour::V3);
        for second in 1..=300_u64 {
            if noisy {
                let stored = world.server.append(&group(), Stored::text("bob", "noise"));
                world.push(&group(), stored.seq);
                world.send(&group(), "more noise");
            }
            world.wait(secs(1));
            assert_eq!(world.server.pings as u64, second / 25, "after {second} s");
        }
        assert_eq!(world.server.connects.len(), 1);
    }
}

#[test]
fn a_connection_is_dead_after_37_and_a_half_seconds_of_silence() {
    let mut world = World::online(10, Flavour::V2);
    world.settle();
    let heard = world.rig.now;
    let acted = world.wait_cut_off(secs(37) + Duration::from_millis(500));
    assert_eq!(
        acted.iter().map(|(at, _)| *at - heard).collect::<Vec<_>>(),
        [secs(25), Duration::from_millis(37_500)]
    );
    assert!(matches!(acted[0].1[..], [Output::Transmit { .. }]), "PING");
    assert!(matches!(
        acted[1].1[..],
        [
            Output::Close(_),
            Output::Emit(Event::Connection(ConnectionState::Waiting {
                cause: DisconnectCause::Lost { .. },
                ..
            }))
        ]
    ));
    // Any packet is a sign of life.
    let mut world = World::online(11, Flavour::V2);
    let heard = world.rig.now;
    world.wait_cut_off(secs(30));
    world.server.append(&group(), Stored::text("bob", "alive"));
    world.push(&group(), 1);
    world.deliver(0);
    let acted = world.wait_cut_off(Duration::from_millis(37_500));
    let end = acted.iter().find(|(_, outputs)| matches!(outputs[..], [Output::Close(_), ..]));
    assert_eq!(end.map(|(at, _)| *at - heard), Some(Duration::from_millis(67_500)));
}

#[test]
fn a_device_that_slept_connects_anew_at_once() {
    let mut world = World::online(12, Flavour::V2);
    world.rig.now = world.rig.now + secs(3600);
    world.act(Input::Timeout);
    assert!(
        matches!(world.state(), Some(ConnectionState::Waiting { delay, .. }) if *delay <= Duration::from_millis(500))
    );
    world.wait(secs(1));
    assert!(matches!(world.state(), Some(ConnectionState::Online { .. })));
    assert_eq!(world.server.syncs.len(), 2, "and asks for what it slept through");
}

#[test]
fn waits_double_up_to_30_seconds_and_are_spread() {
    let mut world = World::new(13, Flavour::V2);
    world.reachable = false;
    world.act(Input::Connect);
    world.wait(secs(3600));
    let waits = world.waits();
    assert!(waits.len() > 100);
    let mut ceiling = Duration::from_millis(500);
    for (delay, cause) in &waits {
        assert!(*delay <= ceiling, "{delay:?} > {ceiling:?}");
        assert!(matches!(cause, DisconnectCause::Unreachable { .. }));
        ceiling = (ceiling * 2).min(secs(30));
    }
    let long = waits.iter().filter(|(delay, _)| *delay > secs(15)).count();
    assert!((waits.len() / 4..waits.len() * 3 / 4).contains(&long), "{long} of {}", waits.len());
    // A session of a ping interval resets them.
    world.reachable = true;
    world.wait(secs(31));
    world.wait(secs(25));
    world.events.clear();
    world.cut();
    assert!(world.waits()[0].0 <= Duration::from_millis(500));
}
