//! What opening does with what it finds at a path.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs::{self, File};
use std::path::Path;

use common::{connect, execute, insert, integrity, rows, snapshot, write};
use diesel::connection::SimpleConnection;
use wk_sqlite::store::model::Message;
use wk_sqlite::store::{Store, StoreError};
use wk_sqlite::{Durability, SqliteStore};
use wk_testing::{MessageFactory, bob, group};

fn message(seq: u64) -> Message {
    MessageFactory::new(group(), bob()).server(seq)
}

/// A closed store with a hundred messages.
fn make_store(path: &Path) -> Vec<Message> {
    let mut store = SqliteStore::open(path).unwrap();
    write(&mut store, |tx| (1..=100).map(|seq| insert(tx, &message(seq))).collect())
}

/// Opening is refused as foreign for a reason with `why` in it, and changes no byte and makes no file.
fn assert_foreign(path: &Path, why: &str) {
    let directory = path.parent().unwrap();
    let before = snapshot(directory);
    match SqliteStore::open(path) {
        Err(StoreError::Foreign { path: named, why: found }) => {
            assert_eq!(Path::new(&named), path);
            assert!(found.contains(why), "{found}");
        }
        other => panic!("{other:?}"),
    }
    assert!(snapshot(directory) == before, "changed: {why}");
}

#[test]
fn nothing_and_an_empty_file_become_stores() {
    let directory = tempfile::tempdir().unwrap();
    let (missing, empty) = (directory.path().join("missing.db"), directory.path().join("empty.db"));
    File::create(&empty).unwrap();
    for path in [missing, empty] {
        let stored = make_store(&path);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
        drop(store);
        assert_eq!(&fs::read(&path).unwrap()[68..72], b"WKIM");
        assert_eq!(integrity(&path), "ok");
    }
}

#[test]
fn the_whole_store_survives_the_process_with_either_durability() {
    for durability in [Durability::Normal, Durability::Full] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wk.db");
        let mut stored = Vec::new();
        for seq in 1..=3 {
            let mut store = SqliteStore::open_with(&path, durability).unwrap();
            stored.push(write(&mut store, |tx| insert(tx, &message(seq))));
            assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
        }
    }
}

#[test]
fn odd_paths_name_the_file_they_say() {
    for name in ["a b.db", "?mode=memory&cache=shared", "100%41#x.db", "名字.db", "file:x.db", "it's.db"] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        let stored = make_store(&path);
        assert_eq!(snapshot(directory.path()).keys().collect::<Vec<_>>(), [name]);
        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
    }
}

#[test]
fn a_missing_directory_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("missing/wk.db");
    let refused = SqliteStore::open(&path);
    let Err(StoreError::Unavailable { path: named, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(Path::new(&named), path);
    assert!(snapshot(directory.path()).is_empty());
}

#[test]
fn other_files_are_foreign_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    for bytes in [&b"x"[..], b"Dear diary, today I was not a database. It felt good.", &[0; 4096]] {
        fs::write(&path, bytes).unwrap();
        assert_foreign(&path, "no SQLite database");
    }
    let folder = directory.path().join("folder");
    fs::create_dir(&folder).unwrap();
    assert_foreign(&folder, "directory");
}

#[test]
fn databases_of_other_applications_are_foreign_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("photos.db");
    execute(&path, "CREATE TABLE message (x); INSERT INTO message VALUES (1);");
    assert_foreign(&path, "application id 0x00000000");
    execute(&path, "PRAGMA application_id = 1234; PRAGMA user_version = 1;");
    assert_foreign(&path, "application id 0x000004d2");
    // Even while that application has it open, with a log that is not written back.
    let mut owner = connect(&path);
    owner.batch_execute("PRAGMA journal_mode = WAL; INSERT INTO message VALUES (2);").unwrap();
    assert_foreign(&path, "application id 0x000004d2");
}

#[test]
fn a_store_that_was_cut_off_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    make_store(&path);
    let whole = fs::metadata(&path).unwrap().len();
    for (len, why) in [(whole - 1, "cut off"), (whole / 2, "cut off"), (100, "cut off"), (99, "no SQLite")] {
        fs::copy(&path, directory.path().join("cut.db")).unwrap();
        File::options().write(true).open(directory.path().join("cut.db")).unwrap().set_len(len).unwrap();
        assert_foreign(&directory.path().join("cut.db"), why);
    }
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    make_store(&path);
    execute(&path, "CREATE TABLE invention (x); PRAGMA user_version = 99;");
    let before = snapshot(directory.path());
    let refused = SqliteStore::open(&path);
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, known: 9, .. })), "{refused:?}");
    assert!(snapshot(directory.path()) == before);
}

#[test]
fn a_newer_version_that_is_only_in_the_log_is_found_too() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("wk.db"), directory.path().join("copy.db"));
    make_store(&path);
    let mut newer = connect(&path);
    newer.batch_execute("PRAGMA user_version = 99;").unwrap();
    // As a crash leaves them: the version is in the log, the file itself still says 9.
    fs::copy(&path, &copy).unwrap();
    fs::copy(directory.path().join("wk.db-wal"), directory.path().join("copy.db-wal")).unwrap();
    drop(newer);
    assert_eq!(&fs::read(&copy).unwrap()[60..64], [0, 0, 0, 9]);
    let before = snapshot(directory.path());
    let refused = SqliteStore::open(&copy);
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })), "{refused:?}");
    let after = snapshot(directory.path());
    for name in ["copy.db", "copy.db-wal"] {
        assert!(after[name] == before[name], "{name} changed");
    }
}

#[test]
fn a_log_that_was_not_written_back_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let (path, copy) = (directory.path().join("wk.db"), directory.path().join("copy.db"));
    let mut store = SqliteStore::open(&path).unwrap();
    let stored = write(&mut store, |tx| [insert(tx, &message(1)), insert(tx, &message(2))]);
    for suffix in ["", "-wal"] {
        let from = directory.path().join(format!("wk.db{suffix}"));
        fs::copy(from, directory.path().join(format!("copy.db{suffix}"))).unwrap();
    }
    let reopened = SqliteStore::open(&copy).unwrap();
    assert_eq!(rows(&mut *reopened.reader().unwrap(), &group()), stored);
}
