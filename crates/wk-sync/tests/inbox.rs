//! What the server pushes: stored once, told once, and acknowledged each time, after the commit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::proto::{Decoder, Flags, Frame, Packet, ProtocolVersion, Recv};
use wk_sync::store::model::{ChannelId, ChannelType, ContentType, MessageId, PageQuery, Visibility};
use wk_sync::{Event, Input, Origin, Output};

fn recv_input(world: &mut World, seq: u64) -> Input {
    let stored = world.server.log(&group()).get(seq).unwrap().clone();
    let link = world.server.session.as_ref().unwrap().link;
    Input::Frame { link, frame: world.server.recv(&group(), &stored) }
}

fn recvack(output: &Output) -> Option<u64> {
    let Output::Transmit { bytes, .. } = output else { return None };
    match Frame::from_bytes(bytes.clone()).unwrap().decode(ProtocolVersion::V5).unwrap() {
        Packet::Recvack(ack) => Some(ack.message_seq.get()),
        _ => None,
    }
}

#[test]
fn the_acknowledgement_leaves_after_the_commit_of_its_message() {
    let mut world = World::online(1, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "hi"));
    // A failed commit acknowledges nothing: the server will send it again.
    let input = recv_input(&mut world, 1);
    world.fail(input);
    assert!(world.rig.rows(&group()).is_empty() && world.server.acks.is_empty());
    assert!(world.rig.engine.poll_output().is_none());
    // A crash after the commit neither: the server sends it again, and it is known.
    world.connect();
    world.server.session.as_ref().unwrap();
    let input = recv_input(&mut world, 1);
    world.crash(input, 0);
    assert_eq!((world.rig.rows(&group()).len(), world.server.acks.len()), (1, 0));
    world.connect();
    let input = recv_input(&mut world, 1);
    let outputs = world.rig.run([input]);
    assert_eq!(outputs.iter().filter_map(recvack).collect::<Vec<_>>(), [1]);
    assert_eq!(world.rig.rows(&group()).len(), 1);
}

#[test]
fn acknowledgements_of_one_transaction_are_one_write_in_their_order_behind_what_is_told() {
    let mut world = World::online(3, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    let inputs = [2, 1, 2, 3].map(|seq| recv_input(&mut world, seq));
    let outputs = world.rig.run(inputs);
    let [told @ .., Output::Transmit { bytes, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    assert!(told.iter().any(|output| matches!(output, Output::Emit(Event::Messages { .. }))), "{told:?}");
    assert!(told.iter().all(|output| matches!(output, Output::Emit(_))), "{told:?}");
    let mut decoder = Decoder::new();
    decoder.extend(bytes);
    let acked = std::iter::from_fn(|| decoder.next_frame().unwrap());
    let acked = acked.map(|frame| match frame.decode(ProtocolVersion::V5).unwrap() {
        Packet::Recvack(ack) => ack.message_seq.get(),
        other => panic!("{other:?}"),
    });
    assert_eq!(acked.collect::<Vec<_>>(), [2, 1, 2, 3]);
}

#[test]
fn every_push_is_acknowledged_and_each_message_told_once() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(2, flavour);
        for _ in 0..3 {
            world.server.append(&group(), Stored::text("bob", "x"));
        }
        for seq in [2, 1, 2, 3, 1, 2] {
            world.push(&group(), seq);
        }
        world.settle();
        let acked: Vec<u64> = world.server.acks.iter().map(|ack| ack.message_seq.get()).collect();
        assert_eq!(acked, [2, 1, 2, 3, 1, 2]);
        let told: Vec<u64> = world.told().iter().map(|message| message.position.seq.get()).collect();
        assert_eq!(told, [2, 1, 3]);
        let ids: Vec<MessageId> = world.rig.rows(&group()).iter().map(|row| row.message_id).collect();
        assert_eq!(
            ids,
            world.server.log(&group()).messages.iter().map(|message| message.id).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_message_that_a_page_brings_before_its_push_is_told_once() {
    let told =
        |world: &World| world.told().iter().map(|message| message.position.seq.get()).collect::<Vec<_>>();
    // In a conversation the page is what tells of it.
    let mut world = World::online(4, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    world.push(&group(), 1);
    world.settle();
    assert_eq!(world.page(PageQuery::newest(group())).messages.len(), 3);
    assert_eq!(told(&world), [1, 2, 3]);
    for seq in [2, 3, 1] {
        world.push(&group(), seq);
    }
    world.settle();
    assert_eq!(told(&world), [1, 2, 3]);
    // Where there is none yet, old messages are no news, and the push makes one of what it brings.
    let mut world = World::online(5, Flavour::V2);
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "x"));
    }
    assert_eq!(world.page(PageQuery::newest(group())).messages.len(), 3);
    assert_eq!(told(&world), [0; 0]);
    for seq in [3, 3] {
        world.push(&group(), seq);
    }
    world.settle();
    assert_eq!(told(&world), [3]);
}

#[test]
fn an_acknowledgement_has_the_flags_that_servers_look_at() {
    let mut world = World::online(3, Flavour::V2);
    for bits in 0..8 {
        let flags = Flags::from_bits(bits);
        let id = MessageId::new(100 + i64::from(bits));
        let frame = world.server.recv_packet(Recv {
            flags,
            from_uid: "bob".into(),
            channel_id: "g".into(),
            channel_type: ChannelType::GROUP,
            message_id: id,
            message_seq: seq(u64::from(bits)),
            payload: br#"{"type":1,"content":"x"}"#,
            ..Recv::default()
        });
        world.server_writes(frame);
        world.settle();
        let ack = world.server.acks.last().unwrap();
        assert_eq!((ack.message_id, ack.message_seq), (id, seq(u64::from(bits))));
        assert_eq!(ack.flags, flags.intersection(Flags::NO_PERSIST.with(Flags::SYNC_ONCE)));
    }
}

#[test]
fn what_cannot_be_decrypted_keeps_its_place_and_heals() {
    let mut world = World::online(4, Flavour::V2);
    for text in ["one", "two", "three"] {
        world.server.append(&group(), Stored::text("bob", text));
    }
    world.push(&group(), 1);
    let second = world.server.log(&group()).messages[1].clone();
    let frame = world.server.garbage(&group(), &second);
    world.server_writes(frame);
    world.push(&group(), 3);
    world.settle();
    let told = world.told();
    assert_eq!(told[1].content_type, ContentType::FORMAT_ERROR);
    assert_eq!((told[1].message_id, told[1].position), (second.id, at(2, 0)));
    assert_eq!(world.server.acks.len(), 3, "acknowledged like any other");
    // The next reader of that place makes it whole.
    world.events.clear();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(page.messages[1].payload, second.payload);
    assert_eq!(page.pulled, 2, "that one, and the newest, to see that it is still there");
    assert!(world.events.contains(&Event::Refreshed(page.messages[1].clone())));
    assert!(world.events.contains(&Event::Conversations(vec![group()])), "it may be the newest one");
    // A broken repetition takes nothing away.
    let frame = world.server.garbage(&group(), &second);
    world.server_writes(frame);
    world.settle();
    assert_eq!(world.page(PageQuery::newest(group())).messages, page.messages);
}

#[test]
fn a_healed_message_may_turn_out_to_be_for_others() {
    let mut world = World::online(5, Flavour::V2);
    let stored = world.server.append(&group(), Stored::only_for("bob", "carol"));
    let frame = world.server.garbage(&group(), &stored);
    world.server_writes(frame);
    world.settle();
    world.events.clear();
    let page = world.page(PageQuery::newest(group()));
    assert!(page.messages.is_empty());
    assert!(!world.events.iter().any(|event| matches!(event, Event::Refreshed(_) | Event::Messages { .. })));
    assert_eq!(world.rig.rows(&group())[0].visibility, Visibility::Hidden);
}

#[test]
fn a_payload_that_is_no_json_is_kept_as_it_is() {
    let mut world = World::online(6, Flavour::V2);
    world.server.append(&group(), Stored::with_payload("bob", bytes::Bytes::from_static(b"\xff\x00 plain")));
    world.push(&group(), 1);
    world.settle();
    let row = &world.rig.rows(&group())[0];
    assert_eq!((row.content_type, &row.payload[..]), (ContentType::FORMAT_ERROR, &b"\xff\x00 plain"[..]));
    assert!(row.is_visible());
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.pulls, page.pulled), (1, 1), "it is all that the server can tell");
}

#[test]
fn what_is_restricted_to_others_is_in_no_event() {
    for how in ["live", "sync", "page", "transient", "command"] {
        let mut world = World::new(7, Flavour::V2);
        if how != "sync" {
            world.connect();
        }
        let mut secret = Stored::only_for("bob", "carol");
        match how {
            "transient" => secret.header.no_persist = true,
            "command" => secret.header.sync_once = true,
            _ => {}
        }
        let stored = world.server.append(&group(), secret);
        match how {
            "sync" => world.connect(),
            "page" => assert!(world.page(PageQuery::newest(group())).messages.is_empty()),
            "transient" => {
                let frame = world.server.recv(&group(), &Stored { seq: 0, ..stored });
                world.server_writes(frame);
            }
            _ => world.push(&group(), 1),
        }
        world.settle();
        assert!(!format!("{:?}", world.events).contains("secret"), "{how}: {:?}", world.events);
        let rows = world.rig.rows(&group());
        assert_eq!(rows.len(), usize::from(how != "transient" && how != "command"));
        assert!(rows.iter().all(|row| row.visibility == Visibility::Hidden));
    }
    // Those who are named see it.
    let mut world = World::online(8, Flavour::V2);
    world.server.append(&group(), Stored::only_for("bob", ALICE));
    world.push(&group(), 1);
    world.settle();
    assert_eq!(world.told().len(), 1);
}

fn agent(id: &'static str) -> ChannelId {
    ChannelId::new(id, ChannelType::AGENT)
}

#[test]
fn an_agent_is_written_to_as_the_server_wants_it_and_read_by_the_name_of_the_log() {
    for (flavour, id, on_the_wire) in [
        (Flavour::V2, "alice@bot", "bot"),
        (Flavour::V3, "alice@bot", "alice@bot"),
        (Flavour::V2, "bot", "bot"),
        (Flavour::V3, "bot", "alice@bot"),
        (Flavour::V2, "other@bot", "other@bot"),
    ] {
        let mut world = World::online(20, flavour);
        world.send(&agent(id), "hi");
        world.settle();
        assert_eq!(world.server.sent[0].channel.id(), on_the_wire, "{flavour:?}");
        assert_eq!(world.rig.rows(&agent(if id == "bot" { "alice@bot" } else { id })).len(), 1);
        world.ask(PageQuery::newest(agent("bot")));
        world.settle();
        assert_eq!(world.server.pulls[0].channel.id(), "alice@bot");
    }
}

#[test]
fn a_channel_is_named_as_its_reader_names_it() {
    let cases = [
        // From a peer, and the echo of an own message from another device.
        ("bob", "bob", ChannelType::PERSON, ChannelId::person("bob"), "bob"),
        (ALICE, "bob", ChannelType::PERSON, ChannelId::person("bob"), ALICE),
        // The system, as v2 and as v3 name it.
        ("", "", ChannelType::PERSON, ChannelId::person("____system"), "____system"),
        ("____system", "____system", ChannelType::PERSON, ChannelId::person("____system"), "____system"),
        ("", "g", ChannelType::GROUP, ChannelId::group("g"), "____system"),
        ("bob", "g", ChannelType::GROUP, ChannelId::group("g"), "bob"),
        // An agent's channel: v2 names whom the sender wrote to, and each direction has a log; v3 names the log.
        ("bot", ALICE, ChannelType::AGENT, agent("bot@alice"), "bot"),
        (ALICE, "bot", ChannelType::AGENT, agent("alice@bot"), ALICE),
        ("bot", "alice@bot", ChannelType::AGENT, agent("alice@bot"), "bot"),
        // The name of a person's log.
        ("bob", "bob@alice", ChannelType::PERSON, ChannelId::person("bob"), "bob"),
        (ALICE, "alice@bob", ChannelType::PERSON, ChannelId::person("bob"), ALICE),
    ];
    for (from_uid, channel_id, channel_type, channel, sender) in cases {
        let mut world = World::online(9, Flavour::V2);
        let frame = world.server.recv_packet(Recv {
            from_uid: from_uid.into(),
            channel_id: channel_id.into(),
            channel_type,
            message_id: MessageId::new(1),
            message_seq: seq(1),
            payload: br#"{"type":1,"content":"x"}"#,
            ..Recv::default()
        });
        world.server_writes(frame);
        world.settle();
        let told = world.told();
        assert_eq!((&told[0].channel, told[0].from_uid.as_str()), (&channel, sender));
        assert_eq!(world.rig.rows(&channel).len(), 1);
        assert!(world.rig.conversation(&channel).is_some());
    }
}

#[test]
fn nobody_can_hide_a_message_by_using_its_number() {
    let mut world = World::online(10, Flavour::V2);
    let own = world.send(&group(), "mine");
    world.settle();
    let number = own.client_msg_no.as_str();
    for from in ["mallory", "bob", "mallory"] {
        world.server.append(&group(), Stored::text(from, from).numbered(number));
    }
    let elsewhere = ChannelId::group("other");
    world.server.append(&elsewhere, Stored::text(ALICE, "elsewhere").numbered(number));
    for seq in [3, 2, 4] {
        world.push(&group(), seq);
    }
    world.push(&elsewhere, 1);
    world.settle();
    let rows = world.rig.rows(&group());
    let visible = rows.iter().filter(|row| row.is_visible());
    let shown: Vec<_> = visible.map(|row| (row.position.seq.get(), row.from_uid.as_str())).collect();
    // Only a sender's own repetition is a copy, of which nothing but the place is kept.
    assert_eq!(shown, [(1, ALICE), (2, "mallory"), (3, "bob")]);
    assert_eq!((rows.len(), rows[3].position.seq.get(), rows[3].payload.len()), (4, 4, 0));
    assert_eq!(rows[0].payload, own.payload);
    assert_eq!(world.rig.rows(&elsewhere).len(), 1);
    // Without a number there is nothing to compare.
    for _ in 0..2 {
        let stored = world.server.append(&group(), Stored::text("bob", "same"));
        world.push(&group(), stored.seq);
    }
    world.settle();
    assert_eq!(world.rig.rows(&group()).len(), 6);
}

#[test]
fn many_messages_in_one_transaction_are_one_event() {
    let mut world = World::online(11, Flavour::V2);
    let other = ChannelId::group("other");
    let link = world.server.session.as_ref().unwrap().link;
    let mut inputs = Vec::new();
    for number in 0..60 {
        let channel = if number % 2 == 0 { group() } else { other.clone() };
        let stored = world.server.append(&channel, Stored::text("bob", "x"));
        inputs.push(Input::Frame { link, frame: world.server.recv(&channel, &stored) });
    }
    world.events.clear();
    world.act_all(inputs);
    let [first, second] = &world.events[..] else { panic!("{:?}", world.events) };
    let mut channels = [group(), other];
    channels.sort();
    match (first, second) {
        (Event::Conversations(changed), Event::Messages { messages, origin: Origin::Live }) => {
            let mut changed = changed.clone();
            changed.sort();
            assert_eq!(changed, channels);
            assert_eq!(messages.len(), 60);
        }
        other => panic!("{other:?}"),
    }
    world.settle();
    assert_eq!(world.server.acks.len(), 60);
}

#[test]
fn time_is_when_the_server_took_the_message() {
    for flavour in [Flavour::V2, Flavour::V3] {
        let mut world = World::online(12, flavour);
        world.server.append(&group(), Stored::text("bob", "x"));
        let taken = world.server.log(&group()).messages[0].at_ms;
        // Delivered an hour later, and pulled: v3 says no time at all there.
        world.wait(std::time::Duration::from_secs(3600));
        world.push(&group(), 1);
        world.settle();
        assert_eq!(world.rig.rows(&group())[0].timestamp.get(), taken);
        let mut world = World::new(13, flavour);
        world.server.append(&group(), Stored::text("bob", "x"));
        let taken = world.server.log(&group()).messages[0].at_ms;
        assert_eq!(world.page(PageQuery::newest(group())).messages[0].timestamp.get(), taken);
    }
}

#[test]
fn a_message_that_waited_for_days_has_the_time_at_which_it_was_taken() {
    for flavour in [Flavour::V2, Flavour::V3] {
        for skew_hours in [0, 72, -72] {
            let mut world = World::new(14, flavour);
            world.rig.skew_ms = skew_hours * 3_600_000;
            world.send(&group(), "written in the mountains");
            world.wait(std::time::Duration::from_secs(3 * 24 * 3600));
            world.connect();
            let taken = world.server.log(&group()).messages[0].at_ms;
            assert_eq!(world.rig.rows(&group())[0].timestamp.get(), taken);
            world.page(PageQuery::newest(group()));
            assert_eq!(world.rig.rows(&group())[0].timestamp.get(), taken);
        }
    }
}
