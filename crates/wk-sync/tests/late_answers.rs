//! Answers to reports that come after a newer word of the same: the server's own, or the user's.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::*;
use wk_sync::store::model::{
    ConversationExtraState, MessageEdit, MessageExtraInfo, MessageId, PinnedMessage, Reaction, Uid,
    UnixMillis, Version, text_payload,
};
use wk_sync::{Answer, Change, Fetched, Input, JobId, Question, Report, SourceError, Ticket, Topic};

/// A message in a group, online.
fn one() -> (World, MessageId) {
    let mut world = World::offering(1, Flavour::V2);
    let id = world.server.append(&group(), Stored::text("bob", "x")).id;
    world.connect();
    (world, id)
}

/// The user does something, and the data source has not answered.
fn report(world: &mut World, change: Change) -> JobId {
    world.act(Input::Change { ticket: Ticket::new(999), change });
    report_under_way(world)
}

fn report_under_way(world: &mut World) -> JobId {
    let asked = world.first(
        |pending| matches!(pending, Pending::Question(_, question) if matches!(question, Question::Report(_))),
    );
    let Pending::Question(job, _) = world.pending.remove(asked) else { panic!("a report") };
    job
}

/// The source says this of the topic when it is asked next.
fn hear(world: &mut World, topic: Topic, fetched: Fetched) {
    world.server.listing.topics.entry(topic.clone()).or_default().push_back(fetched);
    world.change(Change::Fetch(topic));
}

/// The answer to the report comes at last, with the version that the server gave it then.
fn answer(world: &mut World, job: JobId, version: u64) {
    world.act(Input::Answer { job, answer: Answer::Reported(Ok(Version::new(version))) });
    world.settle();
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}

#[test]
fn of_a_reaction_it_changes_nothing() {
    for (heard, shown) in [(4, "mine"), (6, "newer")] {
        let (mut world, id) = one();
        let job = report(&mut world, Change::React { message_id: id, emoji: "mine".to_owned() });
        let newer = Reaction {
            message_id: id,
            uid: Uid::new(ALICE),
            channel: group(),
            name: String::new(),
            emoji: "newer".to_owned(),
            seq: Version::new(heard),
            deleted: false,
            created_at: UnixMillis::new(0),
        };
        hear(&mut world, Topic::Reactions(group()), Fetched::Reactions(vec![newer]));
        answer(&mut world, job, 5);
        assert_eq!(world.rig.reader().reactions(&[id]).unwrap()[0].emoji, shown);
    }
}

#[test]
fn of_a_pin_it_changes_nothing() {
    for (heard, pinned) in [(4, 1), (6, 0)] {
        let (mut world, id) = one();
        let job = report(&mut world, Change::Pin { message_id: id, pinned: true });
        let version = Version::new(heard);
        let newer = PinnedMessage { message_id: id, channel: group(), seq: seq(1), version, deleted: true };
        hear(&mut world, Topic::PinnedMessages(group()), Fetched::PinnedMessages(vec![newer]));
        let info = MessageExtraInfo { version, pinned: Some(false), ..MessageExtraInfo::default() };
        hear(&mut world, Topic::MessageExtras(group()), Fetched::MessageExtras(vec![(id, info)]));
        answer(&mut world, job, 5);
        let mut reader = world.rig.reader();
        assert_eq!(reader.pinned_messages(&group()).unwrap().len(), pinned);
        let known = reader.message_extra(id).unwrap().unwrap().info;
        assert_eq!(known.pinned, Some(pinned == 1));
    }
}

#[test]
fn of_an_edit_and_a_revoke_it_changes_nothing() {
    for (heard, mine) in [(4, true), (6, false)] {
        let (mut world, id) = one();
        let (edit, revoke) = (
            report(&mut world, Change::Edit { message_id: id, payload: text_payload("mine") }),
            report(&mut world, Change::Revoke(id)),
        );
        let theirs = MessageEdit { payload: text_payload("newer"), edited_at: UnixMillis::new(1) };
        let info = MessageExtraInfo {
            version: Version::new(heard),
            revoked: true,
            revoker: Some(Uid::new("bob")),
            edit: Some(theirs),
            ..MessageExtraInfo::default()
        };
        hear(&mut world, Topic::MessageExtras(group()), Fetched::MessageExtras(vec![(id, info)]));
        for job in [edit, revoke] {
            world.act(Input::Answer { job, answer: Answer::Reported(Ok(Version::new(5))) });
        }
        world.settle();
        let known = world.rig.reader().message_extra(id).unwrap().unwrap();
        assert_eq!(known.pending_edit, None);
        let text = known.info.edit.unwrap().payload;
        assert_eq!(text, text_payload(if mine { "mine" } else { "newer" }));
        assert_eq!(known.info.revoker, Some(Uid::new(if mine { ALICE } else { "bob" })));
    }
}

#[test]
fn what_was_taken_shows_even_if_the_next_word_is_refused() {
    let (mut world, id) = one();
    let react = |emoji: &str| Change::React { message_id: id, emoji: emoji.to_owned() };
    let first = report(&mut world, react("first"));
    world.act(Input::Change { ticket: Ticket::new(999), change: react("second") });
    world.act(Input::Answer { job: first, answer: Answer::Reported(Ok(Version::new(5))) });
    let shown = |world: &World| world.rig.reader().reactions(&[id]).unwrap().remove(0).emoji;
    assert_eq!((shown(&world), world.rig.reader().pending_actions().unwrap().len()), ("first".to_owned(), 1));
    let refused = SourceError::Refused { status: 403, message: "no".to_owned() };
    let second = report_under_way(&mut world);
    world.act(Input::Answer { job: second, answer: Answer::Reported(Err(refused)) });
    world.settle();
    assert_eq!((shown(&world), world.rig.reader().pending_actions().unwrap()), ("first".to_owned(), vec![]));
}

#[test]
fn a_draft_that_changed_meanwhile_is_told_again() {
    let (mut world, _) = one();
    let leave = |text: &str| {
        let state = ConversationExtraState { draft: text.to_owned(), ..ConversationExtraState::default() };
        Change::Leave { channel: group(), state }
    };
    world.change(leave("first"));
    world.settle_until_asked();
    world.change(leave("second"));
    let told = world.server.reports.iter().map(|report| match report {
        Report::ConversationExtra { state, .. } => state.draft.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), ["first", "second"]);
    let extra = world.rig.reader().conversation_extra(&group()).unwrap().unwrap();
    assert_eq!((extra.remote.draft.as_str(), extra.pending), ("second", None));
}
