//! Searching: messages found in a million Chinese ones, and what the index costs their inserts.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wk_sqlite::SqliteStore;
use wk_store::model::{ChannelId, Message, SearchQuery, UnixMillis, text_payload};
use wk_store::{Insert, Store};
use wk_testing::{MessageFactory, bob};

const ROWS: u64 = 1_000_000;
const CHANNELS: u64 = 10;
/// How many characters a text has.
const LENGTH: u64 = 20;
/// How many different characters there are; some are frequent and most are rare, as in any language.
const CHARACTERS: u64 = 3000;
/// Stand in one of 20,000 texts, at random places, and nowhere else: the characters are not among the others.
const RARE: &str = "麒麟";
const RARER: &str = "凤凰涅槃";

fn text(dice: &mut Dice) -> String {
    let mut text: String = (0..LENGTH)
        .map(|_| {
            // The square makes low numbers frequent.
            let number = dice.roll(CHARACTERS) * dice.roll(CHARACTERS) / CHARACTERS;
            char::from_u32(0x4E00 + number as u32).unwrap()
        })
        .collect();
    for rare in [RARE, RARER] {
        if dice.roll(20_000) == 0 {
            text.push_str(rare);
        }
    }
    text
}

fn messages(dice: &mut Dice, seqs: impl Iterator<Item = u64>) -> Vec<Message> {
    let factories: Vec<_> =
        (0..CHANNELS).map(|n| MessageFactory::new(ChannelId::group(format!("group-{n}")), bob())).collect();
    let message = |seq: u64| Message {
        payload: text_payload(&text(dice)),
        ..factories[(seq % CHANNELS) as usize].server(seq / CHANNELS + 1)
    };
    seqs.map(message).collect()
}

fn insert(store: &mut SqliteStore, messages: &[Message]) {
    let mut tx = store.begin().unwrap();
    for message in messages {
        assert!(matches!(tx.insert_message(message).unwrap(), Insert::Inserted(_)));
    }
    tx.commit().unwrap();
}

fn write(c: &mut Criterion) {
    let mut bench = c.benchmark_group("insert Chinese");
    bench.measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500)).sample_size(20);
    for size in [1, 100, 1000] {
        let directory = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(directory.path().join("bench.db")).unwrap();
        let (mut dice, mut seq) = (Dice(1), 0);
        bench.throughput(Throughput::Elements(size));
        bench.bench_function(BenchmarkId::new("per transaction", size), |b| {
            let next = || {
                seq += size;
                messages(&mut dice, seq - size..seq)
            };
            b.iter_batched(next, |messages| insert(&mut store, &messages), BatchSize::PerIteration);
        });
    }
    bench.finish();
}

fn search(c: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(directory.path().join("bench.db")).unwrap();
    let mut dice = Dice(2);
    for first in (0..ROWS).step_by(1000) {
        insert(&mut store, &messages(&mut dice, first..first + 1000));
    }
    let mut reader = store.reader().unwrap();
    let mut bench = c.benchmark_group("first 20 hits in a million");
    bench.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500)).sample_size(20);
    let query = |text: &str| SearchQuery::new(text, UnixMillis::new(0));
    let one_channel = |text: &str| query(text).channel(ChannelId::group("group-3"));
    for (name, query, found) in [
        ("rare word of two", query(RARE), true),
        ("rare word of four", query(RARER), true),
        ("rare word of two in one channel", one_channel(RARE), false),
        ("frequent pair", query("一丁"), true),
        ("frequent character", query("一"), true),
        ("frequent and absent pair", query("一丁 龍龍"), false),
        ("absent character", query("龍"), false),
        ("rare words together", query("麒麟 凤凰涅槃"), false),
    ] {
        bench.bench_function(name, |b| {
            b.iter(|| {
                let page = reader.search_messages(&query).unwrap();
                assert!(!found || page.hits.len() == 20, "{}", page.hits.len());
            });
        });
    }
    bench.bench_function("counts of a rare word", |b| {
        b.iter(|| assert!(reader.search_counts(&query(RARE)).unwrap().channels.len() > 5));
    });
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

criterion_group!(benches, write, search);
criterion_main!(benches);
