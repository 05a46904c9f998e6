//! Copies of a store in use, and room given back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{insert, integrity, rows, snapshot, write};
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{Message, SearchQuery, UnixMillis, text_payload};
use wk_sqlite::store::{Store, StoreError};
use wk_testing::{MessageFactory, bob, group};

const PER_TRANSACTION: u64 = 10;

fn message(seq: u64) -> Message {
    let payload = text_payload(&format!("天气 {}", "x".repeat(500)));
    Message { payload, ..MessageFactory::new(group(), bob()).server(seq) }
}

fn fill(store: &mut SqliteStore, transaction: u64) {
    let first = transaction * PER_TRANSACTION + 1;
    write(store, |tx| {
        for seq in first..first + PER_TRANSACTION {
            insert(tx, &message(seq));
        }
    });
}

#[test]
fn a_copy_made_while_others_write_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path().join("wk.db")).unwrap();
    fill(&mut store, 0);
    let exporter = SqliteStore::open(directory.path().join("wk.db")).unwrap();
    let done = AtomicBool::new(false);
    let paths: Vec<_> = (0..5).map(|n| directory.path().join(format!("copy {n}#?.db"))).collect();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut transactions = 1;
            while !done.load(Ordering::Relaxed) {
                fill(&mut store, transactions);
                transactions += 1;
            }
        });
        let exported: Vec<_> = paths.iter().map(|path| exporter.export(path)).collect();
        // Before anything can fail, or the writer would never end.
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap();
        exported.into_iter().for_each(Result::unwrap);
    });
    let mut before = 0;
    for path in &paths {
        assert_eq!(integrity(path), "ok");
        let copy = SqliteStore::open(path).unwrap();
        let mut reader = copy.reader().unwrap();
        let found = rows(&mut *reader, &group());
        let count = found.len() as u64;
        assert!(count >= before.max(PER_TRANSACTION) && count.is_multiple_of(PER_TRANSACTION), "{count}");
        assert!(found.iter().map(|row| row.position.seq.get()).eq(1..=count));
        let hits =
            reader.search_messages(&SearchQuery::new("天气", UnixMillis::new(0)).limit(1000)).unwrap().hits;
        assert_eq!(hits.len() as u64, count.min(1000));
        before = count;
    }
}

#[test]
fn a_copy_replaces_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("wk.db")).unwrap();
    let memory = SqliteStore::in_memory().unwrap();
    let taken = directory.path().join("taken");
    fs::write(&taken, "precious").unwrap();
    for store in [&store, &memory] {
        for path in [&taken, &directory.path().join("missing/copy.db"), &directory.path().to_path_buf()] {
            let refused = store.export(path);
            assert!(matches!(refused, Err(StoreError::Unavailable { .. })), "{refused:?}");
        }
    }
    assert!(store.export(directory.path().join("wk.db")).is_err());
    assert_eq!(fs::read(&taken).unwrap(), b"precious");
    assert!(!snapshot(directory.path()).contains_key("copy.db"));
}

#[test]
fn a_store_in_memory_is_copied_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.db");
    let mut store = SqliteStore::in_memory().unwrap();
    fill(&mut store, 0);
    store.export(&path).unwrap();
    let copy = SqliteStore::open(&path).unwrap();
    assert_eq!(rows(&mut *copy.reader().unwrap(), &group()), rows(&mut *store.reader().unwrap(), &group()));
}

#[test]
fn vacuum_gives_the_room_of_what_was_deleted_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut store = SqliteStore::open(&path).unwrap();
    (0..200).for_each(|transaction| fill(&mut store, transaction));
    let mut reader = store.reader().unwrap();
    let full = store.size().unwrap();
    let all = rows(&mut *reader, &group());
    write(&mut store, |tx| {
        all.iter().skip(10).for_each(|row| assert!(tx.remove_message(row.client_seq).unwrap()));
    });
    store.vacuum().unwrap();
    let small = store.size().unwrap();
    assert!(small < full / 4, "{full} became {small}");
    assert_eq!(fs::metadata(&path).unwrap().len(), small);
    assert_eq!(rows(&mut *reader, &group()), all[..10]);
    let hits = reader.search_messages(&SearchQuery::new("天气", UnixMillis::new(0))).unwrap().hits;
    assert_eq!(hits.len(), 10);
    fill(&mut store, 500);
    assert_eq!(rows(&mut *reader, &group()).len(), 20);
    assert_eq!(integrity(&path), "ok");
}
