//! Tests and doctests, with their results counted.

use super::tally::Tally;
use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// The packages whose tests look at `WK_LONG`.
const LONG: [&[&str]; 3] = [
    &["--package", "wk-sync", "--tests"],
    &["--package", "wk-sqlite", "--test", "kill"],
    &["--package", "wkim", "--test", "messages"],
];

/// Unit tests, integration tests and examples of every crate. `filters` go to `cargo test` as they are. With `long`, the
/// tests that can take long then run once more with optimisations: they would take hours without.
pub(crate) fn tests(workspace: &Workspace, long: bool, filters: &[String]) -> Result<Outcome, Error> {
    let command = Command::cargo(workspace).args(["test", "--workspace", "--no-fail-fast"]);
    // Not `--all-targets`: it would run the benchmarks too.
    let command = command.args(["--lib", "--bins", "--tests", "--examples"]);
    let mut tally = count(command.args(filters))?;
    for package in LONG.iter().filter(|_| long) {
        let command = Command::cargo(workspace).args(["test", "--profile", "checked", "--no-fail-fast"]);
        tally += count(command.args(*package).args(filters).env("WK_LONG", "1"))?;
    }
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

#[cfg(test)]
mod tests {
    use super::LONG;
    use crate::workspace::Workspace;

    /// A test that can take long and is not run so proves less than it seems to.
    #[test]
    fn every_test_that_looks_at_wk_long_is_run_with_it() {
        let workspace = Workspace::new();
        let looks = |path: &String| {
            path.starts_with("crates/")
                && workspace.read(path).unwrap().windows(7).any(|word| word == b"WK_LONG")
        };
        let long: Vec<_> = workspace.files().unwrap().into_iter().filter(looks).collect();
        assert!(!long.is_empty());
        for file in long {
            let run = LONG.iter().any(|package| {
                let name = package.last().unwrap();
                let mut parts = file.split('/');
                parts.any(|part| part == package[1])
                    && (package.len() == 3
                        || parts.any(|part| part.strip_suffix(".rs").unwrap_or(part) == *name))
            });
            assert!(run, "{file} is in no package of LONG");
        }
    }
}
