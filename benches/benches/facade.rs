//! What an application waits for: a channel that is opened, the list of conversations. The client is on a large SQLite file.
//!
//! `cargo bench --bench facade` prints the times with the bars that a change must keep; WK_BENCH_DIR keeps the files for the
//! next run. Without `--bench` (as `cargo test` runs it) everything is done on small files, a few times.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wk_sqlite::SqliteStore;
use wk_store::model::{Channel, ChannelInfo, Conversation, Message, MessageSeq, SeqRange, text_payload};
use wk_store::{ChannelLog, ConversationOrder, Insert, Store, StoreTx};
use wk_testing::{MessageFactory, bob};
use wkim::{ChannelId, Client, PageQuery, TimelineItem, UnixMillis};

/// The usual length of a message.
const TEXT: &str = "the usual length of a message, which is some sixty letters long";

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let (messages, conversations, rounds) = if full { (1_000_000, 10_000, 300) } else { (10_000, 100, 3) };
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("WK_BENCH_DIR").map(PathBuf::from);
    let directory = kept.as_deref().unwrap_or_else(|| temporary.path());
    let (one, many) = (directory.join("one-channel.db"), directory.join("many-conversations.db"));
    if !one.exists() {
        build(&one, |store| one_channel(store, messages));
    }
    if !many.exists() {
        build(&many, |store| many_conversations(store, conversations));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        open_channel(&one, messages, rounds).await;
        list_conversations(&many, conversations, rounds / 3).await;
    });
}

fn build(path: &Path, fill: impl FnOnce(&mut SqliteStore)) {
    let mut store = SqliteStore::open(path).unwrap();
    fill(&mut store);
    while store.maintain().unwrap() {}
}

fn long() -> ChannelId {
    ChannelId::group("long")
}

fn insert(tx: &mut dyn StoreTx, message: Message) {
    let message = Message { payload: text_payload(TEXT), ..message };
    assert!(matches!(tx.insert_message(&message).unwrap(), Insert::Inserted(_)));
}

/// A channel of which everything is stored.
fn one_channel(store: &mut SqliteStore, messages: u64) {
    let factory = MessageFactory::new(long(), bob());
    for first in (1..=messages).step_by(10_000) {
        let mut tx = store.begin().unwrap();
        for seq in first..(first + 10_000).min(messages + 1) {
            insert(&mut *tx, factory.server(seq));
        }
        tx.commit().unwrap();
    }
    let (first, tail) = (MessageSeq::new(1), MessageSeq::new(messages));
    let mut tx = store.begin().unwrap();
    let covered = SeqRange::new(first, tail).into_iter().collect();
    tx.set_channel_log(&long(), &ChannelLog { covered, tail, ..ChannelLog::default() }).unwrap();
    let conversation = Conversation { last_seq: tail, read_to: tail, ..Conversation::new(long()) };
    tx.put_conversation(&conversation).unwrap();
    tx.commit().unwrap();
}

/// Conversations with some messages, whose channels have names.
fn many_conversations(store: &mut SqliteStore, conversations: u64) {
    let mut tx = store.begin().unwrap();
    for seq in 1..=5 {
        for number in 0..conversations {
            let channel = ChannelId::person(format!("person-{number}"));
            insert(&mut *tx, MessageFactory::new(channel, bob()).server(seq));
        }
    }
    for number in 0..conversations {
        let channel = ChannelId::person(format!("person-{number}"));
        let info = ChannelInfo { name: format!("Person {number}"), ..ChannelInfo::default() };
        tx.put_channel(&Channel { info, ..Channel::new(channel.clone()) }).unwrap();
        // In an order of time that is not the order of writing.
        let timestamp = UnixMillis::new((number * 7919 % conversations) as i64);
        let last_seq = MessageSeq::new(5);
        tx.put_conversation(&Conversation { timestamp, last_seq, ..Conversation::new(channel) }).unwrap();
    }
    tx.commit().unwrap();
}

/// A client that has never connected: all that it shows is stored.
fn offline(path: &Path) -> Client {
    let (client, runner) = Client::builder("alice").server("127.0.0.1:1").sqlite(path).build().unwrap();
    runner.spawn();
    client
}

async fn open_channel(path: &Path, messages: u64, rounds: usize) {
    let client = offline(path);
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        let timeline = client.messages().timeline(&long()).await.unwrap();
        let items = timeline.items();
        times.push(start.elapsed());
        let shown = items.iter().filter(|item| matches!(item, TimelineItem::Message(_))).count();
        assert_eq!(shown, 20);
        drop(timeline);
        // What closing it does is not a part of the next opening.
        client.messages().history(PageQuery::newest(long()).limit(1)).await.unwrap();
    }
    report(&format!("first 20 items of a channel of {messages}"), times, 1.0);
    client.shutdown().await.unwrap();
}

async fn list_conversations(path: &Path, conversations: u64, rounds: usize) {
    let client = offline(path);
    let (mut lists, mut live) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        let list = client.conversations().list().await.unwrap();
        lists.push(start.elapsed());
        assert_eq!(list.len() as u64, conversations);
        let start = Instant::now();
        let list = client.conversations().live(ConversationOrder::TopFirst).await.unwrap();
        live.push(start.elapsed());
        assert_eq!(list.items().len() as u64, conversations);
    }
    report(&format!("list of {conversations} conversations"), lists, 20.0);
    report(&format!("the same with names, kept up to date, of {conversations}"), live, 20.0);
    client.shutdown().await.unwrap();
}

/// The median, the slowest of a hundred, and the most that the median may be, in milliseconds.
fn report(what: &str, mut times: Vec<Duration>, bar: f64) {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let verdict = if at(50) <= bar { "ok" } else { "MISSED" };
    println!("{what:<50} p50 {:>8.3} ms   p99 {:>8.3} ms   p50 <= {bar} ms {verdict}", at(50), at(99));
}
