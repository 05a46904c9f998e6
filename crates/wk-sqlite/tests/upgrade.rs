//! Files of every schema there ever was open with everything in them.
//!
//! `WK_WRITE_SCHEMA_FILE=1` writes the file of the present schema instead, once, when a migration is added. Files of
//! older schemas are never written again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::path::Path;
use std::{env, fs};

use bytes::Bytes;
use common::{connect, dump, fill_nouns, fill_pending, insert, integrity, write};
use diesel::connection::SimpleConnection;
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{
    Account, ChannelId, ClientMsgNo, ClientSeq, ContentType, Conversation, Message, MessageHeader, MessageId,
    MessageLocal, MessageSeq, MessageStatus, Ordering, OutboxEntry, OutboxState, Position, ReasonCode,
    SearchQuery, SeqRange, Setting, Uid, UnixMillis, Visibility,
};
use wk_sqlite::store::{ChannelLog, MemoryStore, Store, StoreTx};

fn channels() -> [ChannelId; 2] {
    [ChannelId::group("climbers"), ChannelId::person("bob")]
}

/// What is in the file of schema 1. It must not change: the file is stored.
fn fill_1(tx: &mut dyn StoreTx) {
    let [climbers, bob] = channels();
    tx.set_account(&Account { uid: Uid::new("alice"), device_id: "phone".into() }).unwrap();
    let received = Message {
        client_seq: ClientSeq::NONE,
        message_id: MessageId::new(1_745_678_901_234_567_168),
        position: Position::server(MessageSeq::new(5_000_000_000)),
        client_msg_no: ClientMsgNo::new("a-1"),
        channel: climbers.clone(),
        from_uid: Uid::new("bob"),
        timestamp: UnixMillis::new(1_705_037_257_856),
        header: MessageHeader { no_persist: false, red_dot: true, sync_once: false },
        setting: Setting::RECEIPT,
        topic: "weekend".into(),
        expire: 86_400,
        content_type: ContentType::TEXT,
        payload: "{\"type\":1,\"content\":\"你好\"}".into(),
        status: MessageStatus::Sent,
        reason_code: None,
        visibility: Visibility::Visible,
    };
    let hidden = Message {
        message_id: MessageId::new(7),
        position: Position::server(MessageSeq::new(5_000_000_001)),
        client_msg_no: ClientMsgNo::new(""),
        content_type: ContentType::COMMAND,
        visibility: Visibility::Hidden,
        ..received.clone()
    };
    let refused = Message {
        message_id: MessageId::ZERO,
        position: Position { seq: MessageSeq::new(3), index: 1 },
        channel: bob.clone(),
        from_uid: Uid::new("alice"),
        status: MessageStatus::Failed,
        reason_code: Some(ReasonCode::new(4)),
        ..received.clone()
    };
    let waiting = Message {
        position: Position { seq: MessageSeq::new(3), index: 2 },
        client_msg_no: ClientMsgNo::new("a-2"),
        status: MessageStatus::Sending,
        reason_code: None,
        payload: vec![0, 255, 254].into(),
        ..refused.clone()
    };
    let deleted = Message {
        position: Position { seq: MessageSeq::new(3), index: 3 },
        client_msg_no: ClientMsgNo::new("a-3"),
        visibility: Visibility::Deleted,
        ..waiting.clone()
    };
    let [.., waiting, _] = [received, hidden, refused, waiting, deleted].map(|message| insert(tx, &message));
    let covered = [(1, 20), (4_999_999_990, 5_000_000_001)];
    let covered = covered.iter().filter_map(|(first, last)| SeqRange::from_u64(*first, *last)).collect();
    let (tail, cleared_to) = (MessageSeq::new(5_000_000_001), MessageSeq::new(2));
    tx.set_channel_log(&climbers, &ChannelLog { covered, tail, cleared_to, ..ChannelLog::default() })
        .unwrap();
    for (channel, read_unsent) in [(climbers, true), (bob.clone(), false)] {
        let conversation = Conversation {
            last_seq: MessageSeq::new(5_000_000_001),
            read_to: MessageSeq::new(12),
            own_seq: MessageSeq::new(3),
            timestamp: UnixMillis::new(1_705_037_257_856),
            read_unsent,
            ..Conversation::new(channel)
        };
        tx.put_conversation(&conversation).unwrap();
    }
    let (state, queued_at) = (OutboxState::Sent(2), UnixMillis::new(1_705_037_257_999));
    let (client_seq, ordering) = (waiting.client_seq, Ordering::InOrder);
    let entry = OutboxEntry { client_seq, channel: bob, state, ordering, queued_at, failures: 0 };
    tx.put_outbox(&entry).unwrap();
}

/// A text's bytes as they were when the files were written.
fn say(text: &str) -> Bytes {
    format!("{{\"content\":\"{text}\",\"type\":1}}").into()
}

/// What is in the file of schema 2, which brought the index for searches.
fn fill_2(tx: &mut dyn StoreTx) {
    fill_1(tx);
    let group = ChannelId::group("climbers");
    let row = tx.message_by_seq(&group, MessageSeq::new(5_000_000_000)).unwrap().unwrap();
    let position = Position::server(MessageSeq::new(7));
    let text = |text: &str, id| Message {
        message_id: MessageId::new(id),
        client_msg_no: ClientMsgNo::new(""),
        payload: say(text),
        position,
        ..row.clone()
    };
    let first = insert(tx, &text("你好 hello", 8));
    tx.update_message(&Message { client_seq: first.client_seq, ..text("再见", 8) }).unwrap();
    let gone = insert(tx, &Message { position: position.next(), ..text("你好", 9) });
    assert!(tx.remove_message(gone.client_seq).unwrap());
}

/// What is in the file of schema 3, which brought all nouns but messages.
fn fill_3(tx: &mut dyn StoreTx) {
    fill_2(tx);
    fill_nouns(tx, &channels()[0]);
}

/// What is in the file of schema 4, which brought what is done to a message before it is sent.
fn fill_4(tx: &mut dyn StoreTx) {
    fill_3(tx);
    let bob = ChannelId::person("bob");
    let row = tx.outbox().unwrap().remove(0);
    for (index, (state, status)) in [
        (OutboxState::Uploading, MessageStatus::Sending),
        (OutboxState::Cancelling(2), MessageStatus::Sending),
        (OutboxState::Ready, MessageStatus::Expired),
    ]
    .into_iter()
    .enumerate()
    {
        let message = tx.message(row.client_seq).unwrap().unwrap();
        let position = Position { index: 100 + index as u32, ..message.position };
        let client_msg_no = ClientMsgNo::new(format!("schema 4: {index}"));
        let Message { client_seq, .. } = insert(tx, &Message { position, client_msg_no, status, ..message });
        let ordering = Ordering::Relaxed;
        let entry = OutboxEntry { client_seq, channel: bob.clone(), state, ordering, ..row.clone() };
        tx.put_outbox(&entry).unwrap();
    }
}

/// What is in the file of schema 5, which indexes later.
fn fill_5(tx: &mut dyn StoreTx) {
    fill_4(tx);
    let group = ChannelId::group("climbers");
    let row = tx.message_by_seq(&group, MessageSeq::new(7)).unwrap().unwrap();
    let text = |seq, text: &str| Message {
        message_id: MessageId::new(seq as i64),
        payload: say(text),
        position: Position::server(MessageSeq::new(seq)),
        ..row.clone()
    };
    let indexed = insert(tx, &text(11, "再见"));
    tx.index_messages(100).unwrap();
    tx.update_message(&Message { payload: say("好了"), ..indexed }).unwrap();
    insert(tx, &text(12, "好了"));
}

/// What is in the file of schema 6, which brought what has still to be done, and deleted conversations.
fn fill_6(tx: &mut dyn StoreTx) {
    fill_5(tx);
    let [climbers, bob] = channels();
    fill_pending(tx, &climbers);
    let mut deleted = tx.conversation(&bob).unwrap().unwrap();
    deleted.deleted_to = Some(MessageSeq::new(5_000_000_000));
    tx.put_conversation(&deleted).unwrap();
}

/// What is in the file of schema 7, which counts how often getting a message out failed.
fn fill_7(tx: &mut dyn StoreTx) {
    fill_6(tx);
    let entry = tx.outbox().unwrap().remove(0);
    tx.put_outbox(&OutboxEntry { failures: 9, ..entry }).unwrap();
}

/// What is in the file of schema 8, which keeps the time of what was cleared.
fn fill_8(tx: &mut dyn StoreTx) {
    fill_7(tx);
    let log = tx.channel_log(&channels()[0]).unwrap();
    let cleared_at = UnixMillis::new(1_705_037_257_856);
    tx.set_channel_log(&channels()[0], &ChannelLog { cleared_at, ..log }).unwrap();
}

/// What is in the file of schema 9, which keeps something of the application's beside messages.
fn fill_9(tx: &mut dyn StoreTx) {
    fill_8(tx);
    let group = ChannelId::group("climbers");
    let row = tx.message_by_seq(&group, MessageSeq::new(5_000_000_000)).unwrap().unwrap();
    let local = MessageLocal { played: true, extra: "{\"a\":1}".into() };
    assert!(tx.set_message_local(row.client_seq, &local).unwrap().is_change());
}

type Fill = fn(&mut dyn StoreTx);

/// The files, the newest last.
const FILES: [(&str, Fill); 9] = [
    ("schema-1.sqlite", fill_1),
    ("schema-2.sqlite", fill_2),
    ("schema-3.sqlite", fill_3),
    ("schema-4.sqlite", fill_4),
    ("schema-5.sqlite", fill_5),
    ("schema-6.sqlite", fill_6),
    ("schema-7.sqlite", fill_7),
    ("schema-8.sqlite", fill_8),
    ("schema-9.sqlite", fill_9),
];

#[test]
fn old_files_open_with_everything_in_them() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    if env::var_os("WK_WRITE_SCHEMA_FILE").is_some() {
        let (name, fill) = FILES[FILES.len() - 1];
        write(&mut SqliteStore::open(data.join(name)).unwrap(), fill);
        connect(&data.join(name)).batch_execute("PRAGMA journal_mode = DELETE; VACUUM").unwrap();
    }
    for (name, fill) in FILES {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wk.db");
        fs::copy(data.join(name), &path).unwrap();
        let mut expected = MemoryStore::new();
        write(&mut expected, fill);
        let mut store = SqliteStore::open(&path).unwrap();
        let (mut found, mut expected) = (store.reader().unwrap(), expected.reader().unwrap());
        assert_eq!(dump(&mut *found, &channels()), dump(&mut *expected, &channels()), "{name}");
        // What was stored before there was an index is found, and then in it.
        for _ in 0..2 {
            let five = usize::from(name >= "schema-5.sqlite");
            // The nouns of schema 3 take one message back.
            let taken_back = usize::from(name > "schema-2.sqlite");
            let not_one = usize::from(name != "schema-1.sqlite");
            for (text, count) in
                [("你好", 2 - taken_back), ("再见", not_one), ("好了", 2 * five), ("nothing", 0)]
            {
                let query = SearchQuery::new(text, UnixMillis::new(1_705_037_257_856));
                let hits = found.search_messages(&query).unwrap();
                assert_eq!(hits.hits.len(), count, "{name}: {text}");
                assert_eq!(hits, expected.search_messages(&query).unwrap());
            }
            write(&mut store, |tx| assert_eq!(tx.index_messages(u32::MAX).unwrap(), 0));
        }
        drop((found, store));
        assert_eq!(integrity(&path), "ok");
    }
}
