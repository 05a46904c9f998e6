//! A server that lost its log and counts again: what it says now wins, and nobody fails.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::lost_log::*;
use common::*;
use wk_sync::Event;
use wk_sync::store::model::{Message, NewMessage, PageQuery, text_payload};

#[test]
fn what_stood_above_the_conflict_is_gone_and_the_application_is_told() {
    let mut world = restarted();
    let local = write(&mut world, "unsent");
    world.settle();
    for _ in 0..3 {
        world.server.append(&group(), Stored::text("bob", "lost on the way"));
    }
    say(&mut world, "new", "new 4");
    assert!(world.events.contains(&Event::ChannelReset(group())));
    let log = world.rig.log(&group());
    assert_eq!((log.covered.max(), log.tail), (seq(4), seq(4)));
    let rows = world.rig.rows(&group());
    // What was not sent yet stays, behind what is left of the old log.
    let number = local.as_str();
    assert_eq!(shown(&rows)[2..], [(3, "old 3"), (3, number), (4, "new 4")]);
    assert!(!rows.iter().any(|row| row.client_msg_no.as_str() == "old 4"));
    // The next pages are the server's.
    world.server.append(&group(), Stored::text("bob", "not pushed").numbered("new 5"));
    let page = world.page(PageQuery::newest(group()).limit(3));
    assert_eq!(shown(&page.messages), [(3, number), (4, "new 4"), (5, "new 5")]);
}

#[test]
fn a_message_whose_copy_takes_the_place_of_a_stale_one_survives() {
    // A known number returns at a lower seq, where something else stood.
    let mut world = restarted();
    for _ in 0..4 {
        world.server.append(&group(), Stored::text("bob", "lost on the way"));
    }
    say(&mut world, "old", "old 9");
    let rows = world.rig.rows(&group());
    assert_eq!(shown(&rows), [(1, "old 1"), (2, "old 2"), (3, "old 3"), (4, "old 4"), (5, "old 9")]);
    assert_eq!(world.server.acks.len(), 11);
    // It returns at a higher one: of the copy the place is kept, and what else stood there is gone all the same.
    let mut world = restarted();
    for _ in 0..4 {
        world.server.append(&group(), Stored::text("bob", "lost on the way"));
    }
    say(&mut world, "old", "old 2");
    let visible: Vec<_> = world.rig.rows(&group()).into_iter().filter(Message::is_visible).collect();
    assert_eq!(shown(&visible), [(1, "old 1"), (2, "old 2"), (3, "old 3"), (4, "old 4")]);
    assert!(is_reset(&world));
}

#[test]
fn an_own_message_lands_where_a_stale_one_stood() {
    let mut world = restarted();
    let sent = world.send(&group(), "mine");
    world.settle();
    let rows = world.rig.rows(&group());
    assert_eq!(shown(&rows), [(1, sent.client_msg_no.as_str())]);
    assert!(world.rig.outbox().is_empty() && world.events.contains(&Event::ChannelReset(group())));
}

#[test]
fn a_command_that_was_sent_from_here_lands_where_a_stale_one_stood() {
    let mut world = restarted();
    let mut message = NewMessage::new(group(), text_payload("command"));
    message.header.sync_once = true;
    let sent = world.send_message(message);
    world.settle();
    assert!(
        world
            .rig
            .rows(&group())
            .iter()
            .any(|row| row.client_seq == sent.client_seq && row.position.is_local())
    );
    world.push(&group(), 1);
    world.settle();
    let page = world.page(PageQuery::newest(group()));
    assert!(page.incomplete.is_none());
    // Here what stood at its place was not even readable, so that the place was pulled.
    let mut world = World::online(2, Flavour::V2);
    let stored = world.server.append(&group(), Stored::text("bob", "old"));
    let frame = world.server.garbage(&group(), &stored);
    world.server_writes(frame);
    world.settle();
    world.server.logs.clear();
    let mut message = NewMessage::new(group(), text_payload("command"));
    message.header.sync_once = true;
    let sent = world.send_message(message);
    world.settle();
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(shown(&page.messages), [(1, sent.client_msg_no.as_str())]);
}

#[test]
fn a_number_that_somebody_else_uses_in_the_new_log_is_no_copy() {
    let mut world = restarted();
    let stored = world.server.append(&group(), Stored::text("carol", "new").numbered("old 1"));
    world.push(&group(), stored.seq);
    world.settle();
    let rows = world.rig.rows(&group());
    assert_eq!((rows.len(), rows[0].from_uid.as_str()), (1, "carol"));
    assert!(rows[0].is_visible(), "not just the place of a copy");
}

#[test]
fn new_messages_count_as_unread_again() {
    let mut world = restarted();
    assert_eq!(world.rig.conversation(&group()).unwrap().unread(), 0);
    say(&mut world, "new", "new 1");
    say(&mut world, "new", "new 2");
    let conversation = world.rig.conversation(&group()).unwrap();
    assert_eq!((conversation.last_seq, conversation.unread()), (seq(2), 2));
    assert_eq!(conversation.last_message.unwrap().client_msg_no.as_str(), "new 2");
}

#[test]
fn a_pulled_conflict_is_one_too() {
    let mut world = restarted();
    world.cut();
    for number in 1..=12 {
        world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
    }
    // The sync brings what is above the old tail, the page's pulls the rest.
    world.wait(std::time::Duration::from_secs(2));
    say(&mut world, "new", "new 13");
    let page = world.page(PageQuery::newest(group()));
    assert_eq!(page.messages.len(), 13);
    let known = world.rig.log(&group());
    assert_eq!((known.tail, known.covered.len()), (seq(13), 13));
}

#[test]
fn a_young_message_far_below_the_known_ones_is_the_newest() {
    let mut world = restarted_far_below();
    say(&mut world, "new", "new 1");
    assert!(is_reset(&world));
    assert_eq!(shown(&world.rig.rows(&group())), [(1, "new 1")]);
    let conversation = world.rig.conversation(&group()).unwrap();
    assert_eq!((conversation.last_seq, conversation.unread()), (seq(1), 1));
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), page.incomplete), (1, None));
}

#[test]
fn an_old_message_that_comes_late_is_none() {
    let mut world = World::online(4, Flavour::V2);
    for number in 1..=3 {
        world.server.append(&group(), Stored::text("bob", "x").numbered(&format!("{number}")));
    }
    world.push(&group(), 3);
    world.settle();
    // What one node took a little later is no new log, and v2 repeats what was not acknowledged after minutes.
    world.server.unix_ms += 5_000;
    let late = Stored { id: world.server.mint(), ..world.server.log(&group()).get(2).unwrap().clone() };
    world.server.log(&group()).messages[1] = late;
    world.wait(std::time::Duration::from_secs(90));
    world.push(&group(), 1);
    world.push(&group(), 2);
    world.settle();
    assert!(!is_reset(&world));
    assert_eq!(world.rig.rows(&group()).len(), 3);
}

#[test]
fn whoever_opens_the_channel_finds_the_new_log() {
    for newer in [false, true] {
        let mut world = restarted_far_below();
        world.cut();
        for number in 1..=30 {
            world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
        }
        // A sync at once leaves out what the client seems to have.
        world.wait(std::time::Duration::from_secs(2));
        let mut query = PageQuery::newest(group()).limit(40);
        if newer {
            query = PageQuery::newer_than(group(), at(90, 0));
        }
        let page = world.page(query);
        assert!(is_reset(&world));
        if newer {
            assert!(page.messages.is_empty() && page.reached_end, "{page:?}");
        }
        let page = world.page(PageQuery::newest(group()).limit(40));
        assert_eq!((page.messages.len(), page.incomplete.clone()), (30, None));
        assert!(page.messages.iter().all(|message| message.client_msg_no.as_str().starts_with("new")));
    }
}

#[test]
fn what_lies_below_a_conflict_is_asked_for_again() {
    let mut world = restarted();
    world.cut();
    for number in 1..=8 {
        world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
    }
    world.wait(std::time::Duration::from_secs(60));
    // The newest of the new log meet the old ones; what stands below is no more the server's than they were.
    let page = world.page(PageQuery::newest(group()).limit(3));
    assert_eq!(shown(&page.messages), [(6, "new 6"), (7, "new 7"), (8, "new 8")]);
    let older = world.page(page.older(&group()).unwrap());
    assert_eq!(shown(&older.messages)[0], (1, "new 1"));
    assert_eq!((older.messages.len(), older.reached_start), (5, true));
}

#[test]
fn a_list_of_conversations_shows_a_new_log() {
    let mut world = World::new(5, Flavour::V3);
    world.server.listing.offered = true;
    for number in 1..=100 {
        world.server.append(&group(), Stored::text("bob", "old").numbered(&format!("old {number}")));
    }
    world.connect();
    world.cut();
    world.server.logs.clear();
    world.server.unix_ms += 60_000;
    for number in 1..=30 {
        world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
    }
    world.wait(std::time::Duration::from_secs(2));
    assert!(is_reset(&world));
    assert_eq!(world.rig.conversation(&group()).unwrap().last_seq, seq(30));
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((shown(&page.messages)[19], page.messages.len()), ((30, "new 30"), 20));
}

#[test]
fn what_a_new_log_has_not_come_to_is_not_known() {
    let mut world = restarted_far_below_on(Flavour::V3);
    let say = |world: &mut World, numbers: std::ops::RangeInclusive<u64>| {
        for number in numbers {
            world.server.append(&group(), Stored::text("bob", "new").numbered(&format!("new {number}")));
        }
    };
    say(&mut world, 1..=50);
    // The question was for what lies below 81, and the answer ends at 50.
    let older = PageQuery::older_than(group(), at(81, 0));
    world.page(older);
    assert!(is_reset(&world));
    assert_eq!(world.rig.log(&group()).covered.max(), seq(50));
    world.cut();
    say(&mut world, 51..=75);
    world.wait(std::time::Duration::from_secs(30));
    // The sync brought the newest twenty.
    let page = world.page(PageQuery::newest(group()).limit(40));
    assert_eq!((shown(&page.messages)[0], page.messages.len()), ((36, "new 36"), 40));
}

#[test]
fn a_new_log_is_known_by_what_stands_where_a_copy_stood() {
    for first_comes_last in [false, true] {
        let mut world = World::online(6, Flavour::V2);
        for text in ["once", "once more"] {
            world.server.append(&group(), Stored::text("bob", text).numbered("the same"));
        }
        let order = if first_comes_last { [2, 1] } else { [1, 2] };
        order.iter().for_each(|seq| world.push(&group(), *seq));
        world.settle();
        // Of the copy only its place is kept, however often it comes.
        world.push(&group(), 2);
        world.settle();
        let visible: Vec<_> = world.rig.rows(&group()).into_iter().filter(Message::is_visible).collect();
        assert_eq!(
            (shown(&visible), visible[0].payload.clone()),
            (vec![(1, "the same")], text_payload("once"))
        );
        assert!(!is_reset(&world));
        world.server.logs.clear();
        world.server.append(&group(), Stored::text("bob", "new").numbered("new 1"));
        say(&mut world, "new", "new 2");
        assert!(is_reset(&world));
        let page = world.page(PageQuery::newest(group()));
        assert_eq!(shown(&page.messages), [(1, "new 1"), (2, "new 2")]);
    }
}

#[test]
fn an_answer_that_was_asked_for_before_the_log_was_lost_proves_nothing_above_the_new_one() {
    let mut world = World::new(7, Flavour::V2);
    for _ in 1..=100 {
        world.server.append(&group(), Stored::text("bob", "old"));
    }
    world.connect();
    world.page(PageQuery::newer_than(group(), at(0, 0)).limit(10));
    lose(&mut world);
    // It asks for 80 down to what is known.
    world.ask(PageQuery::older_than(group(), at(81, 0)));
    world.server.append(&group(), Stored::text("bob", "new").numbered("new 1"));
    world.push(&group(), 1);
    // The push comes first, and then the answer, which is empty.
    let push = world.first(|pending| matches!(pending, Pending::ToClient(..)));
    world.deliver(push);
    assert!(is_reset(&world));
    world.settle();
    let log = world.rig.log(&group());
    assert_eq!((log.covered.max(), log.tail), (seq(1), wk_sync::store::model::MessageSeq::FIRST));
}
