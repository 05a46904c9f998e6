//! Many seeds, one run each; what they found, and how fast.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::common::Flavour;
use super::faults::Tally;
use super::story::Story;
use super::weather::Plan;
use super::world::World;

/// How many lines of the history of a failed seed are printed.
const LINES: usize = 400;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Seeds {
    pub start: u64,
    pub count: u64,
    /// Both, drawn by the seed, without it.
    pub flavour: Option<Flavour>,
}

impl Seeds {
    /// What `cargo xtask sim` says, or so many from 0.
    pub fn from_environment(count: u64) -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|value| value.parse().expect("a number"));
        let flavour = match std::env::var("WK_SIM_GENERATION").as_deref() {
            Ok("v2") => Some(Flavour::V2),
            Ok("v3") => Some(Flavour::V3),
            _ => None,
        };
        Self {
            start: number("WK_SIM_START").unwrap_or(0),
            count: number("WK_SIM_SEEDS").unwrap_or(count),
            flavour,
        }
    }
}

/// The sum of all runs.
#[derive(Debug, Default)]
pub struct Sum {
    pub simulated: Duration,
    pub messages: u64,
    pub steps: u64,
    pub faults: Tally,
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "simulated hours: {:.1}", self.simulated.as_secs_f64() / 3600.0)?;
        writeln!(f, "messages written: {}", self.messages)?;
        writeln!(f, "steps: {}", self.steps)?;
        writeln!(f, "faults: {}", self.faults.total())?;
        write!(f, "{}", self.faults)
    }
}

/// One run.
pub fn run(seed: u64, flavour: Option<Flavour>, story: Story) -> World {
    let mut world = World::new(seed, Plan::new(seed, flavour), story);
    world.live();
    world.finish();
    world
}

/// All runs, on all cores. Fails with the history of the first seed that fails.
pub fn run_all(seeds: Seeds, progress: bool) -> Sum {
    let sum = Mutex::new(Sum::default());
    let (next, failed) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let end = seeds.start + seeds.count;
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            match catch_unwind(AssertUnwindSafe(|| run(seed, seeds.flavour, Story::default()))) {
                Ok(world) => add(&sum, &world),
                Err(_) if failed.swap(true, Ordering::Relaxed) => {}
                Err(_) => tell_the_story(seed, seeds.flavour),
            }
            let done = seed + 1 - seeds.start;
            if progress && done.is_multiple_of(100) {
                println!("{done} of {} seeds", seeds.count);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    assert!(!failed.into_inner(), "a seed failed, see above");
    sum.into_inner().unwrap()
}

fn add(sum: &Mutex<Sum>, world: &World) {
    let mut sum = sum.lock().unwrap();
    sum.simulated += world.now.since_zero();
    sum.messages += world.sent;
    sum.steps += world.steps;
    sum.faults.merge(&world.tally);
}

/// Runs a seed that failed once more, and prints what happened.
fn tell_the_story(seed: u64, flavour: Option<Flavour>) {
    let story = Story::written();
    let again = catch_unwind(AssertUnwindSafe(|| run(seed, flavour, story.clone())));
    let lines = story.lines();
    let path = std::env::temp_dir().join(format!("wk-sim-{seed}.txt"));
    let written = std::fs::write(&path, lines.join("\n"));
    println!("\nthe last of {} lines of the history of seed {seed}:", lines.len());
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        println!("{line}");
    }
    if written.is_ok() {
        println!("\nthe whole history is in {}", path.display());
    }
    println!(
        "seed {seed} failed{}; repeat it with:",
        if again.is_err() { "" } else { ", but not the second time" }
    );
    let generation = match flavour {
        Some(Flavour::V2) => " --generation v2",
        Some(Flavour::V3) => " --generation v3",
        None => "",
    };
    println!("  cargo xtask sim --start {seed} --seeds 1{generation}");
}
