//! Files with values or bytes that nobody wrote: errors, never a panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::path::Path;

use common::{execute, fill_nouns, fill_pending, insert, read_nouns, whole, write};
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{
    Account, ClientSeq, Conversation, MessageSeq, Ordering, OutboxEntry, OutboxState, SeqRange, UnixMillis,
};
use wk_sqlite::store::{ChannelLog, Store, StoreError, StoreRead};
use wk_testing::{MessageFactory, alice, bob, direct, group};

/// A closed store with something in every table.
fn make_store(path: &Path, messages: u64) {
    let mut store = SqliteStore::open(path).unwrap();
    let factories = [MessageFactory::new(group(), bob()), MessageFactory::new(direct(&bob()), alice())];
    write(&mut store, |tx| {
        fill_nouns(tx, &group());
        fill_pending(tx, &group());
        tx.set_account(&Account { uid: alice(), device_id: "phone".into() }).unwrap();
        for factory in &factories {
            (1..=messages).for_each(|seq| drop(insert(tx, &factory.server(seq))));
            let channel = factory.server(1).channel;
            let covered = SeqRange::from_u64(1, messages).into_iter().collect();
            let log = ChannelLog { covered, tail: MessageSeq::new(messages), ..ChannelLog::default() };
            tx.set_channel_log(&channel, &log).unwrap();
            tx.put_conversation(&Conversation::new(channel.clone())).unwrap();
            let (client_seq, state, queued_at) =
                (ClientSeq::new(1), OutboxState::Sent(1), UnixMillis::new(0));
            let (ordering, failures) = (Ordering::InOrder, 0);
            let entry = OutboxEntry { client_seq, channel, state, ordering, queued_at, failures };
            tx.put_outbox(&entry).unwrap();
        }
    });
}

/// Everything one can read. The first error ends it.
fn read_everything(read: &mut dyn StoreRead) -> Result<(), StoreError> {
    read.account()?;
    for channel in [group(), direct(&bob())] {
        read.scan_messages(&whole(&channel))?;
        read.message_by_seq(&channel, MessageSeq::new(1))?;
        read.channel_log(&channel)?;
        read.conversation(&channel)?;
    }
    read.message(ClientSeq::new(1))?;
    read.tails()?;
    read.conversations()?;
    read.conversations_with_read_unsent()?;
    read.outbox()?;
    read_nouns(read, &group())?;
    Ok(())
}

#[test]
fn values_without_a_meaning_are_corrupt() {
    let damages = [
        ("message status", "UPDATE message SET flags = 34"),
        ("visibility", "UPDATE message SET hidden = 9"),
        ("visibility", "UPDATE message SET hidden = 300"),
        ("content type", "UPDATE message SET content_type = 1 << 40"),
        ("expire", "UPDATE message SET expire = -1"),
        ("message seq", "PRAGMA ignore_check_constraints = ON; UPDATE message SET seq = -seq"),
        ("local index", "PRAGMA ignore_check_constraints = ON; UPDATE message SET local_index = 1 << 32"),
        ("user number", "UPDATE message SET sender = 99"),
        ("channel type", "UPDATE channel SET channel_type = 256"),
        ("covered range", "UPDATE channel SET covered = '5-3'"),
        ("tail", "PRAGMA ignore_check_constraints = ON; UPDATE channel SET tail = -1"),
        ("cleared seq", "PRAGMA ignore_check_constraints = ON; UPDATE channel SET cleared_to = -1"),
        ("channel number", "UPDATE outbox SET channel = 99"),
        ("outbox state", "PRAGMA ignore_check_constraints = ON; UPDATE outbox SET state = 3"),
        ("attempts", "PRAGMA ignore_check_constraints = ON; UPDATE outbox SET attempts = -1"),
        ("failures", "PRAGMA ignore_check_constraints = ON; UPDATE outbox SET failures = -1"),
        ("last seq", "PRAGMA ignore_check_constraints = ON; UPDATE conversation SET last_seq = -1"),
        ("read seq", "PRAGMA ignore_check_constraints = ON; UPDATE conversation SET read_to = -1"),
        ("channel status", "UPDATE channel_info SET status = 1 << 40"),
        ("device flag", "UPDATE channel_info SET device_flag = 256"),
        ("member status", "UPDATE member SET status = 1 << 40"),
        ("shift of a list", "UPDATE conversation_extra SET pending_keep_offset = 1 << 40"),
        ("read count", "UPDATE message_extra SET read_count = 1 << 32"),
        ("reaction seq", "PRAGMA ignore_check_constraints = ON; UPDATE reaction SET seq = -1"),
        ("kind of a reminder", "UPDATE reminder SET kind = 1 << 40"),
        ("channel number", "UPDATE receipt SET channel = 99"),
        ("kind of an action", "UPDATE pending_action SET kind = 99"),
        ("deleted seq", "PRAGMA ignore_check_constraints = ON; UPDATE conversation SET deleted_to = -1"),
        ("status of a robot", "UPDATE robot SET status = 1 << 40"),
        ("cursor", "PRAGMA ignore_check_constraints = ON; UPDATE cursor SET value = -1"),
        ("own seq", "PRAGMA ignore_check_constraints = ON; UPDATE conversation SET own_seq = -1"),
    ];
    for (what, damage) in damages {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wk.db");
        make_store(&path, 3);
        execute(&path, &format!("PRAGMA foreign_keys = OFF; {damage}"));
        let mut store = SqliteStore::open(&path).unwrap();
        // Every part that is not damaged can be read, so some readings fail and others do not.
        let mut found = Vec::new();
        let mut reader = store.reader().unwrap();
        let mut note = |result: Result<(), StoreError>| match result {
            Err(StoreError::Corrupt { what, .. }) => found.push(what),
            Err(other) => panic!("{damage}: {other}"),
            Ok(()) => {}
        };
        note(reader.scan_messages(&whole(&group())).map(drop));
        note(reader.message(ClientSeq::new(1)).map(drop));
        note(reader.channel_log(&group()).map(drop));
        note(reader.tails().map(drop));
        note(reader.conversations().map(drop));
        note(reader.outbox().map(drop));
        note(read_nouns(&mut *reader, &group()).map(drop));
        assert!(found.contains(&what), "{damage}: {found:?}");
        // Such a finding spoils no transaction.
        let mut tx = store.begin().unwrap();
        let _ = read_everything(&mut *tx);
        tx.commit().unwrap();
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    make_store(&path, 40);
    let sound = fs::read(&path).unwrap();
    let mut dice = Dice(7);
    let mut errors = 0;
    for round in 0..300 {
        let mut bytes = sound.clone();
        for _ in 0..1 << (round % 6) {
            let at = dice.roll(bytes.len());
            bytes[at] = dice.roll(256) as u8;
        }
        // The log of the round before belongs to other bytes.
        for entry in fs::read_dir(directory.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        fs::write(&path, &bytes).unwrap();
        let result = SqliteStore::open(&path).and_then(|mut store| {
            read_everything(&mut *store.reader()?)?;
            let mut tx = store.begin()?;
            tx.insert_message(&MessageFactory::new(group(), bob()).server(1000))?;
            tx.remove_messages_from(&group(), MessageSeq::new(1))?;
            tx.commit()
        });
        errors += usize::from(result.is_err());
    }
    assert!((30..300).contains(&errors), "{errors} of 300 were noticed");
}

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}
