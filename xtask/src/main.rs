//! `cargo xtask`: builds, tests and checks the workspace, each step alone or all in order.

mod cli;
mod codemap;
mod deps;
mod error;
mod plan;
mod process;
mod report;
mod steps;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::Cli::parse().run()
}
