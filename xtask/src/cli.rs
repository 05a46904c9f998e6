//! `Cli`: the sub-commands of `cargo xtask`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    codemap,
    error::Error,
    plan::{self, Options, Step},
    report::{Outcome, Report},
    steps,
    workspace::Workspace,
};

/// Builds, tests and checks the workspace.
///
/// `cargo xtask test-all` is everything that must pass before a change lands; each of its steps is a command
/// of its own. Every program that a step starts is printed first, so that it can be repeated by hand.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every step in order and print a summary
    ///
    /// Order: fmt, clippy, test, doctest, doc, deps, codemap, wasm, fuzz-build. Stops at the first step that
    /// fails. A step whose tools are not installed is skipped with a line that says what to install.
    TestAll {
        /// Run the property and model tests once more with optimisations and WK_LONG=1: for minutes, not seconds
        #[arg(long)]
        long: bool,
        /// Run the remaining steps after a failure
        #[arg(long)]
        keep_going: bool,
    },
    /// Run `test-all` with output for a log file: no colours, no progress bars
    ///
    /// This is what `.ci/run` does after it has installed the system packages.
    Ci,
    /// Check the formatting of the workspace and of the fuzz targets
    Fmt {
        /// Format the files instead of checking them
        #[arg(long)]
        write: bool,
    },
    /// Run clippy on all targets, warnings are errors
    Clippy,
    /// Run unit tests, integration tests and examples
    Test {
        /// Run the property and model tests once more with optimisations and WK_LONG=1: for minutes, not seconds
        #[arg(long)]
        long: bool,
        /// Passed on to `cargo test`, such as a part of a test's name, or `-- --nocapture`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Run the examples in the documentation
    Doctest,
    /// Build the documentation, warnings (broken links, missing docs) are errors
    Doc {
        /// Open it in the browser
        #[arg(long)]
        open: bool,
    },
    /// Check the arrows between crates and what each crate may depend on
    ///
    /// The arrows are those of "Crates and arrows" in ARCHITECTURE.md; the tables are in xtask/src/deps/. Checked
    /// too: crates restricted to some users (tokio, diesel, …), crates that never may be below a sans-IO crate,
    /// even indirectly, and the licence and origin of every third-party crate.
    Deps,
    /// Check the first line and the length of every Rust file, and the table of files in ARCHITECTURE.md
    ///
    /// Every file starts with a `//!` line that names its one concept and has at most 400 lines; the table in
    /// ARCHITECTURE.md lists these lines. No text file may point outside the project, every test that a document
    /// names as `file.rs::test` exists, and each row of docs/defects.md and docs/mission.md names one or says why not.
    Codemap {
        /// Bring the table up to date instead of failing when it is stale
        #[arg(long)]
        write: bool,
    },
    /// Build the sans-IO crates for wasm32-unknown-unknown, and wkproto without the standard library
    #[command(long_about = steps::wasm::HELP)]
    Wasm,
    /// Fuzz every target, or one, with cargo-fuzz
    ///
    /// Needs a nightly toolchain (`rustup toolchain install nightly`) and cargo-fuzz
    /// (`cargo install cargo-fuzz`). A crash ends the run; its input is in fuzz/artifacts/.
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// The only target to run; all of them without it
        target: Option<String>,
    },
    /// Simulate the engine against a model server, with seeded faults
    #[command(long_about = steps::sim::HELP)]
    Sim(steps::sim::Seeds),
    /// Check the fuzz targets and replay their stored inputs, without fuzzing
    ///
    /// Needs no nightly toolchain, but a C++ compiler for the fuzzing library.
    FuzzBuild,
    /// Run the end-to-end suite of wkim against a running WuKongIM server
    #[command(long_about = steps::interop::HELP)]
    Interop {
        /// Build as `cargo test` does, to look for what only its checks find; the rates then say little
        #[arg(long)]
        debug: bool,
        /// Passed on to the tests, such as a part of a test's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Print the public API of the libraries, and fail where a runtime shows in it
    #[command(long_about = steps::public_api::HELP)]
    PublicApi {
        /// The only library to print; all of them without it
        library: Option<String>,
    },
    /// Run the benchmarks
    Bench {
        /// Passed on to `cargo bench`, such as `--bench codec` or a part of a benchmark's name
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

impl Cli {
    pub(crate) fn run(self) -> ExitCode {
        let workspace = Workspace::new();
        match self.command {
            Command::TestAll { long, keep_going } => all(&workspace, Options { long, keep_going }),
            Command::Ci => all(&workspace.for_a_log(), Options::default()),
            Command::Fmt { write } => one("fmt", || steps::cargo::fmt(&workspace, write)),
            Command::Clippy => step(&workspace, Step::Clippy),
            Command::Test { long, args } => one("test", || steps::test::tests(&workspace, long, &args)),
            Command::Doctest => step(&workspace, Step::Doctest),
            Command::Doc { open } => one("doc", || steps::cargo::doc(&workspace, open)),
            Command::Deps => step(&workspace, Step::Deps),
            Command::Codemap { write: true } => one("codemap", || codemap::write(&workspace)),
            Command::Codemap { write: false } => step(&workspace, Step::Codemap),
            Command::Wasm => step(&workspace, Step::Wasm),
            Command::Fuzz { seconds, target } => {
                one("fuzz", || steps::fuzz::fuzz(&workspace, seconds, target.as_deref()))
            }
            Command::Sim(seeds) => one("sim", || steps::sim::sim(&workspace, seeds)),
            Command::FuzzBuild => step(&workspace, Step::FuzzBuild),
            Command::Interop { debug, args } => {
                one("interop", || steps::interop::run(&workspace, debug, &args))
            }
            Command::PublicApi { library } => {
                one("public-api", || steps::public_api::print(&workspace, library.as_deref()))
            }
            Command::Bench { args } => one("bench", || steps::cargo::bench(&workspace, &args)),
        }
    }
}

fn all(workspace: &Workspace, options: Options) -> ExitCode {
    exit_code(plan::run_all(workspace, options))
}

fn step(workspace: &Workspace, step: Step) -> ExitCode {
    one(step.name(), || step.run(workspace, Options::default()))
}

fn one(name: &'static str, run: impl FnOnce() -> Result<Outcome, Error>) -> ExitCode {
    exit_code(Report::default().record(name, run))
}

const fn exit_code(passed: bool) -> ExitCode {
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_step_of_test_all_is_a_command_with_help() {
        let cli = Cli::command();
        for step in Step::ALL {
            let command = cli.find_subcommand(step.name());
            assert!(command.is_some_and(|c| c.get_about().is_some()), "{} is no command", step.name());
        }
    }

    #[test]
    fn the_help_of_test_all_lists_the_steps_in_order() {
        let names = Step::ALL.map(Step::name).join(", ");
        let cli = Cli::command();
        let help =
            cli.find_subcommand("test-all").and_then(clap::Command::get_long_about).unwrap().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(&names), "{help}");
    }
}
