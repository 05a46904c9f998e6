//! What a seed decides: how fast the network is, what goes wrong and how often, and how long it all lasts.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::common::{Flavour, Prng};

/// Questions to a random source.
pub trait Luck {
    /// True so many times in ten thousand.
    fn chance(&mut self, in_ten_thousand: u64) -> bool;
    /// A number of the range, evenly spread.
    fn within(&mut self, range: &RangeInclusive<u64>) -> u64;
    /// One of these.
    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T;
}

impl Luck for Prng {
    fn chance(&mut self, in_ten_thousand: u64) -> bool {
        in_ten_thousand > 0 && self.next() % 10_000 < in_ten_thousand
    }

    fn within(&mut self, range: &RangeInclusive<u64>) -> u64 {
        range.start() + self.next() % (range.end() - range.start() + 1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// How often what goes wrong: in ten thousand, except for `every`, the mean seconds between two faults of the network, the
/// server or a device (0: never).
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// A SEND is dropped under load (v2).
    pub lose_send: u64,
    /// A SENDACK is (v2).
    pub lose_ack: u64,
    /// A RECV is (v2).
    pub lose_push: u64,
    /// A RECV comes twice.
    pub double_push: u64,
    /// A SEND is refused for now, stored all the same or not.
    pub refuse_now: u64,
    /// A SEND is refused for good.
    pub refuse: u64,
    /// A CONNECT is not answered.
    pub ignore_connect: u64,
    /// A connection cannot be opened.
    pub unreachable: u64,
    /// A question to the data source fails.
    pub source_fails: u64,
    /// Its answer takes up to a minute.
    pub source_slow: u64,
    /// Its answer never comes.
    pub source_silent: u64,
    /// The conversation sync leaves a channel out.
    pub sync_omits: u64,
    /// A process dies in the middle of a transaction's outputs.
    pub crash: u64,
    /// A commit fails.
    pub fail_commit: u64,
    /// Mean seconds between faults.
    pub every: u64,
}

/// How often users do what not everybody does: in ten thousand.
#[derive(Debug, Clone, Default)]
pub struct Whims {
    /// Something to a message, of all their acts.
    pub extras: u64,
    /// An attachment, of their messages.
    pub uploads: u64,
    /// An end of its life, of their messages.
    pub mortal: u64,
}

impl Whims {
    /// Drawn apart from everything else, so that old seeds keep their weather.
    fn new(seed: u64) -> Self {
        let luck = &mut Prng::new(seed ^ 0x00f1_c41e);
        let mut rate = |most: u64| if luck.chance(3000) { 0 } else { luck.within(&(1..=most)) };
        Self { extras: rate(6000), uploads: rate(4000), mortal: rate(3000) }
    }
}

/// A whole run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub flavour: Flavour,
    pub encrypted: bool,
    /// In milliseconds.
    pub latency: RangeInclusive<u64>,
    pub weather: Weather,
    /// How long it goes on before everything is repaired and counted.
    pub lasts: Duration,
    /// Mean milliseconds between two acts of a user.
    pub pace: u64,
    /// Whether logs are lost.
    pub wipes: bool,
    pub whims: Whims,
    /// How many devices each account has.
    pub devices: Vec<usize>,
}

impl Plan {
    pub fn new(seed: u64, flavour: Option<Flavour>) -> Self {
        let luck = &mut Prng::new(seed ^ 0x71a4_0c15);
        let drawn = if luck.chance(5000) { Flavour::V2 } else { Flavour::V3 };
        let slowest = *luck.pick(&[20, 100, 400, 3000]);
        // Each kind of fault is absent in some runs, so that one does not always hide what another would show.
        let mut rate = |most: u64| if luck.chance(4000) { 0 } else { luck.within(&(1..=most)) };
        let weather = Weather {
            lose_send: rate(1500),
            lose_ack: rate(1500),
            lose_push: rate(1500),
            double_push: rate(1000),
            refuse_now: rate(700),
            refuse: rate(200),
            ignore_connect: rate(2500),
            unreachable: rate(2500),
            source_fails: rate(2500),
            source_slow: rate(1500),
            source_silent: rate(500),
            sync_omits: rate(500),
            crash: rate(120),
            fail_commit: rate(120),
            every: match rate(120) {
                0 => 0,
                some => some + 5,
            },
        };
        // Mostly short: many beginnings find more than one long middle.
        let (short, long) = (luck.within(&(30..=300)), luck.within(&(300..=1800)));
        let lasts = if luck.chance(2000) { long } else { short };
        Self {
            flavour: flavour.unwrap_or(drawn),
            encrypted: luck.chance(2500),
            latency: 1..=slowest,
            weather,
            lasts: Duration::from_secs(lasts),
            pace: *luck.pick(&[1000, 4000, 15_000]),
            devices: vec![1 + luck.below(2), 1 + luck.below(2), 1],
            wipes: luck.chance(3000),
            whims: Whims::new(seed),
        }
    }
}
