//! The stores: pages of a long channel, and inserts in transactions of several sizes, per backend.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tempfile::TempDir;
use wk_sqlite::SqliteStore;
use wk_store::model::{ChannelId, Conversation, Direction, Message, MessageSeq, Position, SeqRange};
use wk_store::{ChannelLog, Insert, MemoryStore, MessageScan, Store, StoreTx};
use wk_testing::{MessageFactory, bob, group};

const PAGE: u32 = 20;
const CHANNELS: u64 = 10;

const BACKENDS: [&str; 2] = ["memory", "sqlite"];

/// A fresh store of a backend.
fn open(backend: &str, directory: &TempDir) -> Box<dyn Store> {
    match backend {
        "memory" => Box::new(MemoryStore::new()),
        _ => Box::new(SqliteStore::open(directory.path().join("bench.db")).unwrap()),
    }
}

fn insert(tx: &mut dyn StoreTx, message: &Message) {
    assert!(matches!(tx.insert_message(message).unwrap(), Insert::Inserted(_)));
}

/// Ten channels of `rows / 10` messages, whose messages came in turns, as they do.
fn fill(store: &mut dyn Store, rows: u64) -> Vec<ChannelId> {
    let channels: Vec<ChannelId> = (0..CHANNELS).map(|n| ChannelId::group(format!("group-{n}"))).collect();
    let factories: Vec<_> =
        channels.iter().map(|channel| MessageFactory::new(channel.clone(), bob())).collect();
    let seqs: Vec<u64> = (1..=rows / CHANNELS).collect();
    for chunk in seqs.chunks(1000) {
        let mut tx = store.begin().unwrap();
        for seq in chunk {
            factories.iter().for_each(|factory| insert(&mut *tx, &factory.server(*seq)));
        }
        tx.commit().unwrap();
    }
    let mut tx = store.begin().unwrap();
    channels.iter().for_each(|channel| tx.put_conversation(&Conversation::new(channel.clone())).unwrap());
    tx.commit().unwrap();
    channels
}

fn read(c: &mut Criterion) {
    let mut bench = c.benchmark_group("read");
    bench.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for rows in [100_000, 1_000_000] {
        for name in BACKENDS {
            let directory = tempfile::tempdir().unwrap();
            let mut store = open(name, &directory);
            let channels = fill(&mut *store, rows);
            let mut reader = store.reader().unwrap();
            let mut dice = Dice(1);
            bench.bench_function(BenchmarkId::new(format!("page of 20/{name}"), rows), |b| {
                b.iter(|| {
                    let channel = &channels[dice.roll(CHANNELS) as usize];
                    let last = u64::from(PAGE) + dice.roll(rows / CHANNELS - u64::from(PAGE));
                    let scan = MessageScan {
                        channel,
                        from: Position::MIN,
                        to: Position::server(MessageSeq::new(last)),
                        direction: Direction::Older,
                        limit: PAGE,
                        visible_only: true,
                    };
                    assert_eq!(reader.scan_messages(&scan).unwrap().len(), PAGE as usize);
                });
            });
            bench.bench_function(BenchmarkId::new(format!("newest page of 20/{name}"), rows), |b| {
                b.iter(|| {
                    let scan = MessageScan {
                        channel: &channels[dice.roll(CHANNELS) as usize],
                        from: Position::MIN,
                        to: Position::MAX,
                        direction: Direction::Older,
                        limit: PAGE,
                        visible_only: true,
                    };
                    assert_eq!(reader.scan_messages(&scan).unwrap().len(), PAGE as usize);
                });
            });
            bench.bench_function(BenchmarkId::new(format!("message by id/{name}"), rows), |b| {
                let factory = MessageFactory::new(channels[0].clone(), bob());
                let ids: Vec<_> = (1..=rows / CHANNELS).map(|seq| factory.server(seq).message_id).collect();
                b.iter(|| {
                    let id = ids[dice.roll(rows / CHANNELS) as usize];
                    assert!(reader.message_by_id(id).unwrap().is_some());
                });
            });
            bench.bench_function(BenchmarkId::new(format!("10 conversations/{name}"), rows), |b| {
                b.iter(|| assert_eq!(reader.conversations().unwrap().len(), CHANNELS as usize));
            });
        }
    }
}

fn write(c: &mut Criterion) {
    let mut bench = c.benchmark_group("insert");
    bench.measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500)).sample_size(20);
    for name in BACKENDS {
        for size in [1, 100, 1000] {
            let directory = tempfile::tempdir().unwrap();
            let mut store = open(name, &directory);
            let factory = MessageFactory::new(group(), bob());
            let mut seq = 0;
            bench.throughput(Throughput::Elements(size));
            bench.bench_function(BenchmarkId::new(format!("per transaction/{name}"), size), |b| {
                let next = || {
                    let first = seq + 1;
                    seq += size;
                    (first..=seq).map(|seq| factory.server(seq)).collect::<Vec<_>>()
                };
                let write = |messages: Vec<Message>| {
                    let mut tx = store.begin().unwrap();
                    messages.iter().for_each(|message| insert(&mut *tx, message));
                    tx.commit().unwrap();
                };
                b.iter_batched(next, write, BatchSize::PerIteration);
            });
        }
    }
    bench.finish();
}

/// What a live message changes: its row, the log, the conversation.
fn receive(c: &mut Criterion) {
    let mut bench = c.benchmark_group("receive");
    bench.measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500)).sample_size(20);
    let size = 100;
    for name in BACKENDS {
        let directory = tempfile::tempdir().unwrap();
        let mut store = open(name, &directory);
        let factory = MessageFactory::new(group(), bob());
        let mut seq = 0;
        bench.throughput(Throughput::Elements(size));
        bench.bench_function(BenchmarkId::new(name, size), |b| {
            let next = || {
                let first = seq + 1;
                seq += size;
                (first..=seq).map(|seq| factory.server(seq)).collect::<Vec<_>>()
            };
            let write = |messages: Vec<Message>| {
                let mut tx = store.begin().unwrap();
                for message in &messages {
                    insert(&mut *tx, message);
                    let tail = message.message_seq();
                    let covered = SeqRange::new(MessageSeq::FIRST, tail).into_iter().collect();
                    let log = ChannelLog { covered, tail, cleared_to: MessageSeq::ZERO };
                    tx.set_channel_log(&message.channel, &log).unwrap();
                    let conversation =
                        Conversation { last_seq: tail, ..Conversation::new(message.channel.clone()) };
                    tx.put_conversation(&conversation).unwrap();
                }
                tx.commit().unwrap();
            };
            b.iter_batched(next, write, BatchSize::PerIteration);
        });
    }
    bench.finish();
}

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

criterion_group!(benches, read, write, receive);
criterion_main!(benches);
