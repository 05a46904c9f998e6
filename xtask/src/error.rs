//! `Error`: why a step failed.

use std::{io, path::PathBuf, process::ExitStatus};

use crate::steps::tally::Tally;

/// What a step returns when it did not pass.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("could not start `{command}`")]
    Start { command: String, source: io::Error },
    #[error("could not read the output of `{command}`")]
    Output { command: String, source: io::Error },
    #[error("`{command}` ended with {status}")]
    Command { command: String, status: ExitStatus },
    #[error("could not read {path}")]
    Read { path: PathBuf, source: io::Error },
    #[error("could not write {path}")]
    Write { path: PathBuf, source: io::Error },
    #[error("could not read the dependency graph with `cargo metadata`")]
    Metadata(#[from] cargo_metadata::Error),
    #[error("{tool} is missing; install it with: {install}")]
    Missing { tool: &'static str, install: &'static str },
    #[error("no fuzz target is called {wanted}; there are: {}", known.join(", "))]
    NoFuzzTarget { wanted: String, known: Vec<String> },
    #[error("no library is called {wanted}; there are: {}", known.join(", "))]
    NoCrate { wanted: String, known: Vec<String> },
    #[error("no test ran")]
    NoTests,
    #[error("tests failed: {tally}")]
    Tests { tally: Tally, source: Box<Self> },
    #[error("{} problem(s) found\n  {}", .0.len(), .0.join("\n  "))]
    Problems(Vec<String>),
}

impl Error {
    /// `Ok` if a checker found nothing, its findings otherwise.
    pub(crate) fn from_problems<P: ToString>(problems: &[P]) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        Err(Self::Problems(problems.iter().map(ToString::to_string).collect()))
    }
}
