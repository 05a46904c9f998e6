//! Commands that were not pushed: pulled after a connect, told once, and acknowledged when they are written down.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::{ActionId, ChannelId, MessageHeader};
use wk_sync::{Change, Input, PulledCommand, Question, SourceError};

const ONCE: MessageHeader = MessageHeader { no_persist: false, red_dot: false, sync_once: true };

fn command(from: &str, name: &str) -> Stored {
    let payload = format!(r#"{{"type":99,"cmd":"{name}","param":{{}}}}"#);
    Stored { header: ONCE, ..Stored::with_payload(from, Bytes::from(payload)) }
}

/// The server stores a command that it pushes to nobody yet. Its log is not the channel's.
fn store(world: &mut World, channel: &ChannelId, from: &str, name: &str) -> Stored {
    let log = server::command_log(channel);
    let stored = world.server.append(&log, command(from, name));
    let message = stored.pulled(world.server.flavour);
    world.server.listing.commands.push(PulledCommand { channel: log, message });
    stored
}

fn names(world: &World) -> Vec<(String, ChannelId, bool)> {
    let commands = world.commands().into_iter();
    commands.map(|it| (it.command.cmd.clone(), it.channel.clone(), it.again)).collect()
}

fn told(name: &str, channel: &ChannelId) -> (String, ChannelId, bool) {
    (name.to_owned(), channel.clone(), false)
}

fn ids(world: &World) -> Vec<ActionId> {
    world.commands().into_iter().filter_map(|command| command.id).collect()
}

#[test]
fn what_was_not_pushed_is_told_once_and_in_order_and_then_acknowledged() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::offering(1, flavour);
        let bob = ChannelId::person("bob");
        store(&mut world, &group(), "____system", "first");
        world.server.unix_ms += 5_000;
        // v2 names the log of a person's channel by its reader, from the sender's side.
        store(&mut world, &ChannelId::person(ALICE), "bob", "second");
        world.server.unix_ms += 5_000;
        store(&mut world, &group(), "____system", "third");
        // Log by log, in any order.
        world.server.listing.commands.rotate_left(1);
        world.connect();
        assert_eq!(names(&world), [told("first", &group()), told("second", &bob), told("third", &group())]);
        let taken = &world.server.listing.commands_taken;
        assert_eq!((taken.len(), taken[0].last_seq), (1, seq(2)));
        assert_eq!(world.rig.rows(&group()), [], "a command is no message");
        // A reconnect asks again, and hears of nothing.
        world.cut();
        world.wait(secs(2));
        assert_eq!(world.server.listing.command_questions, 2);
        assert_eq!((world.server.listing.commands_taken.len(), names(&world).len()), (1, 3));
    }
}

#[test]
fn a_command_that_is_pushed_and_pulled_is_told_once() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::offering(2, flavour);
        let stored = store(&mut world, &group(), "____system", "x");
        world.connect();
        let frame = world.server.recv(&group(), &stored);
        world.server_writes(frame);
        world.settle();
        assert_eq!(names(&world), [told("x", &group())]);
        // Pushed first, pulled afterwards, with other names.
        let pushed = store(&mut world, &group(), "____system", "y");
        let frame = world.server.recv(&group(), &pushed);
        world.server_writes(frame);
        world.settle();
        world.cut();
        world.wait(secs(2));
        assert_eq!(names(&world), [told("x", &group()), told("y", &group())]);
    }
}

/// The process dies at every point between the answer and its acknowledgement.
#[test]
fn no_crash_loses_a_pulled_command_or_tells_a_done_one() {
    for point in 0..3 {
        let mut world = World::offering(3, Flavour::V2);
        store(&mut world, &group(), "____system", "x");
        world.act(Input::Connect);
        let job = loop {
            let asked = world.open.iter().find(|(_, question)| matches!(question, Question::Commands(_)));
            if let Some((job, _)) = asked {
                break *job;
            }
            world.rig.sleep(secs(1));
            world.act(Input::Timeout);
            while !world.pending.is_empty()
                && !world.open.values().any(|question| matches!(question, Question::Commands(_)))
            {
                world.deliver(0);
            }
        };
        let answer = world.server.answer(&world.open[&job].clone());
        let input = Input::Answer { job, answer };
        match point {
            0 => world.fail(input),
            1 => world.crash(input, 0),
            _ => world.crash(input, usize::MAX),
        }
        assert!(world.server.listing.commands_taken.is_empty(), "not before the commit: {point}");
        world.connect();
        let again = point > 0;
        assert_eq!(names(&world), [("x".to_owned(), group(), again)], "point {point}");
        world.change(Change::CommandDone(ids(&world)[0]));
        world.restart();
        world.connect();
        assert_eq!((names(&world).len(), world.server.listing.commands_taken.len()), (0, 1));
    }
}

#[test]
fn a_failure_is_tried_again_and_a_source_without_commands_is_not_asked_twice() {
    let mut world = World::offering(4, Flavour::V2);
    store(&mut world, &group(), "____system", "x");
    world.connect_before_sync();
    let sync = world.first(|pending| matches!(pending, Pending::Question(_, Question::Sync(_))));
    world.deliver(sync);
    // Of what follows the sync: the answer to the commands is lost twice, and then the word that they are taken.
    world.server.listing.command_questions = 0;
    let refused = SourceError::Refused { status: 400, message: "an empty log is bound".to_owned() };
    let mut failures = vec![refused, http::unreachable()];
    for _ in 0..10_000 {
        let Some(index) = world
            .pending
            .iter()
            .position(|pending| matches!(pending, Pending::Question(_, Question::Commands(_))))
            .filter(|_| !failures.is_empty())
        else {
            if world.pending.is_empty() && failures.is_empty() {
                break;
            }
            if world.pending.is_empty() {
                world.rig.sleep(secs(10));
                world.act(Input::Timeout);
            } else {
                world.deliver(0);
            }
            continue;
        };
        world.server.failures.push_front(failures.remove(0));
        world.deliver(index);
    }
    world.wait(secs(20));
    assert_eq!((names(&world).len(), world.server.listing.command_questions), (1, 3));
    assert_eq!(world.server.listing.commands_taken.len(), 1);

    let mut world = World::online(5, Flavour::V3);
    world.wait(secs(600));
    assert_eq!(world.server.listing.command_questions, 0, "nothing is asked that is not offered");
}

#[test]
fn v3_is_asked_while_it_is_online_and_v2_pushes() {
    for (flavour, questions) in [(Flavour::V2, 1), (Flavour::V3, 6)] {
        let mut world = World::offering(6, flavour);
        world.connect();
        world.wait(secs(310));
        assert_eq!(world.server.listing.command_questions, questions, "{flavour:?}");
    }
}

#[test]
fn what_is_given_again_after_its_acknowledgement_ends_the_questions() {
    // v2 does not acknowledge those of young logs, and gives them again.
    let mut world = World::offering(7, Flavour::V2);
    for number in 0..10_000 {
        store(&mut world, &group(), "____system", &format!("{number}"));
    }
    let all = world.server.listing.commands.clone();
    world.connect();
    assert_eq!(world.server.listing.command_questions, 2, "it was full: there may be more");
    assert_eq!(names(&world).len(), 10_000);
    world.server.listing.commands = all;
    world.cut();
    world.wait(secs(10));
    assert_eq!((world.server.listing.command_questions, names(&world).len()), (3, 10_000));
}
