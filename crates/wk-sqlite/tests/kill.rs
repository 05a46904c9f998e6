//! A process that is killed at any moment: all that it was told is committed is there, and nothing half.
//!
//! The test starts itself as another process, which writes transactions and says which are committed, and kills it.
//! Afterwards the file must equal a memory store after the same transactions. `WK_LONG=1` kills 200 times instead of
//! 30; `WK_SEED` repeats the throws of a run (not the timing of processes).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, hint};

use common::{dump, fill_nouns, insert, integrity, write};
use wk_sqlite::SqliteStore;
use wk_sqlite::store::model::{
    Account, ChannelId, ClientSeq, Conversation, Message, MessageSeq, Ordering, OutboxEntry, OutboxState,
    SearchQuery, SeqRange, UnixMillis,
};
use wk_sqlite::store::{MemoryStore, Store, StoreRead, StoreTx};
use wk_testing::{MessageFactory, alice, bob, carol, direct, group};

const CHILD: &str = "WK_KILL_CHILD";
const TEST: &str = "everything_acknowledged_survives_and_nothing_is_half";

#[test]
fn everything_acknowledged_survives_and_nothing_is_half() {
    if let Some(path) = env::var_os(CHILD) {
        write_until_killed(Path::new(&path));
    }
    let seed = env::var("WK_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one("seed"));
    println!("WK_SEED={seed}");
    let mut dice = Dice(seed);
    let files = if env::var_os("WK_LONG").is_some() { 20 } else { 3 };
    for _ in 0..files {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("wk.db");
        let mut model = MemoryStore::new();
        let mut modelled = 0;
        for round in 0..10 {
            let acknowledged = run_and_kill(&path, dice.roll(30), dice.roll(300_000)).max(modelled);
            // What is committed may not have been said yet.
            let mut store = SqliteStore::open(&path).unwrap();
            let committed = committed(&mut *store.reader().unwrap());
            assert!(
                committed == acknowledged || committed == acknowledged + 1,
                "round {round}: said {acknowledged}, there are {committed}"
            );
            (modelled + 1..=committed).for_each(|number| write(&mut model, |tx| transaction(tx, number)));
            modelled = committed;
            let mut sqlite = store.begin().unwrap();
            assert!(
                dump(&mut *sqlite, &channels()) == dump(&mut *model.reader().unwrap(), &channels()),
                "round {round}: not equal"
            );
            // Whatever was indexed, searches find what is there.
            let query = SearchQuery::new("42", UnixMillis::new(0)).limit(1000);
            let hits = sqlite.search_messages(&query).unwrap();
            assert!(
                hits == model.reader().unwrap().search_messages(&query).unwrap(),
                "round {round}: searches"
            );
            drop(sqlite);
            drop(store);
            assert_eq!(integrity(&path), "ok");
        }
        println!("{modelled} transactions");
    }
}

/// Starts the other process, waits for some acknowledgements and a little longer, and kills it. Says the last one.
fn run_and_kill(path: &Path, acknowledgements: u64, spins: u64) -> u64 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The harness writes to the same pipe, at times into the same line.
    let mut numbers = lines.filter_map(|line| line.rsplit_once("committed ")?.1.parse().ok());
    let mut last = None;
    for _ in 0..acknowledgements {
        last = numbers.next();
        assert!(last.is_some(), "the other process ended by itself");
    }
    (0..spins).for_each(|_| hint::spin_loop());
    child.kill().unwrap();
    child.wait().unwrap();
    numbers.last().or(last).unwrap_or(0)
}

fn write_until_killed(path: &Path) -> ! {
    let mut store = SqliteStore::open(path).unwrap();
    let mut number = committed(&mut *store.reader().unwrap());
    loop {
        number += 1;
        write(&mut store, |tx| transaction(tx, number));
        let mut out = std::io::stdout();
        writeln!(out, "committed {number}").and_then(|()| out.flush()).unwrap();
    }
}

fn channels() -> [ChannelId; 3] {
    [group(), direct(&bob()), direct(&carol())]
}

/// Something for every table, and a different mix for every number.
fn transaction(tx: &mut dyn StoreTx, number: u64) {
    tx.set_account(&Account { uid: alice(), device_id: "phone".into() }).unwrap();
    let channel = &channels()[number as usize % 3];
    let factory = MessageFactory::new(channel.clone(), bob());
    let mut log = tx.channel_log(channel).unwrap();
    let mut written = Vec::new();
    for _ in 0..=number % 7 {
        log.tail = log.tail.next().unwrap();
        let message = Message { topic: number.to_string(), ..factory.server(log.tail.get()) };
        written.push(insert(tx, &message));
    }
    log.covered.insert(SeqRange::new(written[0].message_seq(), log.tail).unwrap());
    tx.set_channel_log(channel, &log).unwrap();
    let last_seq = MessageSeq::new(number);
    let timestamp = UnixMillis::new(i64::try_from(number).unwrap());
    tx.put_conversation(&Conversation { last_seq, timestamp, ..Conversation::new(channel.clone()) }).unwrap();
    let (client_seq, queued_at) = (written[0].client_seq, UnixMillis::new(0));
    tx.put_outbox(&OutboxEntry {
        client_seq,
        channel: channel.clone(),
        state: OutboxState::Sent(1),
        ordering: Ordering::Relaxed,
        queued_at,
        failures: 1,
    })
    .unwrap();
    let earlier = ClientSeq::new(client_seq.get() / 2);
    if let Some(row) = tx.message(earlier).unwrap() {
        tx.update_message(&Message { expire: row.expire + 1, payload: vec![0; 5000].into(), ..row }).unwrap();
        tx.remove_outbox(earlier).unwrap();
    }
    if number == 5 {
        fill_nouns(tx, &channels()[0]);
    }
    if number.is_multiple_of(11) {
        assert!(tx.remove_message(client_seq).unwrap());
    }
    // Never all, so that a kill meets rows in the index, rows that are not, and rows that changed since.
    tx.index_messages((number % 7) as u32).unwrap();
}

/// The number of the last transaction.
fn committed(read: &mut dyn StoreRead) -> u64 {
    read.conversations().unwrap().iter().map(|one| one.last_seq.get()).max().unwrap_or(0)
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}
