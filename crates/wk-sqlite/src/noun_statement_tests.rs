//! Tests of the statements of all nouns but messages as SQLite gets them: their plans, and that each is prepared once.

use std::collections::BTreeMap;

use wk_store::model::{
    ActionKind, Channel, ChannelFilter, ChannelId, CommandSeen, ContentType, Conversation, ConversationExtra,
    ConversationExtraState, Cursor, Direction, Member, MemberQuery, MemberRole, MessageEdit, MessageExtra,
    MessageId, MessageLocal, MessageSeq, NameQuery, PendingAction, PinnedMessage, Position, Reaction,
    Receipt, Reminder, ReminderFilter, ReminderId, ReminderKind, Robot, RobotMenu, ServerIdentity, Uid,
    UnixMillis, UtcOffset, Version,
};
use wk_store::{ConversationOrder, MessageFilter, MessageScan, Store, StoreRead, StoreTx};
use wk_testing::{MessageFactory, direct};

use crate::SqliteStore;
use crate::statement_tests::{plan, traced};

/// Every method of the traits, each statement on all its ways.
fn use_everything(store: &mut SqliteStore, peer: &str, id: i64) {
    let (channel, uid) = (direct(&peer.into()), Uid::from(peer));
    let mut tx = store.begin().unwrap();
    tx.insert_message(&MessageFactory::new(channel.clone(), uid.clone()).server(1)).unwrap();
    tx.put_conversation(&Conversation::new(channel.clone())).unwrap();
    write_everything(&mut *tx, &channel, &uid, id);
    read_everything(&mut *tx, &channel, &uid, id);
    assert!(!tx.receipt_channels().unwrap().is_empty());
    assert_eq!(tx.receipts_of(&channel, 9).unwrap().len(), 1);
    for one in [NameQuery::new(""), NameQuery::new("").channel(channel.clone())] {
        tx.search_channels(&one).unwrap();
        assert!(!tx.search_members(&one).unwrap().is_empty());
    }
    assert_eq!(tx.remove_receipts(&[receipt(&channel, id)]).unwrap(), 1);
    assert_eq!(tx.remove_reactions(&channel).unwrap(), 1);
    assert!(tx.forget_commands(UnixMillis::new(1)).unwrap() > 0);
    tx.clear_cursors().unwrap();
    tx.commit().unwrap();
}

fn receipt(channel: &ChannelId, id: i64) -> Receipt {
    Receipt { channel: channel.clone(), seq: MessageSeq::new(1), message_id: MessageId::new(id) }
}

fn command(channel: &ChannelId, id: i64) -> CommandSeen {
    let (seq, message_id, seen_at) = (MessageSeq::new(1), MessageId::new(id), UnixMillis::new(0));
    CommandSeen { channel: channel.clone(), seq, message_id, seen_at }
}

fn write_everything(tx: &mut dyn StoreTx, channel: &ChannelId, uid: &Uid, id: i64) {
    let (version, message_id) = (Version::new(1), MessageId::new(id));
    tx.put_channel(&Channel::new(channel.clone())).unwrap();
    tx.put_member(&Member::new(channel.clone(), uid.clone())).unwrap();
    let pending = Some(ConversationExtraState::default());
    tx.put_conversation_extra(&ConversationExtra { pending, ..ConversationExtra::new(channel.clone()) })
        .unwrap();
    let pending_edit = Some(MessageEdit { payload: vec![1].into(), edited_at: UnixMillis::new(0) });
    let extra = MessageExtra { pending_edit, ..MessageExtra::new(message_id, channel.clone()) };
    tx.put_message_extra(&extra).unwrap();
    let row = tx.message_by_seq(channel, MessageSeq::new(1)).unwrap().unwrap().client_seq;
    for extra in ["1", "2"] {
        let local = MessageLocal { played: true, extra: extra.into() };
        assert!(tx.set_message_local(row, &local).unwrap().is_change());
    }
    tx.put_reaction(&Reaction {
        message_id,
        uid: uid.clone(),
        channel: channel.clone(),
        name: String::new(),
        emoji: "+".into(),
        seq: version,
        deleted: false,
        created_at: UnixMillis::new(0),
    })
    .unwrap();
    let (seq, deleted) = (MessageSeq::new(1), false);
    tx.put_pinned_message(&PinnedMessage { message_id, channel: channel.clone(), seq, version, deleted })
        .unwrap();
    tx.put_reminder(&Reminder {
        id: ReminderId::new(id),
        channel: channel.clone(),
        message_id,
        seq,
        kind: ReminderKind::MENTION,
        uid: None,
        publisher: None,
        text: String::new(),
        data: String::new(),
        locate: true,
        version,
        done: false,
        done_unsent: true,
    })
    .unwrap();
    assert!(tx.add_receipt(&receipt(channel, id)).unwrap().is_change());
    let action = PendingAction {
        kind: ActionKind::Pin,
        channel: channel.clone(),
        message_id,
        seq,
        at: UnixMillis::new(0),
        text: String::new(),
        payload: Vec::new().into(),
    };
    let done = tx.add_pending_action(&action).unwrap();
    assert!(tx.remove_pending_action(done).unwrap());
    let kept = tx.add_pending_action(&action).unwrap();
    let found = tx.pending_action_for(ActionKind::Pin, channel, message_id).unwrap();
    assert_eq!((tx.pending_action(kept).unwrap(), found), (Some(action.clone()), Some((kept, action))));
    assert!(tx.note_command(&command(channel, id)).unwrap().is_change());
    let menus = vec![RobotMenu::default()];
    let (id, username, placeholder) = (uid.clone(), String::new(), String::new());
    tx.put_robot(&Robot { id, username, status: 1, version, inline_on: true, placeholder, menus }).unwrap();
    tx.put_cursor(&Cursor::Reactions(channel.clone()), version).unwrap();
    tx.put_server(&ServerIdentity { endpoint: String::new(), node_id: 1 }).unwrap();
}

fn read_everything(read: &mut dyn StoreRead, channel: &ChannelId, uid: &Uid, id: i64) {
    let message_id = MessageId::new(id);
    assert!(read.channel(channel).unwrap().is_some());
    assert!(!read.channels(&ChannelFilter::default()).unwrap().is_empty());
    assert!(read.member(channel, uid).unwrap().is_some());
    for role in [None, Some(MemberRole::MEMBER)] {
        assert_eq!(read.members(&MemberQuery { channel, role, after: None, limit: 5 }).unwrap().len(), 1);
        assert_eq!(read.count_members(channel, role).unwrap(), 1);
    }
    assert!(read.conversation_extra(channel).unwrap().is_some());
    assert!(!read.conversation_extras_pending().unwrap().is_empty());
    assert!(!read.conversation_list(ConversationOrder::TopFirst).unwrap().is_empty());
    read.unread_total().unwrap();
    assert!(read.message_extra(message_id).unwrap().is_some());
    assert_eq!(read.message_extras(&[message_id]).unwrap().len(), 1);
    assert!(!read.message_edits_pending().unwrap().is_empty());
    let (from, to, direction) = (Position::MIN, Position::MAX, Direction::Newer);
    let scan = MessageScan { channel, from, to, direction, limit: 5, visible_only: true };
    assert_eq!(read.scan_messages_with_extras(&scan).unwrap().len(), 1);
    assert!(read.reaction(message_id, uid).unwrap().is_some());
    assert_eq!(read.reactions(&[message_id]).unwrap().len(), 1);
    assert!(read.pinned_message(message_id).unwrap().is_some());
    assert_eq!(read.pinned_messages(channel).unwrap().len(), 1);
    assert!(read.reminder(ReminderId::new(id)).unwrap().is_some());
    let mut filter = ReminderFilter::default();
    assert!(!read.reminders(&filter).unwrap().is_empty());
    filter.channel = Some(channel.clone());
    assert_eq!(read.reminders(&filter).unwrap().len(), 1);
    assert!(!read.reminders_done_unsent().unwrap().is_empty());
    assert!(!read.receipt_channels().unwrap().is_empty());
    assert!(!read.pending_actions().unwrap().is_empty());
    assert!(read.is_command_seen(&command(channel, id)).unwrap());
    assert!(read.robot(uid).unwrap().is_some());
    assert_eq!(read.cursor(&Cursor::Reactions(channel.clone())).unwrap(), Version::new(1));
    assert!(read.server().unwrap().is_some());
    let stored = read.message_by_seq(channel, MessageSeq::new(1)).unwrap().unwrap();
    assert_eq!(read.messages_by_ids(&[stored.message_id]).unwrap().len(), 1);
    for (content_types, direction, count) in [
        (&[][..], Direction::Older, 1),
        (&[], Direction::Newer, 1),
        (&[ContentType::IMAGE], Direction::Older, 0),
        (&[ContentType::IMAGE], Direction::Newer, 0),
    ] {
        let (from_uid, limit) = (Some(uid), 5);
        let filter = MessageFilter { channel, from_uid, content_types, from, to, direction, limit };
        assert_eq!(read.filter_messages(&filter).unwrap().len(), count);
    }
    let day = UtcOffset::UTC.day(stored.timestamp);
    assert_eq!(read.message_days(channel, UtcOffset::UTC).unwrap()[0].day, day);
    assert!(read.first_message_of_day(channel, day, UtcOffset::UTC).unwrap().is_some());
    assert_eq!(read.next_expiry().unwrap(), None);
    assert_eq!(read.count_messages(channel).unwrap(), 1);
    assert!(read.seq_bounds(channel).unwrap().is_some());
}

#[test]
fn every_statement_is_prepared_once() {
    let (mut store, log) = traced();
    use_everything(&mut store, "bob", 1);
    let (bob, carol) = (Uid::from("bob"), Uid::from("carol"));
    let first = std::mem::take(&mut *log.lock().unwrap());
    use_everything(&mut store, "carol", 2);
    let second = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(second.prepared, [""; 0], "prepared again");
    let transaction = ["BEGIN IMMEDIATE", "COMMIT"];
    let is_data = |sql: &&String| !transaction.contains(&sql.as_str()) && !sql.contains("SAVEPOINT");
    for sql in second.run.iter().filter(is_data) {
        assert!(first.prepared.contains(sql), "never kept prepared: {sql}");
        assert!(!sql.contains("LIMIT"), "{sql}");
    }
    assert!(second.run.len() > 60, "{second:?}");
    // A reader that needs several statements begins a transaction of its own.
    let mut reader = store.reader().unwrap();
    assert!(reader.robot(&bob).unwrap().is_some());
    assert!(reader.robot(&carol).unwrap().is_some());
    let run = std::mem::take(&mut log.lock().unwrap().run);
    assert_eq!(run.iter().filter(|sql| *sql == "BEGIN").count(), 2, "{run:?}");
    assert_eq!(run.iter().filter(|sql| *sql == "COMMIT").count(), 2, "{run:?}");
}

/// Each statement searches a key or an index and sorts nothing; few read a whole table, and none all messages.
#[test]
fn plans_are_searches_of_indexes() {
    let (mut store, log) = traced();
    use_everything(&mut store, "bob", 1);
    let run = std::mem::take(&mut log.lock().unwrap().run);
    let mut plans: BTreeMap<&str, String> = BTreeMap::new();
    // Diesel's own texts have quoted names; they are tested beside this.
    let of_nouns = |sql: &&String| !sql.contains('`') && sql.split(' ').next() != Some("INSERT");
    for sql in run.iter().filter(of_nouns).filter(|sql| sql.contains(" FROM ")) {
        plans.insert(sql, plan(&store, sql));
    }
    for (sql, plan) in &plans {
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("AUTOMATIC"), "{sql}: {plan}");
        for scan in plan.split("; ").filter(|step| step.starts_with("SCAN")) {
            assert!(SCANS.contains(&scan), "{sql}: {plan}");
        }
    }
    for (parts, expected) in PLANS {
        let found: Vec<_> =
            plans.iter().filter(|(sql, _)| parts.iter().all(|part| sql.contains(part))).collect();
        let [(sql, plan)] = found[..] else { panic!("{parts:?} in {found:?}") };
        assert_eq!(plan, expected, "{sql}");
    }
    assert!(plans.len() >= 38, "{plans:?}");
}

/// What is read as a whole: tables that have a row per conversation, contact or open task, and lists of arguments.
const SCANS: [&str; 12] = [
    "SCAN CONSTANT ROW",
    "SCAN channel_info",
    "SCAN conversation",
    "SCAN conversation_extra",
    "SCAN conversation_extra USING INDEX conversation_extra_pending",
    "SCAN json_each VIRTUAL TABLE INDEX 1:",
    "SCAN message_extra USING INDEX message_extra_pending",
    "SCAN member",
    "SCAN pending_action",
    "SCAN receipt USING COVERING INDEX receipt_channel",
    "SCAN reminder",
    "SCAN reminder USING INDEX reminder_unsent",
];

/// Parts of a statement that no other has all of, and its plan: what lists and pages are made of.
const PLANS: [(&[&str], &str); 18] = [
    (&["FROM channel_info WHERE channel = ?"], "SEARCH channel_info USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        &["FROM channel_info WHERE channel IN"],
        "SEARCH channel_info USING INTEGER PRIMARY KEY (rowid=?); \
         USING ROWID SEARCH ON TABLE conversation FOR IN-OPERATOR",
    ),
    (
        &["coalesce(pending_mute, mute, 0)"],
        "SCAN conversation; SEARCH channel_info USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (&["FROM member WHERE", "ORDER BY uid"], "SEARCH member USING PRIMARY KEY (channel=? AND uid>?)"),
    (
        &["FROM member INDEXED BY", "ORDER BY uid"],
        "SEARCH member USING INDEX member_role (channel=? AND role=? AND uid>?)",
    ),
    (
        &["count(*) FROM member", "role"],
        "SEARCH member USING COVERING INDEX member_role (channel=? AND role=?)",
    ),
    (
        &["CROSS JOIN message ON"],
        "SCAN json_each VIRTUAL TABLE INDEX 1:; SEARCH message USING INDEX message_message_id (message_id=?)",
    ),
    (
        &["CROSS JOIN message_extra"],
        "SCAN json_each VIRTUAL TABLE INDEX 1:; SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        &["CROSS JOIN reaction"],
        "SCAN json_each VIRTUAL TABLE INDEX 1:; SEARCH reaction USING PRIMARY KEY (message_id=?)",
    ),
    (&["FROM message INDEXED BY message_media", "DESC"], MEDIA),
    (&["FROM message INDEXED BY message_media", "ASC"], MEDIA),
    (&["FROM message WHERE", "sender = ?", "DESC"], FILTER),
    (&["FROM message WHERE", "sender = ?", "ASC"], FILTER),
    (&["SELECT timestamp FROM message"], "SEARCH message USING INDEX message_visible (channel=?)"),
    (&["timestamp < ?", "ORDER BY seq"], "SEARCH message USING INDEX message_visible (channel=?)"),
    (&["count(*) FROM message"], "SEARCH message USING INDEX message_visible (channel=?)"),
    (
        &["min(seq)", "max(seq)"],
        "SCAN CONSTANT ROW; \
         SCALAR SUBQUERY 1; SEARCH message USING COVERING INDEX message_position (channel=?); \
         SCALAR SUBQUERY 2; SEARCH message USING COVERING INDEX message_position (channel=?)",
    ),
    (
        &["FROM pinned_message WHERE channel = ?"],
        "SEARCH pinned_message USING INDEX pinned_message_channel (channel=?)",
    ),
];

const MEDIA: &str = "SEARCH message USING INDEX message_media (channel=? AND seq>? AND seq<?); \
                     LIST SUBQUERY 1; SCAN json_each VIRTUAL TABLE INDEX 1:; CREATE BLOOM FILTER";
const FILTER: &str = "SEARCH message USING INDEX message_visible (channel=? AND seq>? AND seq<?); \
                      LIST SUBQUERY 1; SCAN json_each VIRTUAL TABLE INDEX 1:; CREATE BLOOM FILTER";
