//! Commands: each is told once, whatever is pushed again and wherever the process dies, until the application is done.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::{ActionId, ChannelId, MessageHeader, PageQuery, ReceivedCommand, Reminder};
use wk_sync::{Change, Event, Input};

const ONCE: MessageHeader = MessageHeader { no_persist: false, red_dot: false, sync_once: true };

/// A command of the system, as servers push those that were sent over HTTP.
fn command(name: &str, param: &str) -> Stored {
    let payload = format!(r#"{{"type":99,"cmd":"{name}","param":{param}}}"#);
    Stored { header: ONCE, ..Stored::with_payload("____system", Bytes::from(payload)) }
}

fn names(world: &World) -> Vec<(String, bool)> {
    world.commands().into_iter().map(|command| (command.command.cmd.clone(), command.again)).collect()
}

fn told(name: &str) -> (String, bool) {
    (name.to_owned(), false)
}

fn again(name: &str) -> (String, bool) {
    (name.to_owned(), true)
}

fn id(command: &ReceivedCommand) -> ActionId {
    command.id.expect("a command that is kept")
}

#[test]
fn a_command_has_a_name_and_parameters_and_is_told_once() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(1, flavour);
        let stored = world.server.append(&group(), command("memberUpdate", r#"{"group_no":"g","n":7}"#));
        for _ in 0..3 {
            world.push(&group(), stored.seq);
            world.settle();
        }
        let commands = world.commands();
        let [command] = commands[..] else { panic!("{commands:?}") };
        assert_eq!((command.command.cmd.as_str(), command.again), ("memberUpdate", false));
        assert_eq!(
            (command.command.param.text("group_no").as_deref(), command.command.param.integer("n")),
            (Some("g"), Some(7))
        );
        assert_eq!((&command.channel, command.message_id), (&group(), stored.id));
        assert_eq!(world.server.acks.len(), 3, "each copy is acknowledged");
        // It is no message.
        assert_eq!(world.rig.rows(&group()), []);
        assert!(world.told().is_empty());
    }
}

#[test]
fn seqs_of_two_logs_under_one_name_are_no_names() {
    // v2: a command sent over HTTP counts in another log than one sent over a socket, and RECV does not say which.
    let mut world = World::online(2, Flavour::V2);
    let first = world.server.append(&group(), command("one", "{}"));
    let other = Stored { seq: first.seq, id: world.server.mint(), ..command("two", "{}") };
    world.push(&group(), first.seq);
    let frame = world.server.recv(&group(), &other);
    world.server_writes(frame);
    world.settle();
    assert_eq!(names(&world), [told("one"), told("two")]);
}

#[test]
fn history_tells_no_commands() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::new(3, flavour);
        for _ in 0..30 {
            world.server.append(&group(), Stored { header: NO_FLAGS, ..command("unreadClear", "{}") });
            world.server.append(&group(), Stored::text("bob", "x"));
        }
        world.connect();
        let mut page = world.page(PageQuery::newest(group()));
        while let Some(older) = page.older(&group()) {
            page = world.page(older);
        }
        assert_eq!(world.rig.rows(&group()).len(), 60);
        assert_eq!(names(&world), []);
    }
}

#[test]
fn a_command_sent_like_a_message_is_told_when_it_is_pushed() {
    let mut world = World::online(4, Flavour::V2);
    let stored = world.server.append(&group(), Stored { header: NO_FLAGS, ..command("typing", "{}") });
    for _ in 0..2 {
        world.push(&group(), stored.seq);
        world.settle();
    }
    assert_eq!(names(&world), [told("typing")]);
    // It stands in the history, unseen.
    let rows = world.rig.rows(&group());
    assert_eq!((rows.len(), rows[0].is_visible()), (1, false));
    assert!(world.page(PageQuery::newest(group())).messages.is_empty());
}

#[test]
fn what_nobody_keeps_is_told_and_forgotten() {
    let mut world = World::online(5, Flavour::V2);
    let header = MessageHeader { no_persist: true, ..ONCE };
    let typing = Stored { seq: 0, id: world.server.mint(), header, ..command("typing", "{}") };
    let frame = world.server.recv(&group(), &typing);
    world.server_writes(frame);
    world.settle();
    assert_eq!((names(&world), world.commands()[0].id), (vec![told("typing")], None));
    world.restart();
    world.connect();
    assert_eq!(names(&world), []);
}

#[test]
fn it_is_told_again_after_a_restart_until_it_is_done() {
    let mut world = World::online(6, Flavour::V2);
    for name in ["a", "b", "c"] {
        let stored = world.server.append(&group(), command(name, "{}"));
        world.push(&group(), stored.seq);
        world.settle();
    }
    let b = id(world.commands()[1]);
    world.change(Change::CommandDone(b));
    world.restart();
    world.connect();
    assert_eq!(names(&world), [again("a"), again("c")]);
    // A reconnect of the same process tells nothing.
    world.cut();
    world.wait(secs(2));
    world.act(Input::Connect);
    assert_eq!(names(&world).len(), 2);
    // Done twice, and done with something that never was.
    for done in [b, id(world.commands()[0]), ActionId::new(4711)] {
        world.change(Change::CommandDone(done));
    }
    world.restart();
    world.connect();
    assert_eq!(names(&world), [again("c")]);
    // The server still pushes it: it is known.
    world.push(&group(), 3);
    world.settle();
    assert_eq!(names(&world), [again("c")]);
    // Nobody is interested any more.
    world.wait(secs(8 * 24 * 3600));
    world.restart();
    world.connect();
    assert_eq!(names(&world), []);
}

/// The process dies at every point between the arrival of a command and its acknowledgement: before the commit, and
/// after any number of the outputs.
#[test]
fn no_crash_loses_a_command_or_tells_a_done_one() {
    let mut lost_before_the_event = 0;
    for outputs in 0..4 {
        let mut world = World::online(7, Flavour::V2);
        let stored = world.server.append(&group(), command("a", "{}"));
        let link = world.server.session.as_ref().unwrap().link;
        let frame = world.server.recv(&group(), &stored);
        if outputs == 3 {
            world.fail(Input::Frame { link, frame });
            assert!(world.server.acks.is_empty(), "nothing of a failed commit leaves");
        } else {
            world.crash(Input::Frame { link, frame }, outputs);
        }
        let was_told = world.events.iter().any(|event| matches!(event, Event::Command(_)));
        lost_before_the_event += usize::from(!was_told);
        world.connect();
        if world.server.acks.is_empty() {
            // Servers push again what was not acknowledged.
            world.push(&group(), stored.seq);
            world.settle();
        }
        let expected = if outputs == 3 { told("a") } else { again("a") };
        assert_eq!(names(&world), [expected], "{outputs} outputs");
        let a = id(world.commands()[0]);
        world.change(Change::CommandDone(a));
        world.restart();
        world.connect();
        world.push(&group(), stored.seq);
        world.settle();
        assert_eq!(names(&world), [], "{outputs} outputs");
    }
    assert_eq!(lost_before_the_event, 2, "the crash before the event and the failed commit");
}

#[test]
fn a_flood_that_nobody_handles_does_not_grow_for_ever() {
    let mut world = World::online(8, Flavour::V2);
    for _ in 0..1010 {
        let stored = world.server.append(&group(), command("x", "{}"));
        world.push(&group(), stored.seq);
    }
    world.settle();
    assert_eq!(world.commands().len(), 1010);
    assert_eq!(world.rig.reader().pending_actions().unwrap().len(), 1000);
    world.restart();
    world.connect();
    assert_eq!(world.commands().len(), 1000);
}

#[test]
fn a_command_for_others_is_not_told() {
    let mut world = World::online(9, Flavour::V2);
    let payload = Bytes::from_static(br#"{"type":99,"cmd":"secret","visibles":["carol"]}"#);
    let stored =
        world.server.append(&group(), Stored { header: ONCE, ..Stored::with_payload("bob", payload) });
    world.push(&group(), stored.seq);
    world.settle();
    assert_eq!(names(&world), []);
    assert_eq!(world.server.acks.len(), 1);
}

fn unread(world: &World) -> u64 {
    world.rig.conversation(&group()).unwrap().unread()
}

#[test]
fn the_systems_word_counts_and_a_strangers_does_not() {
    let mut world = World::new(10, Flavour::V2);
    for _ in 0..5 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.connect();
    assert_eq!(unread(&world), 5);
    let params = r#"{"channel_id":"g","channel_type":2,"unread":2}"#;
    let says = |world: &mut World, from: &str, name: &str| {
        let other = ChannelId::person("other");
        let stored = Stored { from: from.to_owned(), ..command(name, params) };
        let stored = world.server.append(&other, stored);
        world.push(&other, stored.seq);
        world.settle();
    };
    says(&mut world, "eve", "unreadClear");
    says(&mut world, "eve", "conversationDelete");
    assert_eq!((unread(&world), world.rig.reader().conversations().unwrap().len()), (5, 1));
    says(&mut world, ALICE, "unreadClear");
    assert_eq!(unread(&world), 2);
    assert!(world.server.unreads.is_empty(), "the other device told the server");
    says(&mut world, "____system", "conversationDelete");
    assert_eq!(world.rig.reader().conversations().unwrap(), []);
    // A stranger's command is told all the same: what it means to the application is the application's decision.
    assert_eq!(names(&world).len(), 4);
}

#[test]
fn presence_is_the_last_word() {
    let mut world = World::online(11, Flavour::V2);
    let online = |world: &mut World, param: &str| {
        let stored = world.server.append(&group(), command("onlineStatus", param));
        world.push(&group(), stored.seq);
        world.settle();
        world.rig.reader().channel(&ChannelId::person("bob")).unwrap().unwrap().presence.online
    };
    assert!(online(&mut world, r#"{"uid":"bob","online":1,"main_device_flag":1,"all_offline":0}"#));
    assert!(!online(&mut world, r#"{"uid":"bob","online":0,"all_offline":1}"#));
    let told =
        world.events.iter().filter(|event| **event == Event::Channel(ChannelId::person("bob"))).count();
    assert_eq!(told, 2);
}

fn reminders(world: &World) -> Vec<Reminder> {
    world.rig.reader().reminders(&wk_sync::store::model::ReminderFilter::default()).unwrap()
}

#[test]
fn who_is_called_is_reminded_until_he_has_read_it() {
    let mut world = World::new(12, Flavour::V2);
    let calls = |uids: &str| {
        let payload = format!(r#"{{"type":1,"content":"hey","mention":{uids}}}"#);
        Stored::with_payload("bob", Bytes::from(payload))
    };
    world.server.append(&group(), calls(r#"{"uids":["carol"]}"#));
    world.server.append(&group(), calls(r#"{"uids":[3,"alice"]}"#));
    world.connect();
    let all = world.server.append(&group(), calls(r#"{"all":1}"#));
    for _ in 0..2 {
        world.push(&group(), all.seq);
        world.settle();
    }
    let open: Vec<_> =
        reminders(&world).iter().map(|reminder| (reminder.seq.get(), reminder.is_done())).collect();
    assert_eq!(open.len(), 2);
    assert!(open.contains(&(2, false)) && open.contains(&(3, false)), "{open:?}");
    world.mark_read(&group(), 1);
    world.settle();
    let open = reminders(&world).into_iter().filter(|reminder| !reminder.is_done());
    assert_eq!(open.map(|reminder| reminder.seq.get()).collect::<Vec<_>>(), [3]);
    assert!(world.server.reports.is_empty(), "no server knows of them");
    let told = world.events.iter().filter(|event| matches!(event, Event::Reminders(_))).count();
    assert_eq!(told, 3);
}
