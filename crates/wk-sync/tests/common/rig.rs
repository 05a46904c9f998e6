//! One engine over a memory store, driven as its contract says, with a clock that the test turns.

use std::time::Duration;

use wk_sync::store::model::{
    ChannelId, Conversation, Direction, Instant, Message, Now, OutboxEntry, Position, Uid, UnixMillis,
};
use wk_sync::store::{ChannelLog, MemoryStore, MessageScan, Store, StoreReader};
use wk_sync::{Config, Engine, EngineError, Input, Output};

use super::prng::entropy;

pub const ALICE: &str = "alice";

/// Where the wall clock stands when a test begins.
pub const EPOCH_MS: i64 = 1_700_000_000_000;

pub struct Rig {
    pub engine: Engine,
    pub store: MemoryStore,
    pub config: Config,
    pub now: Instant,
    /// Local wall clock minus the true one.
    pub skew_ms: i64,
    seed: u64,
    /// Timeouts in a row that left a deadline behind the clock.
    spins: u32,
}

impl Rig {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, Config::new(Uid::new(ALICE)), MemoryStore::new()).unwrap()
    }

    pub fn with(seed: u64, config: Config, mut store: MemoryStore) -> Result<Self, EngineError> {
        let engine = load(seed, &config, &mut store)?;
        Ok(Self { engine, store, config, now: Instant::default(), skew_ms: 0, seed, spins: 0 })
    }

    /// The true time.
    pub fn unix_ms(&self) -> i64 {
        EPOCH_MS + i64::try_from(self.now.since_zero().as_millis()).unwrap()
    }

    pub fn clocks(&self) -> Now {
        Now { instant: self.now, unix: UnixMillis::new(self.unix_ms() + self.skew_ms) }
    }

    /// One transaction over these inputs, and after its commit the outputs.
    pub fn run(&mut self, inputs: impl IntoIterator<Item = Input>) -> Vec<Output> {
        self.commit(inputs);
        std::iter::from_fn(|| self.engine.poll_output()).collect()
    }

    /// The process dies between the commit and the outputs.
    pub fn run_and_crash(&mut self, inputs: impl IntoIterator<Item = Input>) {
        self.commit(inputs);
        self.restart();
    }

    /// The commit fails: nothing is written, and the engine is dropped with its outputs.
    pub fn run_and_fail(&mut self, inputs: impl IntoIterator<Item = Input>) {
        let now = self.clocks();
        let mut tx = self.store.begin().unwrap();
        for input in inputs {
            self.engine.handle(now, input, &mut *tx).unwrap();
        }
        drop(tx);
        self.restart();
    }

    /// A new engine over what the store holds.
    pub fn restart(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        self.engine = load(self.seed, &self.config, &mut self.store).unwrap();
    }

    /// The time until the engine wants to be called, if it does within `wait`; the clock is turned that far.
    pub fn sleep(&mut self, wait: Duration) -> bool {
        let end = self.now + wait;
        match self.engine.poll_timeout() {
            Some(at) if at <= end => {
                self.now = self.now.max(at);
                true
            }
            _ => {
                self.now = end;
                false
            }
        }
    }

    pub fn reader(&self) -> Box<dyn StoreReader> {
        self.store.reader().unwrap()
    }

    /// All rows of a channel, hidden ones too, ascending.
    pub fn rows(&self, channel: &ChannelId) -> Vec<Message> {
        let all = MessageScan {
            channel,
            from: Position::MIN,
            to: Position::MAX,
            direction: Direction::Newer,
            limit: u32::MAX,
            visible_only: false,
        };
        self.reader().scan_messages(&all).unwrap()
    }

    pub fn log(&self, channel: &ChannelId) -> ChannelLog {
        self.reader().channel_log(channel).unwrap()
    }

    pub fn conversation(&self, channel: &ChannelId) -> Option<Conversation> {
        self.reader().conversation(channel).unwrap()
    }

    pub fn outbox(&self) -> Vec<OutboxEntry> {
        self.reader().outbox().unwrap()
    }

    fn commit(&mut self, inputs: impl IntoIterator<Item = Input>) {
        let now = self.clocks();
        let mut tx = self.store.begin().unwrap();
        let mut timeout = false;
        for input in inputs {
            timeout |= matches!(input, Input::Timeout);
            self.engine.handle(now, input, &mut *tx).unwrap();
        }
        tx.commit().unwrap();
        if timeout {
            let next = self.engine.poll_timeout();
            let passes = next.is_none_or(|at| at > self.now);
            self.spins = if passes { 0 } else { self.spins + 1 };
            assert!(self.spins < 4, "a deadline that does not pass: the driver would spin");
        }
    }
}

fn load(seed: u64, config: &Config, store: &mut MemoryStore) -> Result<Engine, EngineError> {
    let mut tx = store.begin().unwrap();
    let engine = Engine::load(config.clone(), entropy(seed), &mut *tx)?;
    tx.commit().unwrap();
    Ok(engine)
}
