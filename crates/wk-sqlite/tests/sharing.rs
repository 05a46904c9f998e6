//! Readers beside the writer, and two stores on one file.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Barrier;
use std::{slice, thread};

use common::{execute, insert, integrity, rows, write};
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{ChannelId, Message, Uid};
use wk_sqlite::store::{Insert, Store, StoreError, StoreTx};
use wk_testing::{MessageFactory, alice, bob, carol, direct, group};

#[test]
fn a_reader_of_a_file_waits_for_no_transaction() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path().join("wk.db")).unwrap();
    let mut reader = store.reader().unwrap();
    let factory = MessageFactory::new(group(), bob());
    let mut tx = store.begin().unwrap();
    let stored = insert(&mut *tx, &factory.server(1));
    assert_eq!(rows(&mut *reader, &group()), []);
    tx.commit().unwrap();
    assert_eq!(rows(&mut *reader, &group()), slice::from_ref(&stored));
    drop(store);
    assert_eq!(rows(&mut *reader, &group()), [stored]);
}

#[test]
fn what_one_store_undid_is_not_remembered_when_another_writes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let (mut one, mut two) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let (in_group, to_carol) =
        (MessageFactory::new(group(), bob()), MessageFactory::new(direct(&carol()), alice()));
    // The first store gives out numbers for a channel and a sender, and takes them back. The second gives the same
    // numbers to others.
    insert(&mut *one.begin().unwrap(), &in_group.server(1));
    let second = write(&mut two, |tx| insert(tx, &to_carol.server(1)));
    let first = write(&mut one, |tx| insert(tx, &in_group.server(1)));
    for store in [&one, &two] {
        let mut reader = store.reader().unwrap();
        assert_eq!(rows(&mut *reader, &group()), slice::from_ref(&first));
        assert_eq!(rows(&mut *reader, &direct(&carol())), slice::from_ref(&second));
    }
}

#[test]
fn one_file_can_be_made_by_many_at_once() {
    let directory = tempfile::tempdir().unwrap();
    for round in 0..20 {
        let path = directory.path().join(format!("{round}.db"));
        let together = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    together.wait();
                    drop(SqliteStore::open(&path).unwrap());
                });
            }
        });
        assert_eq!(integrity(&path), "ok");
    }
}

#[test]
fn two_stores_on_one_file_take_turns() {
    const EACH: u64 = 50;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let work = |name: &'static str| {
        let mut store = SqliteStore::open(&path).unwrap();
        for seq in 1..=EACH {
            // New channels and senders all the time, and one channel that both write to.
            let own = MessageFactory::new(
                ChannelId::group(format!("{name} {seq}")),
                Uid::from(format!("{name} {seq}")),
            );
            let shared = MessageFactory::new(group(), bob());
            write(&mut store, |tx| {
                insert(tx, &own.server(1));
                assert!(matches!(
                    tx.insert_message(&shared.server(seq)),
                    Ok(Insert::Inserted(_) | Insert::Clash(_))
                ));
            });
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| work("one"));
        scope.spawn(|| work("two"));
    });
    let store = SqliteStore::open(&path).unwrap();
    let mut reader = store.reader().unwrap();
    let shared = rows(&mut *reader, &group());
    assert!(shared.iter().map(|message| message.position.seq.get()).eq(1..=EACH));
    for (name, seq) in ["one", "two"].into_iter().flat_map(|name| (1..=EACH).map(move |seq| (name, seq))) {
        let found = rows(&mut *reader, &ChannelId::group(format!("{name} {seq}")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].from_uid.as_str(), format!("{name} {seq}"));
    }
    drop(reader);
    drop(store);
    assert_eq!(integrity(&path), "ok");
}

#[test]
fn nothing_of_a_spoilt_transaction_is_committed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let factory = MessageFactory::new(group(), bob());
    let kept = write(&mut store, |tx| insert(tx, &factory.server(1)));
    execute(&path, "ALTER TABLE outbox RENAME TO stolen");
    let mut tx = store.begin().unwrap();
    insert(&mut *tx, &factory.server(2));
    let backend = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::Backend { .. })));
    backend(tx.outbox().map(drop));
    // No call is served any more, not even one that would work.
    backend(tx.message_by_id(kept.message_id).map(drop));
    backend(tx.commit());
    execute(&path, "ALTER TABLE stolen RENAME TO outbox");
    assert_eq!(rows(&mut *store.begin().unwrap(), &group()), slice::from_ref(&kept));
    let again = write(&mut store, |tx: &mut dyn StoreTx| insert(tx, &factory.server(2)));
    let expected: [Message; 2] = [kept, again];
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), expected);
}
