//! What the user did to messages reaches the server: in spite of restarts, outages and answers that got lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::*;
use wk_sync::store::Store;
use wk_sync::store::model::{
    ConversationExtraState, MessageId, Reminder, ReminderId, ReminderKind, Setting, UnixMillis, Version,
    text_payload,
};
use wk_sync::{Answer, Change, Event, Input, Question, Report, SourceError, Ticket};

fn world(seed: u64) -> (World, Vec<MessageId>) {
    let mut world = World::new(seed, Flavour::V2);
    let ids = (0..3).map(|_| {
        let asks = Stored { setting: Setting::RECEIPT, ..Stored::text("bob", "x") };
        world.server.append(&group(), asks).id
    });
    let ids = ids.collect();
    world.connect();
    (world, ids)
}

fn edit(message_id: MessageId, text: &str) -> Change {
    Change::Edit { message_id, payload: text_payload(text) }
}

fn react(message_id: MessageId, emoji: &str) -> Change {
    Change::React { message_id, emoji: emoji.to_owned() }
}

fn shown(world: &World, message_id: MessageId) -> Option<Bytes> {
    let extra = world.rig.reader().message_extra(message_id).unwrap()?;
    extra.edit().map(|edit| edit.payload.clone())
}

fn edits(world: &World) -> Vec<Bytes> {
    let edits = world.server.reports.iter().filter_map(|report| match report {
        Report::Edit { payload, .. } => Some(payload.clone()),
        _ => None,
    });
    edits.collect()
}

fn failed(world: &World) -> usize {
    world.events.iter().filter(|event| matches!(event, Event::ReportFailed { .. })).count()
}

fn down() -> SourceError {
    SourceError::Unreachable("down".into())
}

fn refused(status: u16) -> SourceError {
    SourceError::Refused { status, message: "no".into() }
}

/// Does something without letting anything arrive.
fn begin(world: &mut World, change: Change) {
    world.act(Input::Change { ticket: Ticket::new(999), change });
}

#[test]
fn an_edit_shows_at_once_and_is_uploaded_after_any_restart() {
    let (mut world, ids) = world(1);
    world.act(Input::Disconnect);
    world.change(edit(ids[0], "first"));
    world.change(edit(ids[0], "second"));
    assert_eq!(shown(&world, ids[0]), Some(text_payload("second")));
    assert!(world.server.reports.is_empty(), "there is no connection");
    world.restart();
    assert_eq!(shown(&world, ids[0]), Some(text_payload("second")));
    world.connect();
    assert_eq!(edits(&world), [text_payload("second")]);
    assert_eq!(world.rig.reader().message_edits_pending().unwrap(), []);
    assert_eq!(shown(&world, ids[0]), Some(text_payload("second")));
    world.restart();
    world.connect();
    assert_eq!(edits(&world).len(), 1, "once");
}

#[test]
fn an_edit_made_while_another_is_uploaded_is_uploaded_too() {
    let (mut world, ids) = world(2);
    begin(&mut world, edit(ids[0], "first"));
    begin(&mut world, edit(ids[0], "second"));
    world.settle();
    assert_eq!(edits(&world), [text_payload("first"), text_payload("second")]);
    assert_eq!(world.rig.reader().message_edits_pending().unwrap(), []);
}

#[test]
fn a_refused_edit_is_taken_back_and_said() {
    let (mut world, ids) = world(3);
    world.server.failures.push_back(refused(403));
    world.change(edit(ids[0], "mine"));
    assert_eq!((edits(&world).len(), failed(&world)), (1, 1));
    assert_eq!(shown(&world, ids[0]), None);
    assert_eq!(world.rig.reader().message_edits_pending().unwrap(), []);
}

#[test]
fn no_outage_is_a_refusal_however_long() {
    let (mut world, ids) = world(4);
    world.change(edit(ids[0], "a"));
    world.server.reports.clear();
    world.server.failures.extend((0..40).map(|_| down()));
    world.change(edit(ids[1], "b"));
    world.wait(secs(24 * 3600));
    assert_eq!((edits(&world).len(), failed(&world)), (41, 0));
    assert_eq!(shown(&world, ids[1]), Some(text_payload("b")));
    assert_eq!(world.rig.reader().message_edits_pending().unwrap(), []);
}

#[test]
fn a_server_that_cannot_is_asked_ten_times() {
    let (mut world, ids) = world(5);
    world.server.failures.extend((0..40).map(|_| refused(500)));
    world.change(Change::Revoke(ids[0]));
    world.wait(secs(24 * 3600));
    assert_eq!((world.server.reports.len(), failed(&world)), (10, 1));
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
    // Too many at once is no refusal either, but counts.
    world.server.failures.clear();
    world.server.failures.push_back(refused(429));
    world.change(Change::Revoke(ids[1]));
    world.wait(secs(10));
    assert_eq!((world.server.reports.len(), failed(&world)), (12, 1));
}

#[test]
fn nothing_is_attempted_without_a_connection() {
    let (mut world, ids) = world(6);
    world.reachable = false;
    world.cut();
    world.change(Change::Revoke(ids[0]));
    world.wait(secs(24 * 3600));
    assert!(world.server.reports.is_empty());
    world.reachable = true;
    world.wait(secs(60));
    assert_eq!(world.server.reports.len(), 1);
}

#[test]
fn what_is_taken_back_shows_when_the_server_has_taken_it() {
    let (mut world, ids) = world(7);
    begin(&mut world, Change::Revoke(ids[0]));
    begin(&mut world, Change::DeleteForAll(ids[1]));
    begin(&mut world, Change::Pin { message_id: ids[2], pinned: true });
    assert_eq!(world.rig.reader().message_extra(ids[0]).unwrap(), None);
    world.settle();
    let revoked = world.rig.reader().message_extra(ids[0]).unwrap().unwrap().info;
    assert!(revoked.revoked && revoked.revoker.is_some_and(|uid| uid.as_str() == ALICE));
    let shown: Vec<bool> = world.rig.rows(&group()).iter().map(|message| message.is_visible()).collect();
    assert_eq!(shown, [true, false, true]);
    assert_eq!(world.rig.reader().pinned_messages(&group()).unwrap().len(), 1);
    world.change(Change::Pin { message_id: ids[2], pinned: false });
    assert_eq!(world.rig.reader().pinned_messages(&group()).unwrap(), []);
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}

#[test]
fn a_crash_repeats_an_upload_and_loses_none() {
    let (mut world, ids) = world(8);
    let change = Change::Revoke(ids[0]);
    world.crash(Input::Change { ticket: Ticket::new(1), change }, 1);
    assert!(world.server.reports.is_empty());
    world.connect();
    assert_eq!(world.server.reports.len(), 1);
    // The answer gets lost with the process.
    begin(&mut world, Change::Revoke(ids[1]));
    let asked = world.first(|pending| matches!(pending, Pending::Question(..)));
    world.deliver(asked);
    world.restart();
    world.connect();
    assert_eq!(world.server.reports.len(), 3);
    assert_eq!(world.server.reports[1], world.server.reports[2]);
}

fn emojis(world: &World) -> Vec<Option<String>> {
    let emojis = world.server.reports.iter().filter_map(|report| match report {
        Report::React { emoji, .. } => Some(emoji.clone()),
        _ => None,
    });
    emojis.collect()
}

#[test]
fn the_same_emoji_again_takes_the_reaction_back() {
    let (mut world, ids) = world(9);
    let current = |world: &World| {
        let reactions = world.rig.reader().reactions(&[ids[0]]).unwrap();
        reactions.into_iter().map(|reaction| reaction.emoji).collect::<Vec<_>>()
    };
    for (emoji, expected) in [("+", vec!["+"]), ("!", vec!["!"]), ("!", vec![]), ("!", vec!["!"])] {
        world.change(react(ids[0], emoji));
        assert_eq!(current(&world), expected);
    }
    let some = |emoji: &str| Some(emoji.to_owned());
    assert_eq!(emojis(&world), [some("+"), some("!"), None, some("!")]);
    // Offline, only the last word is told.
    world.act(Input::Disconnect);
    for emoji in ["a", "b", "b", "c"] {
        world.change(react(ids[1], emoji));
    }
    world.server.reports.clear();
    world.connect();
    assert_eq!(emojis(&world), [some("c")]);
}

#[test]
fn receipts_are_sent_together_and_only_what_was_taken_is_removed() {
    let (mut world, _) = world(11);
    let read =
        |seqs: &[u64]| Change::Receipts { channel: group(), seqs: seqs.iter().map(|n| seq(*n)).collect() };
    world.change(read(&[1]));
    world.change(read(&[1, 2]));
    assert!(world.server.reports.is_empty());
    world.wait(secs(2));
    let [Report::Receipts { messages, .. }] = &world.server.reports[..] else { panic!("one upload") };
    assert_eq!(messages.iter().map(|(_, seq)| seq.get()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(world.rig.reader().receipts_of(&group(), 9).unwrap(), []);
    // A message is read once. One that is read while others are uploaded waits for the next time.
    world.server.failures.push_back(down());
    world.change(read(&[1, 2, 3]));
    world.wait(secs(2));
    assert_eq!(world.rig.reader().receipts_of(&group(), 9).unwrap().len(), 1, "not taken, not removed");
    world.restart();
    world.connect();
    world.wait(secs(4));
    assert_eq!(world.rig.reader().receipts_of(&group(), 9).unwrap(), []);
    assert_eq!(world.server.reports.len(), 3);
}

#[test]
fn no_receipt_for_messages_that_ask_for_none() {
    let mut world = World::online(12, Flavour::V2);
    world.server.append(&group(), Stored::text("bob", "asks for none"));
    world.push(&group(), 1);
    world.settle();
    world.change(Change::Receipts { channel: group(), seqs: vec![seq(1), seq(9)] });
    world.wait(secs(10));
    assert!(world.server.reports.is_empty());
}

#[test]
fn a_draft_sorts_the_list_and_is_uploaded_when_typing_pauses() {
    let (mut world, _) = world(13);
    let draft = |text: &str| ConversationExtraState {
        draft: text.into(),
        draft_updated_at: UnixMillis::new(1_800_000_000_000),
        ..ConversationExtraState::default()
    };
    for text in ["h", "he", "hel"] {
        world.change(Change::Leave { channel: group(), state: draft(text) });
    }
    assert!(world.server.reports.is_empty());
    world.wait(secs(3));
    let Report::ConversationExtra { state, .. } = &world.server.reports[0] else { panic!("a draft") };
    assert_eq!((state.draft.as_str(), world.server.reports.len()), ("hel", 1));
    assert_eq!(world.rig.reader().conversation_extras_pending().unwrap(), []);
    let item = &world.rig.reader().conversation_list(wk_sync::store::ConversationOrder::Time).unwrap()[0];
    assert_eq!(
        (item.time().get(), item.extra.as_ref().unwrap().state().draft.as_str()),
        (1_800_000_000_000, "hel")
    );
    // A source without drafts keeps nobody from having one.
    world.server.failures.push_back(SourceError::NotSupported);
    world.change(Change::Leave { channel: group(), state: draft("local") });
    world.wait(secs(3));
    let extra = world.rig.reader().conversation_extra(&group()).unwrap().unwrap();
    assert_eq!((extra.state().draft.as_str(), extra.pending.clone(), failed(&world)), ("local", None, 0));
    // What waits when the process ends is told by the next one.
    world.change(Change::Leave { channel: group(), state: draft("again") });
    world.restart();
    world.connect();
    let Some(Report::ConversationExtra { state, .. }) = world.server.reports.last() else {
        panic!("a draft")
    };
    assert_eq!(state.draft, "again");
}

#[test]
fn what_a_reminder_asks_for_is_done_here_and_told() {
    let (mut world, ids) = world(14);
    let mut tx = world.rig.store.begin().unwrap();
    let reminder = Reminder {
        id: ReminderId::new(5),
        channel: group(),
        message_id: ids[0],
        seq: seq(1),
        kind: ReminderKind::JOIN_REQUEST,
        uid: None,
        publisher: None,
        text: String::new(),
        data: String::new(),
        locate: false,
        version: Version::new(1),
        done: false,
        done_unsent: false,
    };
    tx.put_reminder(&reminder).unwrap();
    tx.commit().unwrap();
    world.act(Input::Disconnect);
    world.change(Change::ReminderDone(ReminderId::new(5)));
    world.restart();
    world.connect();
    assert_eq!(world.server.reports, [Report::RemindersDone(vec![ReminderId::new(5)])]);
    let stored = world.rig.reader().reminder(ReminderId::new(5)).unwrap().unwrap();
    assert!(stored.done && !stored.done_unsent);
}

#[test]
fn what_is_not_there_is_said() {
    let (mut world, ids) = world(15);
    let unknown = MessageId::new(4711);
    let changes = [
        edit(unknown, "x"),
        Change::Edit { message_id: ids[0], payload: Bytes::new() },
        Change::Revoke(unknown),
        react(unknown, "+"),
        Change::ReminderDone(ReminderId::new(1)),
        Change::DeleteConversation(wk_sync::store::model::ChannelId::group("nowhere")),
        Change::Fetch(wk_sync::Topic::Reminders),
    ];
    let count = changes.len();
    for change in changes {
        begin(&mut world, change);
    }
    world.settle();
    assert_eq!(world.refused.len(), count, "{:?}", world.refused);
    assert!(world.server.reports.is_empty() && world.server.fetches.is_empty());
}

#[test]
fn a_mistaken_answer_counts_as_a_failure() {
    let (mut world, ids) = world(16);
    begin(&mut world, Change::Revoke(ids[0]));
    let job = *world.open.iter().find(|(_, question)| matches!(question, Question::Report(_))).unwrap().0;
    world.pending.clear();
    world.act(Input::Answer { job, answer: Answer::UnreadSet(Ok(())) });
    assert_eq!(world.rig.reader().pending_actions().unwrap().len(), 1);
    world.wait(secs(2));
    assert_eq!((world.server.reports.len(), failed(&world)), (1, 0));
}

#[test]
fn words_about_the_same_are_told_one_after_the_other() {
    let (mut world, ids) = world(17);
    begin(&mut world, react(ids[0], "a"));
    begin(&mut world, react(ids[0], "b"));
    begin(&mut world, react(ids[1], "c"));
    let told = |world: &World| {
        world.pending.iter().filter(|pending| matches!(pending, Pending::Question(..))).count()
    };
    assert_eq!(told(&world), 2, "a source may get two at once in the wrong order");
    world.settle();
    let last = emojis(&world).into_iter().rfind(|emoji| emoji.as_deref() != Some("c")).unwrap();
    assert_eq!(last.as_deref(), Some("b"));
    assert_eq!(world.rig.reader().pending_actions().unwrap(), []);
}

#[test]
fn what_came_while_a_report_was_refused_is_told_all_the_same() {
    let (mut world, ids) = world(18);
    world.server.failures.push_back(refused(403));
    begin(&mut world, edit(ids[0], "first"));
    begin(&mut world, edit(ids[0], "second"));
    world.settle();
    assert_eq!((edits(&world), failed(&world)), (vec![text_payload("first"), text_payload("second")], 1));
    assert_eq!(world.rig.reader().message_edits_pending().unwrap(), []);
    assert_eq!(shown(&world, ids[0]), Some(text_payload("second")));
}
