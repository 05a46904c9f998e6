//! A simulation of the whole engine: several accounts, a server of either generation, and everything that can go wrong.
//!
//! A seed decides everything, so a run that fails can be repeated: `cargo xtask sim --start <seed> --seeds 1`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(unreachable_pub, reason = "modules of a test binary")]

mod app;
mod checks;
mod clearing;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod device;
mod expiry;
mod extras;
mod faults;
mod finale;
mod fixture;
mod letters;
mod network;
mod process;
mod queue;
mod runner;
mod server;
mod story;
mod uploads;
mod weather;
mod world;

use runner::{Seeds, run, run_all};
use story::Story;

/// How many seeds a test run tries.
const SHORT: u64 = 200;

#[test]
fn nothing_is_lost_doubled_hidden_or_misplaced_whatever_fails() {
    run_all(Seeds { start: 0, count: SHORT, flavour: None }, false);
}

/// What `cargo xtask sim` runs.
#[test]
#[ignore = "a long run"]
fn seeds() {
    let seeds = Seeds::from_environment(SHORT);
    println!("{}", run_all(seeds, true));
}

#[test]
fn a_seed_repeats_itself_exactly() {
    for seed in 0..3 {
        let stories = [Story::written(), Story::written()];
        for story in &stories {
            run(seed, None, story.clone());
        }
        let [first, second] = stories.map(|story| story.lines());
        let differs = first.iter().zip(&second).find(|(first, second)| first != second);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.len(), second.len());
    }
}
