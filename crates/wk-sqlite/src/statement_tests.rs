//! Tests of the statements as SQLite gets them: their plans, and that each is prepared once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use diesel::connection::{Connection, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use wk_store::model::{
    Account, ClientSeq, Conversation, Direction, Message, MessageSeq, Ordering, OutboxEntry, OutboxState,
    Position, SearchQuery, UnixMillis, text_payload,
};
use wk_store::{ChannelLog, Insert, MessageScan, Store, StoreRead};
use wk_testing::{MessageFactory, alice, direct};

use crate::SqliteStore;

/// What diesel did: the statements it ran and those it kept prepared.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) run: Vec<String>,
    pub(crate) prepared: Vec<String>,
}

pub(crate) fn traced() -> (SqliteStore, Arc<Mutex<Log>>) {
    let store = SqliteStore::in_memory().unwrap();
    let log = Arc::new(Mutex::new(Log::default()));
    let sink = Arc::clone(&log);
    store.link().lock().unwrap().connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        let mut log = sink.lock().unwrap();
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                log.run.push(text.split(" -- binds").next().unwrap().to_owned());
            }
            InstrumentationEvent::CacheQuery { sql, .. } => log.prepared.push(sql.to_owned()),
            _ => {}
        }
    });
    (store, log)
}

/// Every method of the traits, each statement on all its ways.
fn use_everything(store: &mut SqliteStore, peer: &str) {
    let (channel, sender) = (direct(&peer.into()), peer.into());
    let factory = MessageFactory::new(channel.clone(), sender);
    let mut tx = store.begin().unwrap();
    tx.set_account(&Account { uid: alice(), device_id: "phone".into() }).unwrap();
    let Insert::Inserted(client_seq) = tx.insert_message(&factory.server(1)).unwrap() else { panic!() };
    let stored = Message { client_seq, ..factory.server(1) };
    for clash in [
        stored.clone(),
        Message { client_msg_no: stored.client_msg_no.clone(), ..factory.server(2) },
        Message { position: stored.position, ..factory.server(2) },
    ] {
        assert!(matches!(tx.insert_message(&clash).unwrap(), Insert::Clash(_)));
    }
    tx.update_message(&Message { topic: peer.into(), ..stored.clone() }).unwrap();
    tx.set_channel_log(&channel, &ChannelLog { tail: MessageSeq::new(1), ..ChannelLog::default() }).unwrap();
    tx.put_conversation(&Conversation::new(channel.clone())).unwrap();
    let (state, queued_at) = (OutboxState::Ready, UnixMillis::new(0));
    let (ordering, failures) = (Ordering::InOrder, 0);
    let entry = OutboxEntry { client_seq, channel: channel.clone(), state, ordering, queued_at, failures };
    tx.put_outbox(&entry).unwrap();
    read_everything(&mut *tx, &stored);
    // Again, once it is indexed.
    assert_eq!(tx.index_messages(10).unwrap(), 0);
    tx.update_message(&Message { payload: text_payload("1"), ..stored.clone() }).unwrap();
    read_everything(&mut *tx, &stored);
    assert_eq!(tx.index_messages(10).unwrap(), 0);
    assert!(tx.remove_outbox(client_seq).unwrap());
    assert_eq!(tx.remove_expired(UnixMillis::new(0), 10).unwrap(), []);
    assert!(!tx.remove_message(ClientSeq::NONE).unwrap());
    assert_eq!(tx.remove_messages_from(&channel, MessageSeq::new(1)).unwrap(), 1);
    tx.insert_message(&Message { expire: 1, ..factory.server(1) }).unwrap();
    assert_eq!(tx.remove_expired(UnixMillis::new(i64::MAX), 10).unwrap().len(), 1);
    tx.insert_message(&factory.server(1)).unwrap();
    assert_eq!(tx.remove_messages_to(&channel, MessageSeq::new(1)).unwrap(), 1);
    assert_eq!(tx.index_messages(10).unwrap(), 0);
    tx.commit().unwrap();
}

fn read_everything(read: &mut dyn StoreRead, stored: &Message) {
    let channel = &stored.channel;
    assert!(read.account().unwrap().is_some());
    assert!(read.message(stored.client_seq).unwrap().is_some());
    assert!(read.message_by_id(stored.message_id).unwrap().is_some());
    assert!(read.message_by_seq(channel, stored.message_seq()).unwrap().is_some());
    let by_number = read.message_by_client_msg_no(channel, &stored.from_uid, &stored.client_msg_no);
    assert!(by_number.unwrap().is_some());
    for (direction, visible_only) in [
        (Direction::Older, false),
        (Direction::Older, true),
        (Direction::Newer, false),
        (Direction::Newer, true),
    ] {
        let (from, to) = (Position::MIN, Position::MAX);
        let scan = MessageScan { channel, from, to, direction, limit: 20, visible_only };
        assert_eq!(read.scan_messages(&scan).unwrap().len(), 1);
    }
    assert_eq!(read.channel_log(channel).unwrap().tail, MessageSeq::new(1));
    assert!(!read.tails().unwrap().is_empty());
    assert!(read.conversation(channel).unwrap().is_some());
    assert!(!read.conversations().unwrap().is_empty());
    assert!(read.conversations_with_read_unsent().unwrap().is_empty());
    assert_eq!(read.outbox().unwrap().len(), 1);
    let query = SearchQuery::new("1", UnixMillis::new(0));
    let by_token = query.clone().from_uid(stored.from_uid.clone());
    for query in
        [query.clone(), query.channel(channel.clone()), by_token.clone(), by_token.channel(channel.clone())]
    {
        assert_eq!(read.search_messages(&query).unwrap().hits.len(), 1, "{query:?}");
    }
}

#[test]
fn every_statement_is_prepared_once() {
    let (mut store, log) = traced();
    use_everything(&mut store, "bob");
    let first = std::mem::take(&mut *log.lock().unwrap());
    use_everything(&mut store, "carol");
    let second = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(second.prepared, [""; 0], "prepared again");
    let transaction =
        ["BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT diesel_savepoint_1", "RELEASE SAVEPOINT diesel_savepoint_1"];
    for sql in second.run.iter().filter(|sql| !transaction.contains(&sql.as_str())) {
        // How far the index is was read before, when the store was opened.
        let known = first.prepared.contains(sql) || sql.contains("FROM `search_index`");
        assert!(known, "never kept prepared: {sql}");
        // SQLite itself prepares a statement again when the value of a LIMIT is bound.
        assert!(!sql.contains("LIMIT"), "{sql}");
    }
    assert!(second.run.len() > 30, "{second:?}");
}

#[test]
fn an_empty_transaction_runs_nothing() {
    let (mut store, log) = traced();
    store.begin().unwrap().commit().unwrap();
    drop(store.begin().unwrap());
    assert_eq!(log.lock().unwrap().run, [""; 0]);
    store.begin().unwrap().outbox().unwrap();
    let run = std::mem::take(&mut log.lock().unwrap().run);
    assert_eq!((run[0].as_str(), run[2].as_str(), run.len()), ("BEGIN IMMEDIATE", "ROLLBACK", 3));
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How SQLite runs a statement.
pub(crate) fn plan(store: &SqliteStore, sql: &str) -> String {
    let explain = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
    let steps: Vec<Step> = explain.load(&mut store.link().lock().unwrap().connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; ")
}

/// Each statement that reads messages searches an index and sorts nothing; pages are ranges of an index.
#[test]
fn plans_are_searches_of_indexes() {
    let (mut store, log) = traced();
    use_everything(&mut store, "bob");
    let run = std::mem::take(&mut log.lock().unwrap().run);
    let mut plans: BTreeMap<&str, String> = BTreeMap::new();
    for sql in run.iter().filter(|sql| sql.contains("message") && !sql.starts_with("INSERT")) {
        let plan = plan(&store, sql);
        assert!(!plan.contains("SCAN message"), "{sql}: {plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("AUTOMATIC"), "{sql}: {plan}");
        plans.insert(sql, plan);
    }
    for (parts, expected) in PLANS {
        let found: Vec<_> =
            plans.iter().filter(|(sql, _)| parts.iter().all(|part| sql.contains(part))).collect();
        let [(sql, plan)] = found[..] else { panic!("{parts:?} in {found:?}") };
        assert_eq!(plan, expected, "{sql}");
        let sql = *sql;
        plans.remove(sql);
    }
    assert_eq!(plans, BTreeMap::new(), "without an expectation");
}

/// Parts of a statement that no other has all of, and its plan. What is matched is taken off the list.
const PLANS: [(&[&str], &str); 30] = [
    (
        &["search MATCH"],
        "SCAN search VIRTUAL TABLE INDEX 0:M1; SEARCH message USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        &["DELETE FROM outbox", "seq <= ?"],
        "SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?); LIST SUBQUERY 1; \
         SEARCH message USING COVERING INDEX message_position (channel=? AND seq<?)",
    ),
    (
        &["DELETE FROM message_extra", "seq <= ?"],
        "SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?); LIST SUBQUERY 1; \
         SEARCH message USING INDEX message_position (channel=? AND seq<?)",
    ),
    (
        &["DELETE FROM reaction", "seq <= ?"],
        "SEARCH reaction USING PRIMARY KEY (message_id=?); LIST SUBQUERY 1; \
         SEARCH message USING INDEX message_position (channel=? AND seq<?)",
    ),
    (
        &["DELETE FROM pinned_message", "seq <= ?"],
        "SEARCH pinned_message USING INTEGER PRIMARY KEY (rowid=?); LIST SUBQUERY 1; \
         SEARCH message USING INDEX message_position (channel=? AND seq<?)",
    ),
    (
        &["DELETE FROM message WHERE", "seq <= ?"],
        "SEARCH message USING COVERING INDEX message_position (channel=? AND seq<?); \
         SEARCH message_local USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (&["DELETE FROM message_extra"], "SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?)"),
    (&["DELETE FROM reaction"], "SEARCH reaction USING PRIMARY KEY (message_id=?)"),
    (&["DELETE FROM pinned_message"], "SEARCH pinned_message USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        &["FROM search_queue CROSS JOIN"],
        "COMPOUND QUERY; LEFT-MOST SUBQUERY; SCAN search_queue; SEARCH message USING INTEGER PRIMARY KEY (rowid=?); \
         UNION ALL; SEARCH message USING INTEGER PRIMARY KEY (rowid>?)",
    ),
    (
        &["FROM search_queue", "max(client_seq)"],
        "SCAN CONSTANT ROW; SCALAR SUBQUERY 1; SCAN search_queue; SCALAR SUBQUERY 2; SEARCH message",
    ),
    (
        &["LEFT JOIN message_extra", "timestamp <= ?"],
        "SEARCH message USING INDEX message_time (timestamp>? AND timestamp<?); \
         SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (
        &["LEFT JOIN message_extra", "seq <= ?"],
        "SEARCH message USING INDEX message_visible (channel=? AND seq<?); \
         SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (
        &["LEFT JOIN message_extra", "client_seq >= ?"],
        "SEARCH message USING INTEGER PRIMARY KEY (rowid>?); \
         SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (
        &["LEFT JOIN message_extra", "topic"],
        "SEARCH message USING INTEGER PRIMARY KEY (rowid=?); \
         SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (
        &["LEFT JOIN message_extra"],
        "SEARCH message USING INTEGER PRIMARY KEY (rowid=?); \
         SEARCH message_extra USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN",
    ),
    (&["timestamp + expire * 1000"], "SEARCH message USING INDEX message_expiry (<expr><?)"),
    (
        &["DELETE", "`client_seq` = ?"],
        "SEARCH message USING INTEGER PRIMARY KEY (rowid=?); \
         SEARCH message_local USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (
        &["DELETE", "`seq` >= ?"],
        "SEARCH message USING COVERING INDEX message_position (channel=? AND seq>?); \
         SEARCH message_local USING INTEGER PRIMARY KEY (rowid=?)",
    ),
    (&["UPDATE"], "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)"),
    (
        &["`conversation_last`.`channel` = ?"],
        "SEARCH conversation USING INTEGER PRIMARY KEY (rowid=?); \
         SEARCH message USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN; \
         CORRELATED SCALAR SUBQUERY 3; SEARCH message USING INDEX message_visible (channel=?)",
    ),
    (
        &["`conversation_last`"],
        "SCAN conversation; SEARCH message USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN; \
         CORRELATED SCALAR SUBQUERY 3; SEARCH message USING INDEX message_visible (channel=?)",
    ),
    (
        &["`hidden` IS NULL", "DESC"],
        "SEARCH message USING INDEX message_visible (channel=? AND seq>? AND seq<?)",
    ),
    (
        &["`hidden` IS NULL", "ASC"],
        "SEARCH message USING INDEX message_visible (channel=? AND seq>? AND seq<?)",
    ),
    (&["DESC"], "SEARCH message USING INDEX message_position (channel=? AND seq>? AND seq<?)"),
    (&["ASC"], "SEARCH message USING INDEX message_position (channel=? AND seq>? AND seq<?)"),
    (
        &["`client_msg_no` = ?"],
        "SEARCH message USING INDEX message_client_msg_no (channel=? AND sender=? AND client_msg_no=?)",
    ),
    (&["`seq` = ?"], "SEARCH message USING INDEX message_position (channel=? AND seq=? AND local_index=?)"),
    (&["`client_seq` = ?"], "SEARCH message USING INTEGER PRIMARY KEY (rowid=?)"),
    (&["`message_id` = ?"], "SEARCH message USING INDEX message_message_id (message_id=?)"),
];
