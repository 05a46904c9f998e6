//! Suite: what transactions and readers promise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::mpsc;
use std::thread;

use wk_model::{Account, ChannelId, ClientSeq, Conversation, Message, MessageSeq, SeqRange, Uid};

use super::fixtures::{
    conversation, entry, group, insert, insert_all, rows, seq, server_message, write, write_and_drop,
};
use crate::{ChannelLog, Insert, Store, StoreError, StoreTx};

pub(super) fn a_transaction_sees_its_own_writes(store: &mut dyn Store) {
    let mut tx = store.begin().unwrap();
    let stored = insert(&mut *tx, &server_message(&group(), 1));
    tx.set_channel_log(&group(), &log(5)).unwrap();
    tx.put_conversation(&conversation(&group(), 1)).unwrap();
    tx.put_outbox(&entry(1)).unwrap();
    tx.set_account(&account()).unwrap();
    assert_eq!(rows(&mut *tx, &group()), slice::from_ref(&stored));
    assert_eq!(tx.channel_log(&group()).unwrap(), log(5));
    assert_eq!(tx.tails().unwrap(), [(group(), seq(5))]);
    assert_eq!(tx.conversations().unwrap()[0].last_message, Some(stored));
    assert_eq!(tx.outbox().unwrap(), [entry(1)]);
    assert_eq!(tx.account().unwrap(), Some(account()));
}

pub(super) fn an_empty_transaction_does_nothing(store: &mut dyn Store) {
    store.begin().unwrap().commit().unwrap();
    drop(store.begin().unwrap());
    let stored = insert_all(store, &[server_message(&group(), 1)]);
    store.begin().unwrap().commit().unwrap();
    let mut reading = store.begin().unwrap();
    assert_eq!(rows(&mut *reading, &group()), stored);
    reading.commit().unwrap();
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
}

pub(super) fn dropping_undoes_messages(store: &mut dyn Store) {
    let kept = insert_all(store, &[server_message(&group(), 1)]);
    let new_channel = ChannelId::person("new");
    write_and_drop(store, |tx| {
        insert(tx, &server_message(&group(), 2));
        insert(tx, &server_message(&new_channel, 1));
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), kept);
    assert_eq!(rows(&mut *reader, &new_channel), []);
    assert_eq!(reader.message_by_id(server_message(&group(), 2).message_id).unwrap(), None);
}

pub(super) fn dropping_undoes_updates(store: &mut dyn Store) {
    let kept = insert_all(store, &[1, 2].map(|n| server_message(&group(), n)));
    write_and_drop(store, |tx| {
        // The second takes the place of the first and moves again.
        assert!(tx.remove_message(kept[0].client_seq).unwrap());
        for n in [1, 5, 6] {
            let client_seq = kept[1].client_seq;
            tx.update_message(&Message { client_seq, topic: "t".into(), ..server_message(&group(), n) }).unwrap();
        }
        insert(tx, &server_message(&group(), 1));
    });
    assert_unchanged(store, &kept);
}

pub(super) fn dropping_undoes_removals(store: &mut dyn Store) {
    let kept = insert_all(store, &[1, 2, 3].map(|n| server_message(&group(), n)));
    write_and_drop(store, |tx| assert_eq!(tx.remove_messages_from(&group(), seq(2)).unwrap(), 2));
    assert_unchanged(store, &kept);
    write_and_drop(store, |tx| {
        assert!(tx.remove_message(kept[0].client_seq).unwrap());
        insert(tx, &kept[0]);
    });
    assert_unchanged(store, &kept);
}

pub(super) fn dropping_undoes_logs(store: &mut dyn Store) {
    write(store, |tx| tx.set_channel_log(&group(), &log(5)).unwrap());
    write_and_drop(store, |tx| {
        tx.set_channel_log(&group(), &log(6)).unwrap();
        tx.set_channel_log(&group(), &log(7)).unwrap();
        tx.set_channel_log(&ChannelId::person("new"), &log(9)).unwrap();
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.channel_log(&group()).unwrap(), log(5));
    assert_eq!(reader.tails().unwrap(), [(group(), seq(5))]);
}

pub(super) fn dropping_undoes_conversations(store: &mut dyn Store) {
    write(store, |tx| tx.put_conversation(&conversation(&group(), 5)).unwrap());
    write_and_drop(store, |tx| {
        tx.put_conversation(&conversation(&group(), 6)).unwrap();
        tx.put_conversation(&conversation(&ChannelId::person("new"), 7)).unwrap();
    });
    assert_eq!(store.reader().unwrap().conversations().unwrap(), [conversation(&group(), 5)]);
}

pub(super) fn dropping_undoes_the_outbox(store: &mut dyn Store) {
    write(store, |tx| [1, 2].into_iter().for_each(|n| tx.put_outbox(&entry(n)).unwrap()));
    write_and_drop(store, |tx| {
        assert!(tx.remove_outbox(ClientSeq::new(1)).unwrap());
        tx.put_outbox(&wk_model::OutboxEntry { channel: ChannelId::person("new"), ..entry(2) }).unwrap();
        tx.put_outbox(&entry(3)).unwrap();
    });
    assert_eq!(store.reader().unwrap().outbox().unwrap(), [entry(1), entry(2)]);
}

pub(super) fn dropping_undoes_the_account(store: &mut dyn Store) {
    write_and_drop(store, |tx| tx.set_account(&account()).unwrap());
    assert_eq!(store.reader().unwrap().account().unwrap(), None);
    let bob = Account { uid: Uid::new("bob"), ..account() };
    write(store, |tx| tx.set_account(&bob).unwrap());
    assert_eq!(store.reader().unwrap().account().unwrap(), Some(bob));
}

pub(super) fn what_was_undone_can_be_done_again(store: &mut dyn Store) {
    // New channels and senders each time: what a backend remembers of them must be undone too.
    let names: Vec<String> = (0..20).map(|n| format!("name {n}")).collect();
    let work = |tx: &mut dyn StoreTx, names: &[String]| {
        for name in names {
            let channel = ChannelId::group(name.as_str());
            let message = Message { from_uid: Uid::new(name.as_str()), ..server_message(&channel, 1) };
            assert!(matches!(tx.insert_message(&message), Ok(Insert::Inserted(_) | Insert::Clash(_))));
            tx.set_channel_log(&channel, &log(1)).unwrap();
            tx.put_conversation(&conversation(&channel, 1)).unwrap();
        }
    };
    write_and_drop(store, |tx| work(tx, &names[10..]));
    write_and_drop(store, |tx| work(tx, &names));
    write(store, |tx| work(tx, &names[..10]));
    write_and_drop(store, |tx| work(tx, &names));
    assert_eq!(store.reader().unwrap().tails().unwrap().len(), 10);
    write(store, |tx| work(tx, &names));
    let mut reader = store.reader().unwrap();
    for name in &names {
        let channel = ChannelId::group(name.as_str());
        let found = rows(&mut *reader, &channel);
        assert_eq!(found.len(), 1, "{channel:?}");
        assert_eq!(found[0].from_uid.as_str(), name);
        assert_eq!(found[0].channel, channel);
    }
    assert_eq!(reader.conversations().unwrap().len(), names.len());
}

pub(super) fn a_panic_undoes(store: &mut dyn Store) {
    let kept = insert_all(store, &[server_message(&group(), 1)]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut tx = store.begin().unwrap();
        insert(&mut *tx, &server_message(&group(), 2));
        // Unlike `panic!` this prints nothing.
        std::panic::resume_unwind(Box::new("on purpose"));
    }));
    assert!(panicked.is_err());
    assert_unchanged(store, &kept);
    insert_all(store, &[server_message(&group(), 2)]);
}

pub(super) fn a_refused_call_spoils_nothing(store: &mut dyn Store) {
    let kept = insert_all(store, &[1, 2].map(|n| server_message(&group(), n)));
    write(store, |tx| tx.set_account(&account()).unwrap());
    let third = write(store, |tx| {
        let third = insert(tx, &server_message(&group(), 3));
        assert!(matches!(tx.insert_message(&kept[0]), Ok(Insert::Clash(_))));
        let twin = Message { client_seq: kept[0].client_seq, ..kept[1].clone() };
        assert!(matches!(tx.update_message(&twin), Err(StoreError::Duplicate(_))));
        let nobody = Message { client_seq: ClientSeq::NONE, ..server_message(&group(), 9) };
        assert!(matches!(tx.update_message(&nobody), Err(StoreError::NoSuchMessage(_))));
        let bob = Account { uid: Uid::new("bob"), ..account() };
        assert!(matches!(tx.set_account(&bob), Err(StoreError::WrongAccount { .. })));
        third
    });
    assert_unchanged(store, &[kept[0].clone(), kept[1].clone(), third]);
}

pub(super) fn a_reader_sees_what_is_committed(store: &mut dyn Store) {
    let mut early = store.reader().unwrap();
    assert_eq!(rows(&mut *early, &group()), []);
    let mut expected = Vec::new();
    for n in 1..=3 {
        let message = Message { from_uid: Uid::from(format!("sender {n}")), ..server_message(&group(), n) };
        expected.extend(insert_all(store, &[message]));
        assert_eq!(rows(&mut *early, &group()), expected);
        assert_eq!(rows(&mut *store.reader().unwrap(), &group()), expected);
    }
}

pub(super) fn a_reader_sees_no_open_transaction(store: &mut dyn Store) {
    let kept = insert_all(store, &[server_message(&group(), 1)]);
    let mut reader = store.reader().unwrap();
    let (started, wait) = mpsc::channel();
    thread::scope(|scope| {
        let mut tx = store.begin().unwrap();
        insert(&mut *tx, &server_message(&group(), 2));
        tx.put_conversation(&conversation(&group(), 1)).unwrap();
        // On its own thread, because it may have to wait for the transaction.
        let seen = scope.spawn(move || {
            started.send(()).unwrap();
            (rows(&mut *reader, &group()), reader.conversations().unwrap())
        });
        wait.recv().unwrap();
        drop(tx);
        assert_eq!(seen.join().unwrap(), (kept, Vec::new()));
    });
}

pub(super) fn each_read_sees_one_state(store: &mut dyn Store) {
    let last_seq = |n| Conversation { last_seq: seq(n), ..conversation(&group(), 1) };
    let step = |tx: &mut dyn StoreTx, n: u64| {
        insert(tx, &server_message(&group(), n));
        tx.put_conversation(&last_seq(n)).unwrap();
    };
    write(store, |tx| step(tx, 1));
    let mut reader = store.reader().unwrap();
    thread::scope(|scope| {
        let seen = scope.spawn(move || {
            let mut newest = MessageSeq::ZERO;
            while newest < seq(200) {
                let read = reader.conversation(&group()).unwrap().unwrap();
                assert_eq!(read.last_message.unwrap().message_seq(), read.last_seq);
                let listed = reader.conversations().unwrap().remove(0);
                assert_eq!(listed.last_message.unwrap().message_seq(), listed.last_seq);
                assert!(newest <= read.last_seq && read.last_seq <= listed.last_seq);
                newest = listed.last_seq;
            }
        });
        (2..=200).for_each(|n| write(store, |tx| step(tx, n)));
        seen.join().unwrap();
    });
}

fn account() -> Account {
    Account { uid: Uid::new("alice"), device_id: "phone".into() }
}

fn log(tail: u64) -> ChannelLog {
    let covered = SeqRange::from_u64(1, tail).into_iter().collect();
    ChannelLog { covered, tail: seq(tail), ..ChannelLog::default() }
}

/// The group holds these rows, and all their names lead to them.
fn assert_unchanged(store: &mut dyn Store, kept: &[Message]) {
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), kept);
    for message in kept {
        assert_eq!(reader.message_by_id(message.message_id).unwrap().as_ref(), Some(message));
        let Message { channel, from_uid, client_msg_no, .. } = message;
        let by_number = reader.message_by_client_msg_no(channel, from_uid, client_msg_no).unwrap();
        assert_eq!(by_number.as_ref(), Some(message));
    }
}
