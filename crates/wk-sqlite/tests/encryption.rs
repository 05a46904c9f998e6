//! Encrypted stores: nothing readable is on the disk, and only the key opens them.
#![cfg(feature = "sqlcipher")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::path::Path;

use common::{insert, rows, snapshot, write};
use wk_sqlite::store::model::{Message, SearchQuery, UnixMillis, text_payload};
use wk_sqlite::store::{Store, StoreError};
use wk_sqlite::{AccountFiles, Durability, EncryptionKey, SqliteStore};
use wk_testing::{MessageFactory, alice, bob, group};

const SECRET: &str = "secretword";

fn key(byte: u8) -> EncryptionKey {
    EncryptionKey::new([byte; 32])
}

fn open(path: &Path, byte: u8) -> Result<SqliteStore, StoreError> {
    SqliteStore::open_encrypted(path, Durability::Normal, &key(byte))
}

/// Messages in the file itself, in its log, and in the index.
fn fill(store: &mut SqliteStore) -> Vec<Message> {
    let message =
        |seq| Message { payload: text_payload(SECRET), ..MessageFactory::new(group(), bob()).server(seq) };
    let stored = write(store, |tx| (1..=50).map(|seq| insert(tx, &message(seq))).collect());
    while store.maintain().unwrap() {}
    stored
}

fn is_in(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut store = open(&path, 1).unwrap();
    let stored = fill(&mut store);
    for (name, bytes) in snapshot(directory.path()) {
        for text in [SECRET, "SQLite format 3", "CREATE TABLE", bob().as_str()] {
            assert!(name.ends_with("-shm") || !is_in(&bytes, text), "{text} in {name}");
        }
    }
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), stored);
    assert_eq!(
        reader.search_messages(&SearchQuery::new("secretw", UnixMillis::new(0))).unwrap().hits.len(),
        20
    );
    drop((reader, store));
    // The plain one has all of it, so the check above could fail.
    let plain = directory.path().join("plain.db");
    fill(&mut SqliteStore::open(&plain).unwrap());
    let bytes = fs::read(&plain).unwrap();
    assert!([SECRET, "SQLite format 3", "CREATE TABLE"].iter().all(|text| is_in(&bytes, text)));
}

#[test]
fn only_the_key_opens_it_and_refused_files_are_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let stored = fill(&mut open(&path, 1).unwrap());
    let before = snapshot(directory.path());
    let named = |found: &str| Path::new(found) == path;
    let refused = open(&path, 2).map(|_| ());
    assert!(matches!(&refused, Err(StoreError::WrongKey { path }) if named(path)), "{refused:?}");
    let refused = SqliteStore::open(&path).map(|_| ());
    let Err(StoreError::Foreign { path: found, why }) = &refused else { panic!("{refused:?}") };
    assert!(named(found) && why.contains("encrypted"), "{why}");
    assert!(snapshot(directory.path()) == before);
    let store = open(&path, 1).unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
}

#[test]
fn a_wrong_key_leaves_a_log_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut store = open(&path, 1).unwrap();
    fill(&mut store);
    // As a crash leaves them.
    let crashed = tempfile::tempdir().unwrap();
    for (name, bytes) in snapshot(directory.path()).into_iter().filter(|(name, _)| !name.ends_with("-shm")) {
        fs::write(crashed.path().join(name), bytes).unwrap();
    }
    drop(store);
    let path = crashed.path().join("wk.db");
    let data = |directory: &Path| {
        let mut files = snapshot(directory);
        files.retain(|name, _| !name.ends_with("-shm"));
        files
    };
    let before = data(crashed.path());
    assert!(before["wk.db-wal"].len() > 1000);
    assert!(matches!(open(&path, 2), Err(StoreError::WrongKey { .. })));
    assert!(data(crashed.path()) == before);
    let store = open(&path, 1).unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()).len(), 50);
}

#[test]
fn a_key_for_a_plain_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let stored = fill(&mut SqliteStore::open(&path).unwrap());
    let before = snapshot(directory.path());
    assert!(matches!(open(&path, 1), Err(StoreError::NotEncrypted { .. })));
    assert!(snapshot(directory.path()) == before);
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(matches!(store.change_key(&key(1)), Err(StoreError::NotEncrypted { .. })));
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
}

#[test]
fn noise_is_no_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let noise: Vec<u8> = (0..8192_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for len in [1, 100, 4096, 8192] {
        fs::write(&path, &noise[..len]).unwrap();
        let refused = open(&path, 1).map(|_| ());
        // Less than a page is an empty database to SQLite, and no store.
        assert!(
            matches!(refused, Err(StoreError::WrongKey { .. } | StoreError::Foreign { .. })),
            "{len}: {refused:?}"
        );
        assert!(fs::read(&path).unwrap() == noise[..len], "{len}");
    }
}

#[test]
fn a_changed_key_counts_from_then_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut store = open(&path, 1).unwrap();
    let stored = fill(&mut store);
    store.change_key(&key(2)).unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
    write(&mut store, |tx| insert(tx, &MessageFactory::new(group(), bob()).server(99)));
    drop(store);
    assert!(matches!(open(&path, 1), Err(StoreError::WrongKey { .. })));
    let store = open(&path, 2).unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()).len(), 51);
}

#[test]
fn copies_and_accounts_are_encrypted_too() {
    let directory = tempfile::tempdir().unwrap();
    let accounts = AccountFiles::new(directory.path()).unwrap();
    let mut store = accounts.open_encrypted(&alice(), Durability::Full, &key(1)).unwrap();
    let stored = fill(&mut store);
    let copy = directory.path().join("copy.db");
    store.export(&copy).unwrap();
    store.vacuum().unwrap();
    assert!(matches!(
        accounts.open_encrypted(&alice(), Durability::Full, &key(1)),
        Err(StoreError::InUse { .. })
    ));
    drop(store);
    assert!(!is_in(&fs::read(&copy).unwrap(), SECRET));
    assert_eq!(rows(&mut *open(&copy, 1).unwrap().reader().unwrap(), &group()), stored);
    assert!(matches!(
        accounts.open_encrypted(&alice(), Durability::Full, &key(2)),
        Err(StoreError::WrongKey { .. })
    ));
    assert_eq!(accounts.list().unwrap(), [alice()]);
}

#[test]
fn the_key_is_shown_by_nothing() {
    let shown = format!("{:?}", EncryptionKey::new([0xab; 32]));
    assert_eq!(shown, "EncryptionKey(..)");
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open_encrypted(
        directory.path().join("wk.db"),
        Durability::Normal,
        &EncryptionKey::new([0xab; 32]),
    );
    let store = store.unwrap();
    let shown = format!("{store:?}").to_lowercase();
    assert!(!shown.contains("abab") && !shown.contains("171"), "{shown}");
}
