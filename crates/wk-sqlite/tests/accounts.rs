//! A folder of accounts: any uid has its own files, and only one may open them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, thread};

use common::{insert, rows, snapshot, write};
use wk_sqlite::store::model::{Account, Uid};
use wk_sqlite::store::{Store, StoreError};
use wk_sqlite::{AccountFiles, Durability, SqliteStore};
use wk_testing::{MessageFactory, bob, group};

fn open(files: &AccountFiles, uid: &str) -> Result<SqliteStore, StoreError> {
    files.open(&Uid::new(uid), Durability::Normal)
}

fn assert_in_use(result: Result<SqliteStore, StoreError>) {
    assert!(matches!(result, Err(StoreError::InUse { .. })), "{result:?}");
}

#[test]
fn every_uid_has_files_of_its_own_inside_the_folder() {
    let (long, shorter) = ("x".repeat(5000), "x".repeat(4999));
    let uids = [
        "",
        "alice",
        "Alice",
        "ALICE",
        ".",
        "..",
        "../../x",
        "..\\..\\x",
        "/etc/passwd",
        "C:\\x",
        "a/b",
        "a_b",
        "a b",
        "CON",
        "nul",
        "阿丽",
        "阿麗",
        "é",
        "e\u{301}",
        "👩‍👩‍👧",
        "a\0b",
        "a\nb",
        "*?<>|\"",
        "-rf",
        "~",
        "$HOME",
        "%41",
        "alice.db",
        "alice-wal",
        &long,
        &shorter,
    ];
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("in/accounts");
    let files = AccountFiles::new(&folder).unwrap();
    for uid in uids {
        let mut store = open(&files, uid).unwrap();
        let account = Account { uid: Uid::new(uid), device_id: "phone".into() };
        write(&mut store, |tx| tx.set_account(&account).unwrap());
    }
    for uid in uids {
        assert_eq!(files.path(&Uid::new(uid)).parent(), Some(&*folder));
        let store = open(&files, uid).unwrap();
        let account = store.reader().unwrap().account().unwrap().unwrap();
        assert_eq!(account.uid.as_str(), uid);
        assert!(files.size(&Uid::new(uid)).unwrap() > 4096);
    }
    let expected: BTreeSet<Uid> = uids.into_iter().map(Uid::new).collect();
    assert_eq!(files.list().unwrap(), expected.into_iter().collect::<Vec<_>>());
    // Nothing was written elsewhere, and the names differ even where case does not count.
    assert_eq!(snapshot(outer.path()).len() + snapshot(&outer.path().join("in")).len(), 0);
    let names: Vec<String> = snapshot(&folder).into_keys().collect();
    assert_eq!(names.iter().map(|name| name.to_lowercase()).collect::<BTreeSet<_>>().len(), uids.len() * 3);
    assert!(names.iter().all(|name| name.len() < 100));
}

#[test]
fn what_others_put_into_the_folder_is_no_account() {
    let folder = tempfile::tempdir().unwrap();
    let files = AccountFiles::new(folder.path()).unwrap();
    for name in ["alice.db", "notes.txt", "bob.uid", "x.lock"] {
        fs::write(folder.path().join(name), "bob").unwrap();
    }
    fs::write(folder.path().join("binary.uid"), [0xff, 0xfe]).unwrap();
    fs::create_dir(folder.path().join("folder.uid")).unwrap();
    assert_eq!(files.list().unwrap(), []);
    drop(open(&files, "bob").unwrap());
    assert_eq!(files.list().unwrap(), [bob()]);
    let missing = AccountFiles::new(folder.path().join("notes.txt"));
    assert!(matches!(missing, Err(StoreError::Unavailable { .. })), "{missing:?}");
}

#[test]
fn a_name_that_another_uid_took_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let files = AccountFiles::new(folder.path()).unwrap();
    drop(open(&files, "alice").unwrap());
    fs::write(files.path(&Uid::new("alice")).with_extension("uid"), "eve").unwrap();
    let refused = open(&files, "alice");
    let Err(StoreError::WrongAccount { owner, uid }) = refused else { panic!("{refused:?}") };
    assert_eq!((owner.as_str(), uid.as_str()), ("eve", "alice"));
}

#[test]
fn an_account_is_open_once_as_long_as_a_store_or_a_reader_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (files, again) =
        (AccountFiles::new(folder.path()).unwrap(), AccountFiles::new(folder.path()).unwrap());
    let store = open(&files, "alice").unwrap();
    assert_in_use(open(&files, "alice"));
    assert_in_use(open(&again, "alice"));
    assert_in_use(thread::scope(|scope| scope.spawn(|| open(&again, "alice")).join().unwrap()));
    assert!(matches!(files.delete(&Uid::new("alice")), Err(StoreError::InUse { .. })));
    drop(open(&files, "bob").unwrap());
    let reader = store.reader().unwrap();
    drop(store);
    assert_in_use(open(&files, "alice"));
    drop(reader);
    drop(open(&again, "alice").unwrap());
    // A store that could not be opened holds nothing.
    fs::write(files.path(&Uid::new("broken")), "no database").unwrap();
    for _ in 0..2 {
        let refused = open(&files, "broken");
        assert!(matches!(refused, Err(StoreError::Foreign { .. })), "{refused:?}");
    }
}

#[test]
fn a_deleted_account_is_gone_and_can_begin_anew() {
    let folder = tempfile::tempdir().unwrap();
    let files = AccountFiles::new(folder.path()).unwrap();
    let message = MessageFactory::new(group(), bob()).server(1);
    for uid in ["alice", "bob"] {
        write(&mut open(&files, uid).unwrap(), |tx| insert(tx, &message));
    }
    let alice = Uid::new("alice");
    assert!(files.delete(&alice).unwrap());
    assert!(!files.delete(&alice).unwrap());
    assert_eq!(files.list().unwrap(), [bob()]);
    assert_eq!(files.size(&alice).unwrap(), 0);
    let left = snapshot(folder.path());
    let left: Vec<_> = left.iter().filter(|(name, _)| name.starts_with("alice")).collect();
    assert!(left.len() == 1 && left[0].0.ends_with(".lock") && left[0].1.is_empty(), "{left:?}");
    let store = open(&files, "alice").unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), []);
    let store = open(&files, "bob").unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()).len(), 1);
}

const CHILD: &str = "WK_ACCOUNT_CHILD";
const TEST: &str = "a_killed_process_leaves_the_account_free";

#[test]
fn a_killed_process_leaves_the_account_free() {
    if let Some(folder) = env::var_os(CHILD) {
        let files = AccountFiles::new(Path::new(&folder)).unwrap();
        let mut store = open(&files, "alice").unwrap();
        let message = MessageFactory::new(group(), bob()).server(1);
        write(&mut store, |tx| insert(tx, &message));
        let _open = store.begin().unwrap();
        let mut out = std::io::stdout();
        writeln!(out, "\nopened").and_then(|()| out.flush()).unwrap();
        loop {
            thread::park();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let files = AccountFiles::new(folder.path()).unwrap();
    for _ in 0..3 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line == "opened"), "the other process ended by itself");
        assert_in_use(open(&files, "alice"));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(&files, "alice").unwrap();
        assert_eq!(rows(&mut *store.reader().unwrap(), &group()).len(), 1);
        drop(store);
        assert!(files.delete(&Uid::new("alice")).unwrap());
    }
}
