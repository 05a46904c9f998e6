//! What happens to messages: fetched when it is needed and never moved backwards, by the data source's own versions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::model::{
    ChannelId, ChannelInfo, Cursor, MemberInfo, MessageExtraInfo, MessageHeader, MessageId, MessageWithExtra,
    PageQuery, PinnedMessage, Reaction, Uid, UnixMillis, Version,
};
use wk_sync::{Event, Fetched, SourceError, Topic};

fn read_count(message_id: MessageId, version: u64, read_count: u32) -> (MessageId, MessageExtraInfo) {
    let version = Version::new(version);
    (message_id, MessageExtraInfo { version, read_count, ..MessageExtraInfo::default() })
}

fn deleted(message_id: MessageId, version: u64) -> (MessageId, MessageExtraInfo) {
    let version = Version::new(version);
    (message_id, MessageExtraInfo { version, mutual_deleted: true, ..MessageExtraInfo::default() })
}

fn will_say(world: &mut World, rows: Vec<(MessageId, MessageExtraInfo)>) {
    let pages = world.server.listing.topics.entry(Topic::MessageExtras(group())).or_default();
    pages.push_back(Fetched::MessageExtras(rows));
}

/// The system says that something changed in the group.
fn command(world: &mut World, name: &str) {
    let payload = format!(r#"{{"type":99,"cmd":"{name}","param":{{"channel_id":"g","channel_type":2}}}}"#);
    let header = MessageHeader { sync_once: true, ..NO_FLAGS };
    let stored = Stored { header, absent: true, ..Stored::with_payload("____system", Bytes::from(payload)) };
    let other = ChannelId::person("other");
    let stored = world.server.append(&other, stored);
    world.push(&other, stored.seq);
    world.settle();
}

/// Five messages in a group, online.
fn five() -> (World, Vec<MessageId>) {
    let mut world = World::offering(1, Flavour::V2);
    let ids = (0..5).map(|_| world.server.append(&group(), Stored::text("bob", "x")).id).collect();
    world.connect();
    world.server.fetches.clear();
    (world, ids)
}

fn asked_extras(world: &World) -> Vec<u64> {
    let extras = |topic: &Topic| matches!(topic, Topic::MessageExtras(_));
    let fetches = world.server.fetches.iter().filter(|request| extras(&request.topic));
    fetches.map(|request| request.after.get()).collect()
}

fn changed(world: &World) -> Vec<&MessageWithExtra> {
    let changed = world.events.iter().filter_map(|event| match event {
        Event::Changed(messages) => Some(messages),
        _ => None,
    });
    changed.flatten().collect()
}

#[test]
fn a_channel_that_is_opened_is_asked_once_a_session() {
    let (mut world, ids) = five();
    will_say(&mut world, vec![read_count(ids[1], 7, 3), read_count(ids[2], 9, 1)]);
    for _ in 0..3 {
        world.page(PageQuery::newest(group()));
    }
    assert_eq!(asked_extras(&world), [0]);
    let told: Vec<_> = changed(&world).iter().map(|it| it.extra.as_ref().unwrap().info.read_count).collect();
    assert_eq!(told, [3, 1]);
    // The next session asks from where this one came.
    will_say(&mut world, vec![read_count(ids[1], 12, 4)]);
    world.cut();
    world.wait(secs(2));
    world.page(PageQuery::newest(group()));
    assert_eq!(asked_extras(&world), [0, 9]);
    assert_eq!(world.rig.reader().cursor(&Cursor::MessageExtras(group())).unwrap(), Version::new(12));
}

#[test]
fn what_a_source_does_not_offer_is_not_asked() {
    let mut world = World::online(2, Flavour::V2);
    world.page(PageQuery::newest(group()));
    command(&mut world, "syncMessageExtra");
    assert!(world.server.fetches.is_empty());
    // What turns out not to be offered is asked once.
    let (mut world, _) = five();
    world.page(PageQuery::newest(group()));
    assert_eq!(world.server.fetches.len(), 3);
    command(&mut world, "syncMessageExtra");
    world.page(PageQuery::newest(ChannelId::group("other")));
    assert_eq!(world.server.fetches.len(), 3);
}

#[test]
fn an_older_word_changes_nothing() {
    let (mut world, ids) = five();
    will_say(&mut world, vec![read_count(ids[0], 9, 5)]);
    command(&mut world, "syncMessageExtra");
    let told = changed(&world).len();
    will_say(&mut world, vec![read_count(ids[0], 8, 1), read_count(ids[0], 9, 2)]);
    command(&mut world, "syncMessageExtra");
    let extra = world.rig.reader().message_extra(ids[0]).unwrap().unwrap();
    assert_eq!((extra.info.read_count, changed(&world).len()), (5, told));
}

#[test]
fn long_answers_are_asked_page_by_page_and_never_for_ever() {
    let (mut world, ids) = five();
    let page = |from: u64| (from..from + 100).map(|version| read_count(ids[0], version, 1)).collect();
    for from in [1, 101, 201] {
        will_say(&mut world, page(from));
    }
    // The same page again brings nothing on.
    will_say(&mut world, page(201));
    will_say(&mut world, page(201));
    command(&mut world, "syncMessageExtra");
    assert_eq!(asked_extras(&world), [0, 100, 200, 300]);
}

#[test]
fn one_deleted_among_many_takes_no_other_with_it() {
    let (mut world, ids) = five();
    let rows = vec![read_count(ids[0], 1, 1), deleted(ids[2], 2), read_count(ids[4], 3, 1)];
    will_say(&mut world, rows);
    command(&mut world, "syncMessageExtra");
    let shown: Vec<bool> = world.rig.rows(&group()).iter().map(|message| message.is_visible()).collect();
    assert_eq!(shown, [true, true, false, true, true]);
    let removed: Vec<_> = world.events.iter().filter_map(removed_of).flatten().collect();
    assert_eq!(removed, [3]);
    // A page over it has no hole and asks nothing.
    let page = world.page(PageQuery::newest(group()));
    assert_eq!((page.messages.len(), page.pulls, page.incomplete), (4, 0, None));
}

fn removed_of(event: &Event) -> Option<Vec<u64>> {
    match event {
        Event::Removed { messages, .. } => {
            Some(messages.iter().map(|message| message.message_seq().get()).collect())
        }
        _ => None,
    }
}

#[test]
fn a_message_that_comes_after_its_deletion_is_not_shown() {
    let (mut world, _) = five();
    let stored = world.server.append(&group(), Stored::text("bob", "gone"));
    will_say(&mut world, vec![deleted(stored.id, 2)]);
    command(&mut world, "syncMessageExtra");
    let told = world.told().len();
    world.push(&group(), stored.seq);
    world.settle();
    assert_eq!(world.told().len(), told);
    let row = world.rig.rows(&group()).pop().unwrap();
    assert_eq!((row.message_id, row.is_visible()), (stored.id, false));
}

#[test]
fn commands_say_what_to_ask() {
    let (mut world, _) = five();
    let person = Topic::Channel(group());
    let cases = [
        ("syncMessageReaction", Topic::Reactions(group())),
        ("syncPinnedMessage", Topic::PinnedMessages(group())),
        ("memberUpdate", Topic::Members(group())),
        ("channelUpdate", person),
        ("syncReminders", Topic::Reminders),
        ("messageRevoke", Topic::MessageExtras(group())),
    ];
    for (name, topic) in cases {
        // After a connect the source said that it has no reminders.
        let expected = usize::from(topic != Topic::Reminders);
        world.server.fetches.clear();
        command(&mut world, name);
        assert_eq!(world.server.fetches.len(), expected, "{name}");
        assert!(world.server.fetches.iter().all(|request| request.topic == topic));
    }
}

#[test]
fn the_channel_is_the_one_that_was_asked() {
    let (mut world, ids) = five();
    let elsewhere = ChannelId::group("elsewhere");
    let reaction = Reaction {
        message_id: ids[0],
        uid: Uid::new("bob"),
        channel: elsewhere.clone(),
        name: "Bob".into(),
        emoji: "+".into(),
        seq: Version::new(3),
        deleted: false,
        created_at: UnixMillis::new(0),
    };
    let pinned = PinnedMessage {
        message_id: ids[1],
        channel: elsewhere.clone(),
        seq: seq(2),
        version: Version::new(4),
        deleted: false,
    };
    let topics = &mut world.server.listing.topics;
    topics.entry(Topic::Reactions(group())).or_default().push_back(Fetched::Reactions(vec![reaction]));
    topics
        .entry(Topic::PinnedMessages(group()))
        .or_default()
        .push_back(Fetched::PinnedMessages(vec![pinned]));
    world.page(PageQuery::newest(group()));
    let mut reader = world.rig.reader();
    assert_eq!(reader.reactions(&[ids[0]]).unwrap()[0].channel, group());
    assert_eq!(reader.pinned_messages(&group()).unwrap().len(), 1);
    assert_eq!(reader.pinned_messages(&elsewhere).unwrap(), []);
    assert_eq!(changed(&world)[0].reactions.len(), 1);
    assert!(world.events.contains(&Event::PinnedMessages(group())));
}

#[test]
fn members_and_channels_are_told_when_they_changed() {
    let (mut world, _) = five();
    let member = |version, name: &str| {
        let version = Version::new(version);
        (Uid::new("bob"), MemberInfo { version, name: name.into(), ..MemberInfo::default() })
    };
    let info = ChannelInfo { version: Version::new(1), name: "Group".into(), ..ChannelInfo::default() };
    for _ in 0..2 {
        let topics = &mut world.server.listing.topics;
        topics
            .entry(Topic::Members(group()))
            .or_default()
            .push_back(Fetched::Members(vec![member(2, "Bob"), member(1, "Old")]));
        topics
            .entry(Topic::Channel(group()))
            .or_default()
            .push_back(Fetched::Channel(Box::new(info.clone()), None));
        command(&mut world, "memberUpdate");
        command(&mut world, "channelUpdate");
    }
    let count = |wanted: &Event| world.events.iter().filter(|event| *event == wanted).count();
    assert_eq!((count(&Event::Members(group())), count(&Event::Channel(group()))), (1, 1));
    let stored = world.rig.reader().member(&group(), &Uid::new("bob")).unwrap().unwrap();
    assert_eq!(stored.info.name, "Bob");
}

#[test]
fn an_answer_to_another_topic_is_no_answer() {
    let (mut world, ids) = five();
    let wrong = Fetched::MessageExtras(vec![read_count(ids[0], 1, 1)]);
    world.server.listing.topics.entry(Topic::Members(group())).or_default().push_back(wrong);
    command(&mut world, "memberUpdate");
    assert_eq!(world.rig.reader().message_extra(ids[0]).unwrap(), None);
    assert_eq!(world.rig.reader().cursor(&Cursor::Members(group())).unwrap(), Version::ZERO);
}

#[test]
fn a_fetch_that_fails_is_tried_again_without_hurry() {
    let (mut world, ids) = five();
    will_say(&mut world, vec![read_count(ids[0], 1, 1)]);
    let down = || SourceError::Unreachable("down".into());
    world.server.failures.extend([down(), down(), down()]);
    let start = world.rig.now;
    command(&mut world, "syncMessageExtra");
    world.wait(secs(60));
    assert_eq!(asked_extras(&world).len(), 4, "after 1, 2 and 4 seconds");
    assert_eq!(changed(&world).len(), 1);
    assert!(world.rig.now - start >= secs(60));
    assert_eq!(world.server.connects.len(), 1);
}

#[test]
fn an_own_message_that_was_deleted_before_its_answer_came_is_not_shown() {
    let mut world = World::offering(8, Flavour::V2);
    world.connect();
    let sent = world.send(&group(), "gone");
    let to_server = world.first(|pending| matches!(pending, Pending::ToServer(..)));
    world.deliver(to_server);
    let id = world.server.log(&group()).messages.last().unwrap().id;
    let answer = world.first(|pending| matches!(pending, Pending::ToClient(..)));
    let answer = world.pending.remove(answer);
    // Another reader has it and deletes it while the answer is on its way.
    will_say(&mut world, vec![deleted(id, 2)]);
    command(&mut world, "syncMessageExtra");
    world.pending.push(answer);
    world.settle();
    let row = world.rig.rows(&group()).pop().unwrap();
    assert_eq!((row.client_seq, row.message_id, row.is_visible()), (sent.client_seq, id, false));
}

#[test]
fn the_place_of_a_copy_that_is_deleted_stays_a_place() {
    let (mut world, _) = five();
    let twice = || Stored::text("bob", "twice").numbered("n");
    let first = world.server.append(&group(), twice());
    let copy = world.server.append(&group(), twice());
    for seq in [first.seq, copy.seq] {
        world.push(&group(), seq);
    }
    world.settle();
    will_say(&mut world, vec![deleted(copy.id, 2)]);
    command(&mut world, "syncMessageExtra");
    world.push(&group(), copy.seq);
    world.settle();
    let row = world.rig.rows(&group()).pop().unwrap();
    assert_eq!((row.message_id, row.is_visible(), row.payload.len()), (copy.id, false, 0));
}
