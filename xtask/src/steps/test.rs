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
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::LONG;

    fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_below(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// A test that can take long and is not run so proves less than it seems to.
    #[test]
    fn every_test_that_looks_at_wk_long_is_run_with_it() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
        let mut files = Vec::new();
        files_below(&crates, &mut files);
        let is_long = |file: &&PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains("WK_LONG"));
        let long: Vec<&PathBuf> = files.iter().filter(is_long).collect();
        assert!(!long.is_empty());
        for file in long {
            let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
            let run = LONG.iter().any(|package| {
                let stem = |part: &&str| part.strip_suffix(".rs") == package.last().copied();
                parts.contains(&package[1])
                    && (package.len() == 3
                        || parts.contains(package.last().unwrap())
                        || parts.iter().any(stem))
            });
            assert!(run, "{} is in no package of LONG", file.display());
        }
    }
}
