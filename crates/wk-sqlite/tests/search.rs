//! Searches in SQLite find what looking at every message finds.
//!
//! Random messages and random searches, among them everything that means something to SQL, to FTS5 or to a regular
//! expression. `PROPTEST_CASES` sets how many.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::HashMap;

use common::{execute, write};
use proptest::prelude::*;
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{
    ChannelId, ClientSeq, ContentType, Message, MessageEdit, MessageExtraInfo, MessageSeq, SearchCursor,
    SearchHit, SearchQuery, Uid, UnixMillis, Version, Visibility, json_payload, text_payload,
};
use wk_sqlite::store::{Insert, MemoryStore, Store, StoreRead, StoreTx};
use wk_testing::{MessageFactory, bob, carol, direct, group};

/// Few characters of each kind, so that searches meet texts.
const CHARS: &str =
    "天气很好天的abAB1éİß한ไカ😀❤\u{FE0F}🇨Ａ０\u{301}。，!?\"'%_*()-^:+{}\\/@#&|~$\0 \u{3000}\n";

fn text(most: usize) -> impl Strategy<Value = String> {
    let chars: Vec<char> = CHARS.chars().collect();
    let words =
        ["天气", "hello", "world", "AND", "OR", "NEAR(", "\"a\"", "tokens:", " ", "a*"].map(str::to_owned);
    let piece = prop_oneof![
        4 => prop::sample::select(chars).prop_map(String::from),
        1 => prop::sample::select(words.to_vec()),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

#[derive(Debug, Clone)]
struct Spec {
    text: String,
    channel: usize,
    sender: usize,
    content_type: i32,
    time: i64,
    expire: u32,
    hidden: bool,
}

fn spec() -> impl Strategy<Value = Spec> {
    let kind = prop::sample::select(vec![1, 1, 1, 2, 77, -1]);
    (text(12), 0..2usize, 0..2usize, kind, 0..5i64, 0..2u32, prop::bool::weighted(0.1)).prop_map(
        |(text, channel, sender, content_type, time, expire, hidden)| Spec {
            text,
            channel,
            sender,
            content_type,
            time,
            expire,
            hidden,
        },
    )
}

fn channels() -> [ChannelId; 2] {
    [group(), direct(&bob())]
}

fn senders() -> [Uid; 2] {
    [bob(), carol()]
}

fn factory(channel: usize, sender: usize) -> MessageFactory {
    MessageFactory::new(channels()[channel].clone(), senders()[sender].clone())
}

fn message(seq: u64, spec: &Spec) -> Message {
    let keys = [("content".to_owned(), spec.text.clone().into())].into_iter().collect();
    let content_type = ContentType::new(spec.content_type);
    Message {
        content_type,
        payload: json_payload(content_type, keys),
        timestamp: UnixMillis::from_secs(spec.time),
        expire: spec.expire * 100,
        visibility: if spec.hidden { Visibility::Hidden } else { Visibility::Visible },
        ..factory(spec.channel, spec.sender).server(seq)
    }
}

#[derive(Debug, Clone)]
enum Change {
    Insert(Spec),
    Update(usize, Spec),
    Remove(usize),
    RemoveFrom(usize, u64),
    Undone(usize, Spec),
    Edit(usize, String),
    TakeBack(usize),
    Index(u32),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        8 => spec().prop_map(Change::Insert),
        2 => (0..20usize, spec()).prop_map(|(row, spec)| Change::Update(row, spec)),
        1 => (0..20usize).prop_map(Change::Remove),
        1 => (0..2usize, 15..40u64).prop_map(|(channel, seq)| Change::RemoveFrom(channel, seq)),
        1 => (0..20usize, spec()).prop_map(|(row, spec)| Change::Undone(row, spec)),
        2 => (0..40usize, text(12)).prop_map(|(row, text)| Change::Edit(row, text)),
        1 => (0..40usize).prop_map(Change::TakeBack),
        2 => (0..9u32).prop_map(Change::Index),
    ]
}

/// Makes a change; seqs are those of the changes, so nothing clashes.
fn apply(store: &mut dyn Store, seq: u64, change: &Change) {
    let row = |row: usize| ClientSeq::new(row as i64);
    match change {
        Change::Insert(spec) => write(store, |tx| insert(tx, seq, spec)),
        Change::Remove(number) => {
            write(store, |tx| tx.remove_message(row(*number)).unwrap());
        }
        Change::RemoveFrom(channel, seq) => {
            let (channel, seq) = (&channels()[*channel], MessageSeq::new(*seq));
            write(store, |tx| tx.remove_messages_from(channel, seq).unwrap());
        }
        Change::Update(number, spec) => write(store, |tx| update(tx, row(*number), seq, spec)),
        Change::Index(limit) => {
            write(store, |tx| tx.index_messages(*limit).unwrap());
        }
        Change::Edit(number, text) => {
            // Of a message that is there, or of one that comes later.
            let edit = MessageEdit { payload: text_payload(text), edited_at: UnixMillis::new(0) };
            let id = factory(0, 0).server(*number as u64).message_id;
            let _ = write(store, |tx| tx.edit_message(id, &channels()[0], &edit).unwrap());
        }
        Change::TakeBack(number) => {
            let version = Version::new(seq);
            let revoked = seq.is_multiple_of(3);
            let info = MessageExtraInfo { version, revoked, ..MessageExtraInfo::default() };
            let id = factory(0, 0).server(*number as u64).message_id;
            let _ = write(store, |tx| tx.save_message_extra(id, &channels()[0], &info).unwrap());
        }
        Change::Undone(number, spec) => {
            let mut tx = store.begin().unwrap();
            tx.index_messages(5).unwrap();
            update(&mut *tx, row(*number), seq, spec);
            tx.remove_message(row(*number / 2)).unwrap();
        }
    }
}

fn update(tx: &mut dyn StoreTx, client_seq: ClientSeq, seq: u64, spec: &Spec) {
    if tx.message(client_seq).unwrap().is_some() {
        tx.update_message(&Message { client_seq, ..message(seq, spec) }).unwrap();
    }
}

fn insert(tx: &mut dyn StoreTx, seq: u64, spec: &Spec) {
    assert!(matches!(tx.insert_message(&message(seq, spec)).unwrap(), Insert::Inserted(_)));
}

/// Either any text, or a piece of a text that is there.
#[derive(Debug, Clone)]
struct Search {
    text: String,
    piece_of: Option<(usize, usize, usize)>,
    channel: Option<usize>,
    sender: Option<usize>,
    types: Vec<i32>,
    since: Option<i64>,
    until: Option<i64>,
    now: i64,
    limit: u32,
}

fn search() -> impl Strategy<Value = Search> {
    let piece = prop::option::weighted(0.7, (0..20usize, 0..12usize, 1..6usize));
    let types = prop::collection::vec(prop::sample::select(vec![1, 2, 77, -1]), 0..3);
    let rare = |range| prop::option::weighted(0.2, range);
    let filters = (prop::option::weighted(0.3, 0..2usize), prop::option::weighted(0.3, 0..2usize), types);
    let limits = (rare(0..5i64), rare(0..5i64), prop::sample::select(vec![0, 101, 103, 1000]), 1..6u32);
    (text(4), piece, filters, limits).prop_map(
        |(text, piece_of, (channel, sender, types), (since, until, now, limit))| Search {
            text,
            piece_of,
            channel,
            sender,
            types,
            since,
            until,
            now,
            limit,
        },
    )
}

fn query(search: &Search, texts: &[String]) -> SearchQuery {
    let piece = search.piece_of.and_then(|(text, from, len)| {
        Some(texts.get(text)?.chars().skip(from).take(len).collect::<String>())
    });
    let text = piece.unwrap_or_else(|| search.text.clone());
    let mut query = SearchQuery::new(text, UnixMillis::from_secs(search.now)).limit(search.limit);
    query.channel = search.channel.map(|channel| channels()[channel].clone());
    query.from_uid = search.sender.map(|sender| senders()[sender].clone());
    query.content_types = search.types.iter().copied().map(ContentType::new).collect();
    query.since = search.since.map(UnixMillis::from_secs);
    query.until = search.until.map(UnixMillis::from_secs);
    query
}

/// All hits, page by page.
fn every(read: &mut dyn StoreRead, query: &SearchQuery) -> Vec<SearchHit> {
    let mut query = query.clone();
    let mut hits = Vec::new();
    loop {
        let page = read.search_messages(&query).unwrap();
        hits.extend(page.hits);
        let Some(next) = page.next else { return hits };
        query.after = Some(next);
    }
}

fn counts(read: &mut dyn StoreRead, query: &SearchQuery) -> HashMap<ChannelId, (u64, SearchHit)> {
    let counts = read.search_counts(query).unwrap();
    assert_eq!(counts.next, None::<SearchCursor>);
    counts.channels.into_iter().map(|hits| (hits.channel, (hits.count, hits.newest))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_finds_what_looking_at_every_message_finds(
        changes in prop::collection::vec(change(), 1..40),
        searches in prop::collection::vec(search(), 20),
    ) {
        let (mut sqlite, mut memory) = (SqliteStore::in_memory().unwrap(), MemoryStore::new());
        let mut texts = Vec::new();
        for (seq, change) in (1..).zip(&changes) {
            apply(&mut sqlite, seq, change);
            apply(&mut memory, seq, change);
            if let Change::Insert(Spec { text, .. }) | Change::Update(_, Spec { text, .. }) | Change::Edit(_, text) = change {
                texts.push(text.clone());
            }
        }
        let (mut found, mut expected) = (sqlite.reader().unwrap(), memory.reader().unwrap());
        for search in &searches {
            let query = query(search, &texts);
            prop_assert_eq!(every(&mut *found, &query), every(&mut *expected, &query), "{:?}", query);
            prop_assert_eq!(counts(&mut *found, &query), counts(&mut *expected, &query), "{:?}", query);
        }
    }
}

/// A store whose index was made by other rules, as an older version did.
#[test]
fn an_old_file_is_searched_in_full_while_it_is_indexed() {
    const ROWS: u64 = 21_500;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let spec = |seq: u64| Spec {
        text: if seq.is_multiple_of(5000) { "稀有".into() } else { "平常".into() },
        channel: 0,
        sender: 0,
        content_type: 1,
        time: seq as i64,
        expire: 0,
        hidden: seq.is_multiple_of(7),
    };
    let mut store = SqliteStore::open(&path).unwrap();
    write(&mut store, |tx| (1..=ROWS).for_each(|seq| insert(tx, seq, &spec(seq))));
    write(&mut store, |tx| assert_eq!(tx.index_messages(u32::MAX).unwrap(), 0));
    drop(store);
    execute(&path, "UPDATE search_index SET version = 0");
    let mut store = SqliteStore::open(&path).unwrap();
    let found = |store: &SqliteStore| {
        let query = SearchQuery::new("稀有", UnixMillis::new(0));
        let hits = every(&mut *store.reader().unwrap(), &query);
        hits.iter().map(|hit| hit.message.position.seq.get()).collect::<Vec<_>>()
    };
    assert_eq!(found(&store), [20_000, 15_000, 10_000, 5000]);
    let mut left = Vec::new();
    let mut last = u64::MAX;
    while last > 0 {
        last = write(&mut store, |tx| tx.index_messages(10_000).unwrap());
        if left.is_empty() {
            // What changes meanwhile is found too, on both sides of where the index has come to.
            write(&mut store, |tx| {
                for (seq, text) in [(10_000, "平常"), (21_000, "稀有")] {
                    let row = tx.message(ClientSeq::new(seq)).unwrap().unwrap();
                    let payload = text_payload(text);
                    tx.update_message(&Message { payload, visibility: Visibility::Visible, ..row }).unwrap();
                }
                insert(tx, ROWS + 1, &Spec { text: "稀有".into(), hidden: false, ..spec(1) });
            });
        }
        left.push(last);
        // It goes on where it was, whatever happens to the process.
        drop(store);
        store = SqliteStore::open(&path).unwrap();
        assert_eq!(found(&store), [21_000, 20_000, 15_000, 5000, ROWS + 1]);
    }
    // One that changed had been indexed, one was new.
    assert_eq!(left, [11_500, 1502, 0]);
}

/// More rows wait for the index than one search looks up: the newest of them must not be missed.
#[test]
fn nothing_is_missed_however_much_waits_for_the_index() {
    let mut store = SqliteStore::in_memory().unwrap();
    let spec = |text: &str| Spec {
        text: text.into(),
        channel: 0,
        sender: 0,
        content_type: 1,
        time: 0,
        expire: 0,
        hidden: false,
    };
    write(&mut store, |tx| {
        insert(tx, 1, &spec("平常"));
        assert_eq!(tx.index_messages(1).unwrap(), 0);
        (2..=50_100).for_each(|seq| insert(tx, seq, &spec("平常")));
        insert(tx, 50_101, &spec("平常 稀有"));
    });
    let mut reader = store.reader().unwrap();
    for query in ["稀有", "平常 稀有"] {
        let page = reader.search_messages(&SearchQuery::new(query, UnixMillis::new(0))).unwrap();
        assert_eq!(page.hits.len(), 1, "{query}");
    }
}

/// Acknowledgements, moves and reads of messages cost the index nothing.
#[test]
fn only_what_searches_see_is_indexed_again() {
    let mut store = SqliteStore::in_memory().unwrap();
    let sent = factory(0, 0).local(0, 1);
    write(&mut store, |tx| {
        assert!(matches!(tx.insert_message(&sent).unwrap(), Insert::Inserted(_)));
        assert_eq!(tx.index_messages(10).unwrap(), 0);
    });
    let row = Message { client_seq: ClientSeq::new(1), ..factory(0, 0).server(5) };
    let acknowledged = Message { payload: sent.payload, from_uid: sent.from_uid, ..row };
    let left = |tx: &mut dyn StoreTx| tx.index_messages(0).unwrap();
    write(&mut store, |tx| {
        tx.update_message(&acknowledged).unwrap();
        let info = MessageExtraInfo { read: true, version: Version::new(1), ..MessageExtraInfo::default() };
        assert!(
            tx.save_message_extra(acknowledged.message_id, &acknowledged.channel, &info).unwrap().is_change()
        );
        assert_eq!(left(tx), 0);
        let info = MessageExtraInfo { revoked: true, version: Version::new(2), ..info };
        assert!(
            tx.save_message_extra(acknowledged.message_id, &acknowledged.channel, &info).unwrap().is_change()
        );
        assert_eq!(left(tx), 1);
        tx.update_message(&Message { payload: text_payload("x"), ..acknowledged.clone() }).unwrap();
        assert_eq!(left(tx), 1);
        assert_eq!(tx.index_messages(1).unwrap(), 0);
        assert!(tx.remove_message(acknowledged.client_seq).unwrap());
        assert_eq!(left(tx), 1);
    });
}
