//! The store on SQLite against raw statements on the same file, in one run: pages, inserts, searches, lists.
//!
//! `cargo bench --bench store` prints a table with the bars that a change must keep; the names of parts (pages, growth,
//! inserts, searches, lists, opening) measure only those, and WK_BENCH_DIR keeps the files for the next run. Without
//! `--bench` (as `cargo test` runs it) everything is done on a small file, a few times.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod raw;
mod table;
mod texts;

use std::path::{Path, PathBuf};

use raw::Raw;
use table::{Samples, Table, turns};
use texts::{Dice, FOUR, TWO};
use wk_sqlite::SqliteStore;
use wk_store::model::{
    ChannelId, Conversation, Direction, Message, MessageSeq, Position, SearchQuery, Uid, UnixMillis,
    UtcOffset, text_payload,
};
use wk_store::{Insert, MessageFilter, MessageScan, Store, StoreReader};
use wk_testing::{MessageFactory, bob};

type Part<'a> = &'a dyn Fn(&mut Table);

const CHANNELS: u64 = 10;
const PAGE: u32 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let full = arguments.iter().any(|argument| argument == "--bench");
    let (rows, rounds) = if full { (1_000_000, 5000) } else { (10_000, 20) };
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("WK_BENCH_DIR").map(PathBuf::from);
    let directory = kept.as_deref().unwrap_or_else(|| temporary.path());
    let (large, small) = (directory.join("large.db"), directory.join("small.db"));
    for (path, rows) in [(&large, rows), (&small, rows / 100)] {
        if !path.exists() {
            build(path, rows);
        }
    }
    println!(
        "{rows} messages in {CHANNELS} channels, {} MB",
        std::fs::metadata(&large).unwrap().len() / 1_000_000
    );
    let mut table = Table::new();
    let parts: [(&str, Part<'_>); 6] = [
        ("pages", &|table| pages(table, &large, rows, rounds)),
        ("growth", &|table| growth(table, [&small, &large], rows, rounds)),
        ("inserts", &|table| inserts(table, temporary.path(), rounds)),
        ("searches", &|table| searches(table, &large, rounds)),
        ("lists", &|table| lists(table, &large, rows, rounds)),
        ("opening", &|table| opening(table, &large)),
    ];
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let all = !parts.iter().any(|(name, _)| asked(name));
    for (name, part) in parts {
        if all || asked(name) {
            part(&mut table);
        }
    }
    table.end();
}

/// Ten long channels whose messages came in turns, as they do, 990 with one message, and all of it indexed.
fn build(path: &Path, rows: u64) {
    let mut store = SqliteStore::open(path).unwrap();
    let mut dice = Dice(2);
    let factories: Vec<_> = (0..CHANNELS).map(|n| MessageFactory::new(long(n), bob())).collect();
    let seqs: Vec<u64> = (1..=rows / CHANNELS).collect();
    for chunk in seqs.chunks(1000) {
        let mut tx = store.begin().unwrap();
        for seq in chunk {
            for factory in &factories {
                let sender = if dice.roll(5000) == 0 { Uid::new("rare") } else { bob() };
                let payload = text_payload(&texts::chinese(&mut dice));
                let message = Message { payload, from_uid: sender, ..factory.server(*seq) };
                assert!(matches!(tx.insert_message(&message).unwrap(), Insert::Inserted(_)));
            }
        }
        tx.commit().unwrap();
    }
    let mut tx = store.begin().unwrap();
    (0..CHANNELS).for_each(|n| tx.put_conversation(&Conversation::new(long(n))).unwrap());
    for n in CHANNELS..1000 {
        let channel = ChannelId::person(format!("person-{n}"));
        let message = MessageFactory::new(channel.clone(), bob()).server(1);
        assert!(matches!(tx.insert_message(&message).unwrap(), Insert::Inserted(_)));
        tx.put_conversation(&Conversation::new(channel)).unwrap();
    }
    tx.commit().unwrap();
    while store.maintain().unwrap() {}
}

fn long(n: u64) -> ChannelId {
    ChannelId::group(format!("group-{n}"))
}

fn page(reader: &mut dyn StoreReader, channel: &ChannelId, to: Position) {
    let (from, direction) = (Position::MIN, Direction::Older);
    let scan = MessageScan { channel, from, to, direction, limit: PAGE, visible_only: true };
    assert_eq!(reader.scan_messages(&scan).unwrap().len(), PAGE as usize);
}

/// A seq with a page below it.
fn anchor(dice: &mut Dice, rows: u64) -> u64 {
    u64::from(PAGE) + dice.roll(rows / CHANNELS - u64::from(PAGE))
}

fn pages(table: &mut Table, path: &Path, rows: u64, rounds: usize) {
    let store = SqliteStore::open(path).unwrap();
    let (mut reader, raw) = (store.reader().unwrap(), Raw::open(path));
    let channels: Vec<_> = (0..CHANNELS).map(|n| (long(n), raw.channel(&long(n)))).collect();
    for newest in [false, true] {
        let (mut dice, mut same_dice) = (Dice(1), Dice(1));
        let [ours, theirs] = turns(
            rounds,
            |samples| {
                let channel = &channels[dice.roll(CHANNELS) as usize].0;
                let last = anchor(&mut dice, rows);
                let to = if newest { Position::MAX } else { Position::server(MessageSeq::new(last)) };
                samples.time(|| page(&mut *reader, channel, to));
            },
            |samples| {
                let channel = channels[same_dice.roll(CHANNELS) as usize].1;
                let last = anchor(&mut same_dice, rows) as i64;
                let last = if newest { i64::MAX } else { last };
                samples.time(|| assert_eq!(raw.page(channel, last), PAGE as usize));
            },
        );
        let name = if newest { "newest page of 20" } else { "page of 20 at a random anchor" };
        for percent in [50, 99] {
            let bar = Some(1.8).filter(|_| percent == 50);
            table.ratio(
                &format!("{name}, p{percent}"),
                ours.percentile(percent),
                theirs.percentile(percent),
                bar,
            );
        }
    }
}

/// A page of the small file and one of the large.
fn growth(table: &mut Table, paths: [&Path; 2], rows: u64, rounds: usize) {
    let stores = paths.map(|path| SqliteStore::open(path).unwrap());
    let [mut small, mut large] = stores.each_ref().map(|store| store.reader().unwrap());
    let (mut dice, mut other_dice) = (Dice(3), Dice(3));
    let [small, large] = turns(
        rounds,
        |samples| {
            let (channel, last) = (long(dice.roll(CHANNELS)), anchor(&mut dice, rows / 100));
            samples.time(|| page(&mut *small, &channel, Position::server(MessageSeq::new(last))));
        },
        |samples| {
            let (channel, last) = (long(other_dice.roll(CHANNELS)), anchor(&mut other_dice, rows));
            samples.time(|| page(&mut *large, &channel, Position::server(MessageSeq::new(last))));
        },
    );
    let name = format!("page of {rows} rows against one of {}", rows / 100);
    table.ratio(&name, large.percentile(50), small.percentile(50), Some(1.3));
    // What of it is SQLite's: more levels in the trees, and rows of a page that lie in more places.
    let raw = paths.map(Raw::open);
    let [small, large] = raw.each_ref().map(|raw| {
        let channels: Vec<_> = (0..CHANNELS).map(|n| raw.channel(&long(n))).collect();
        (raw, channels)
    });
    let (mut dice, mut other_dice) = (Dice(3), Dice(3));
    let page = |(raw, channels): &(&Raw, Vec<i64>), dice: &mut Dice, rows, samples: &mut Samples| {
        let (channel, last) = (channels[dice.roll(CHANNELS) as usize], anchor(dice, rows) as i64);
        samples.time(|| assert_eq!(raw.page(channel, last), PAGE as usize));
    };
    let [small, large] = turns(
        rounds,
        |samples| page(&small, &mut dice, rows / 100, samples),
        |samples| page(&large, &mut other_dice, rows, samples),
    );
    table.ratio("the same by raw statements", large.percentile(50), small.percentile(50), None);
}

fn inserts(table: &mut Table, directory: &Path, rounds: usize) {
    for size in [1, 100, 1000_u64] {
        let [ours, theirs] = ["ours", "raw"].map(|name| directory.join(format!("{name}-{size}.db")));
        let mut store = SqliteStore::open(&ours).unwrap();
        let factory = MessageFactory::new(long(0), bob());
        // Both files have the schema, the channel, the sender, and some rows.
        for path in [&ours, &theirs] {
            insert(&mut SqliteStore::open(path).unwrap(), &texts::messages(&factory, 1, 20_000));
        }
        let raw = Raw::open(&theirs);
        let (channel, sender) = (raw.channel(&long(0)), raw.number("SELECT id FROM user", []));
        let rounds = match size {
            1 => rounds,
            100 => rounds / 10,
            _ => rounds / 50,
        }
        .max(2);
        let (mut seq, mut same_seq) = (20_000, 20_000);
        let [ours, theirs] = turns(
            rounds,
            |samples| {
                let messages = texts::messages(&factory, seq + 1, size);
                seq += size;
                samples.time(|| insert(&mut store, &messages));
            },
            |samples| {
                let messages = texts::messages(&factory, same_seq + 1, size);
                same_seq += size;
                samples.time(|| raw.insert(channel, sender, &messages));
            },
        );
        let rate = |samples: &Samples| size as f64 * 1e6 / samples.percentile(50);
        let bar = Some(0.7).filter(|_| size > 1);
        table.rate(&format!("insert in transactions of {size}"), rate(&ours), rate(&theirs), bar);
    }
}

fn insert(store: &mut SqliteStore, messages: &[Message]) {
    let mut tx = store.begin().unwrap();
    for message in messages {
        assert!(matches!(tx.insert_message(message).unwrap(), Insert::Inserted(_)));
    }
    tx.commit().unwrap();
}

fn searches(table: &mut Table, path: &Path, rounds: usize) {
    let store = SqliteStore::open(path).unwrap();
    let (mut reader, raw) = (store.reader().unwrap(), Raw::open(path));
    for (name, text, expression) in [
        ("rare word of two characters", TWO, "\"麒麟\""),
        ("rare word of four characters", FOUR, "\"凤凰\" AND \"凰涅\" AND \"涅槃\""),
    ] {
        let query = SearchQuery::new(text, UnixMillis::new(0)).limit(PAGE);
        let [ours, theirs] = turns(
            rounds / 50 + 2,
            |samples| drop(samples.time(|| reader.search_messages(&query).unwrap())),
            |samples| assert!(samples.time(|| raw.search(expression)) > 0),
        );
        let name = format!("first 20 hits of a {name}");
        table.ratio(&name, ours.percentile(50), theirs.percentile(50), None);
        table.time(&format!("{name}, p99"), ours.percentile(99), Some(50_000.0));
    }
    let one_channel = SearchQuery::new(TWO, UnixMillis::new(0)).channel(long(3));
    for (name, query) in [
        ("a rare word in one channel", one_channel),
        ("a frequent pair", SearchQuery::new("一丁", UnixMillis::new(0))),
        ("a frequent character", SearchQuery::new("一", UnixMillis::new(0))),
        ("an absent character", SearchQuery::new("龍", UnixMillis::new(0))),
    ] {
        let mut samples = Samples::new();
        for _ in 0..rounds / 250 + 2 {
            samples.time(|| reader.search_messages(&query).unwrap());
        }
        table.time(&format!("search of {name}"), samples.percentile(50), None);
    }
}

fn lists(table: &mut Table, path: &Path, rows: u64, rounds: usize) {
    let store = SqliteStore::open(path).unwrap();
    let (mut reader, raw) = (store.reader().unwrap(), Raw::open(path));
    let [ours, theirs] = turns(
        rounds / 50 + 2,
        |samples| samples.time(|| assert_eq!(reader.conversations().unwrap().len(), 1000)),
        |samples| samples.time(|| assert_eq!(raw.conversations(), 1000)),
    );
    table.ratio("list of 1000 conversations", ours.percentile(50), theirs.percentile(50), None);
    let (channel, days) = (long(1), UtcOffset::UTC);
    let mut samples = [(); 4].map(|()| Samples::new());
    let [rare, frequent, calendar, day] = &mut samples;
    let uids = [Uid::new("rare"), bob()];
    for _ in 0..rounds / 250 + 2 {
        for (uid, samples) in [(&uids[0], &mut *rare), (&uids[1], &mut *frequent)] {
            let filter = MessageFilter {
                channel: &channel,
                from_uid: Some(uid),
                content_types: &[],
                from: Position::MIN,
                to: Position::MAX,
                direction: Direction::Older,
                limit: PAGE,
            };
            samples.time(|| reader.filter_messages(&filter).unwrap());
        }
        let found = calendar.time(|| reader.message_days(&channel, days).unwrap());
        let last = found.last().unwrap().day;
        day.time(|| reader.first_message_of_day(&channel, last, days).unwrap().unwrap());
    }
    let rows = rows / CHANNELS;
    for (name, samples) in
        ["20 of a rare sender", "20 of a frequent sender", "calendar", "first of the last day"]
            .iter()
            .zip(&samples)
    {
        table.time(&format!("{name}, channel of {rows}"), samples.percentile(50), None);
    }
}

fn opening(table: &mut Table, path: &Path) {
    let mut samples = Samples::new();
    for _ in 0..20 {
        drop(samples.time(|| SqliteStore::open(path).unwrap()));
    }
    table.time("open the large file, p50 of 20", samples.percentile(50), Some(20_000.0));
    table.time("open the large file, slowest of 20", samples.percentile(100), None);
}
