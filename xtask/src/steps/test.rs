//! Tests and doctests, with their results counted.

use super::tally::Tally;
use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// Unit tests, integration tests and examples of every crate. `filters` go to `cargo test` as they are. Long ones are built
/// with optimisations: they would take hours without.
pub(crate) fn tests(workspace: &Workspace, long: bool, filters: &[String]) -> Result<Outcome, Error> {
    let command = Command::cargo(workspace).args(["test", "--workspace", "--no-fail-fast"]);
    // Not `--all-targets`: it would run the benchmarks too.
    let command = command.args(["--lib", "--bins", "--tests", "--examples"]);
    let command = if long { command.args(["--profile", "checked"]).env("WK_LONG", "1") } else { command };
    let command = command.args(filters);
    let tally = count(command)?;
    // A filter may match nothing in good faith; without one, no test at all is a broken set-up.
    if tally == Tally::default() && filters.is_empty() {
        return Err(Error::NoTests);
    }
    Ok(Outcome::Tested(tally))
}

/// The examples in the documentation of every crate.
pub(crate) fn doctests(workspace: &Workspace) -> Result<Outcome, Error> {
    count(Command::cargo(workspace).args(["test", "--workspace", "--no-fail-fast", "--doc"]))
        .map(Outcome::Tested)
}

fn count(command: Command) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let result = command.run_watched(|line| {
        if let Some(part) = Tally::from_line(line) {
            tally += part;
        }
    });
    match result {
        Ok(()) => Ok(tally),
        Err(source) => Err(Error::Tests { tally, source: Box::new(source) }),
    }
}
