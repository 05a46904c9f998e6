//! What the tests of files share.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

mod nouns;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use wk_sqlite::store::model::{Account, ChannelId, Conversation, Direction, Message, OutboxEntry, Position};
use wk_sqlite::store::{ChannelLog, Insert, MessageScan, Store, StoreRead, StoreTx};

pub(crate) use nouns::{fill_nouns, fill_pending, read_nouns};

/// Every file of a directory with its bytes.
pub(crate) fn snapshot(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

/// A connection of somebody else.
pub(crate) fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

pub(crate) fn execute(path: &Path, sql: &str) {
    connect(path).batch_execute(sql).unwrap();
}

/// What SQLite says of a file: "ok" if it is whole.
pub(crate) fn integrity(path: &Path) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let row: Row = diesel::sql_query("PRAGMA integrity_check(1)").get_result(&mut connect(path)).unwrap();
    row.integrity_check
}

pub(crate) fn write<R>(store: &mut dyn Store, work: impl FnOnce(&mut dyn StoreTx) -> R) -> R {
    let mut tx = store.begin().unwrap();
    let result = work(&mut *tx);
    tx.commit().unwrap();
    result
}

pub(crate) fn insert(tx: &mut dyn StoreTx, message: &Message) -> Message {
    match tx.insert_message(message).unwrap() {
        Insert::Inserted(client_seq) => Message { client_seq, ..message.clone() },
        Insert::Clash(row) => panic!("clashes with {row:?}"),
    }
}

/// A scan of a whole channel.
pub(crate) fn whole(channel: &ChannelId) -> MessageScan<'_> {
    let (from, to) = (Position::MIN, Position::MAX);
    MessageScan { channel, from, to, direction: Direction::Newer, limit: u32::MAX, visible_only: false }
}

pub(crate) fn rows(read: &mut (impl StoreRead + ?Sized), channel: &ChannelId) -> Vec<Message> {
    read.scan_messages(&whole(channel)).unwrap()
}

/// Everything in a store that has these channels.
#[derive(Debug, PartialEq)]
pub(crate) struct Dump {
    messages: Vec<Vec<Message>>,
    logs: Vec<ChannelLog>,
    conversations: Vec<Conversation>,
    outbox: Vec<OutboxEntry>,
    account: Option<Account>,
    nouns: Vec<Vec<String>>,
}

pub(crate) fn dump(read: &mut dyn StoreRead, channels: &[ChannelId]) -> Dump {
    Dump {
        messages: channels.iter().map(|channel| rows(read, channel)).collect(),
        logs: channels.iter().map(|channel| read.channel_log(channel).unwrap()).collect(),
        conversations: read.conversations().unwrap(),
        outbox: read.outbox().unwrap(),
        account: read.account().unwrap(),
        nouns: channels.iter().map(|channel| read_nouns(read, channel).unwrap()).collect(),
    }
}
