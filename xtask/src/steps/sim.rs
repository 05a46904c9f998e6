//! The simulation of the engine: many seeds, with optimisations, and how fast they ran.

use clap::ValueEnum;

use crate::{error::Error, process::Command, report, report::Outcome, workspace::Workspace};

/// The test target that holds the simulation.
const TARGET: [&str; 7] = ["test", "--profile", "checked", "--package", "wk-sync", "--test", "sim"];

/// How the line begins in which the simulation says how long it would have taken.
const SIMULATED: &str = "simulated hours:";

pub(crate) const HELP: &str = "\
Simulate the engine against a model server, with seeded faults

Each seed is a run of its own: several accounts and devices, a server of one generation, minutes to half an hour of \
virtual time in which connections, processes, commits, the data source and the server fail, then a repair, and a \
count of everything. A seed that fails prints its history and the command that repeats it exactly. Built with \
optimisations, so the first run compiles for a while.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    V2,
    V3,
    /// Each seed draws one
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(crate) struct Seeds {
    /// How many seeds to run
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 0)]
    start: u64,
    /// The generation of the server
    #[arg(long, value_enum, default_value_t = Generation::Both)]
    generation: Generation,
}

pub(crate) fn sim(workspace: &Workspace, seeds: Seeds) -> Result<Outcome, Error> {
    Command::cargo(workspace).args(TARGET).arg("--no-run").run()?;
    let generation = match seeds.generation {
        Generation::V2 => "v2",
        Generation::V3 => "v3",
        Generation::Both => "both",
    };
    let command = Command::cargo(workspace).args(TARGET).args(["--", "--ignored", "--exact", "seeds"]);
    let command = command
        .arg("--nocapture")
        .env("WK_SIM_GENERATION", generation)
        .env("WK_SIM_START", seeds.start.to_string())
        .env("WK_SIM_SEEDS", seeds.seeds.to_string());
    let (began, mut hours) = (report::now(), 0.0);
    command.run_watched(|line| {
        if let Some(said) = line.strip_prefix(SIMULATED) {
            hours = said.trim().parse().unwrap_or(0.0);
        }
    })?;
    let minutes = report::now().duration_since(began).as_secs_f64() / 60.0;
    Ok(Outcome::Passed(format!("{} seeds, {:.0} simulated hours a minute", seeds.seeds, hours / minutes)))
}
