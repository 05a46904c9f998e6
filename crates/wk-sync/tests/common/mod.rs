//! What the tests of the engine share: an engine with a clock to turn, a model server, and a network between them.
#![allow(dead_code, unused_imports, reason = "each test binary uses its own part")]
#![allow(unreachable_pub, reason = "a module of a test binary")]

pub mod extras;
pub mod http;
pub mod list;
pub mod log;
pub mod lost_log;
pub mod prng;
pub mod pulls;
pub mod rig;
pub mod server;
pub mod world;

pub use log::{NO_FLAGS, Stored};
pub use prng::Prng;
pub use rig::{ALICE, Rig};
pub use server::{Flavour, Handshake, OnSend, Server};
pub use world::{Pending, World};

use std::time::Duration;

use proptest::prelude::ProptestConfig;
use wk_sync::store::model::{ChannelId, MessageSeq, Position};

/// How many cases a property test tries: many more with WK_LONG=1.
pub fn cases(short: u32, long: u32) -> ProptestConfig {
    let cases = if std::env::var_os("WK_LONG").is_some_and(|set| set == "1") { long } else { short };
    ProptestConfig { failure_persistence: None, max_shrink_iters: 4_000, ..ProptestConfig::with_cases(cases) }
}

pub const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub fn group() -> ChannelId {
    ChannelId::group("g")
}

pub fn seq(seq: u64) -> MessageSeq {
    MessageSeq::new(seq)
}

pub fn at(seq: u64, index: u32) -> Position {
    Position { seq: MessageSeq::new(seq), index }
}
