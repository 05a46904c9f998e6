//! `Report`: what happened to each step, and the summary table at the end.

use std::{
    error::Error as _,
    fmt::Write as _,
    time::{Duration, Instant},
};

use crate::{error::Error, steps::tally::Tally};

/// What a step that did not fail has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it ran; the text is for the summary and may be empty.
    Passed(String),
    /// What ran passed, and the text says what did not run and what to install.
    Partly(String),
    /// Nothing ran; the text says what to install.
    Skipped(String),
    /// Tests ran.
    Tested(Tally),
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    tests: Tally,
}

#[derive(Debug)]
struct Row {
    step: &'static str,
    status: &'static str,
    took: Duration,
    note: String,
}

impl Report {
    /// Runs a step, prints and notes how it ended; `false` if it failed.
    pub(crate) fn record(
        &mut self,
        step: &'static str,
        run: impl FnOnce() -> Result<Outcome, Error>,
    ) -> bool {
        let start = now();
        let result = run();
        self.add(step, now().duration_since(start), &result);
        if let Err(error) = &result {
            print_error(error);
        }
        if let Some(row) = self.rows.last() {
            println!("{}", row.line());
        }
        result.is_ok()
    }

    pub(crate) fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.status != FAILED)
    }

    /// One line a step of `steps`, those that never started too, and the sum of the tests.
    pub(crate) fn print_summary(&self, steps: &[&str]) {
        println!("\n==> summary\n{}", self.summary(steps));
    }

    fn add(&mut self, step: &'static str, took: Duration, result: &Result<Outcome, Error>) {
        let (status, note) = match result {
            Ok(Outcome::Passed(note)) => (PASSED, note.clone()),
            Ok(Outcome::Partly(note)) => (PASSED, format!("skipped in part: {note}")),
            Ok(Outcome::Skipped(note)) => (SKIPPED, note.clone()),
            Ok(Outcome::Tested(tally)) => {
                self.tests += *tally;
                (PASSED, tally.to_string())
            }
            Err(Error::Tests { tally, .. }) => {
                self.tests += *tally;
                (FAILED, tally.to_string())
            }
            Err(error) => (FAILED, error.to_string().lines().next().unwrap_or_default().to_owned()),
        };
        self.rows.push(Row { step, status, took, note });
    }

    fn summary(&self, steps: &[&str]) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let _ = writeln!(text, "{}", row.line());
        }
        for step in steps.iter().skip(self.rows.len()) {
            let _ = writeln!(text, "{step:<10}  not run");
        }
        let _ = write!(text, "\ntests: {}", self.tests);
        text
    }
}

impl Row {
    fn line(&self) -> String {
        let line = format!(
            "{:<10}  {:<7}  {:>7.1} s  {}",
            self.step,
            self.status,
            self.took.as_secs_f64(),
            self.note
        );
        line.trim_end().to_owned()
    }
}

pub(crate) fn print_header(number: usize, of: usize, step: &str) {
    println!("\n==> [{number}/{of}] {step}");
}

/// An error and what caused it, on the standard error stream.
pub(crate) fn print_error(error: &Error) {
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
}

#[allow(clippy::disallowed_methods, reason = "how long a step took is for the reader of the report")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

const PASSED: &str = "passed";
const FAILED: &str = "FAILED";
const SKIPPED: &str = "skipped";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_shows_failures_skips_and_steps_that_never_ran() {
        let mut report = Report::default();
        let second = Duration::from_secs(1);
        report.add("fmt", second, &Ok(Outcome::Passed(String::new())));
        report.add("test", second, &Ok(Outcome::Tested(Tally { passed: 7, failed: 0, ignored: 1 })));
        report.add("wasm", second, &Ok(Outcome::Skipped("install x".to_owned())));
        assert!(report.passed());
        report.add("deps", second, &Err(Error::Problems(vec!["a bad arrow".to_owned()])));
        assert!(!report.passed());

        let expected = "\
fmt         passed       1.0 s
test        passed       1.0 s  7 passed, 0 failed, 1 skipped
wasm        skipped      1.0 s  install x
deps        FAILED       1.0 s  1 problem(s) found
codemap     not run

tests: 7 passed, 0 failed, 1 skipped";
        assert_eq!(report.summary(&["fmt", "test", "wasm", "deps", "codemap"]), expected);
    }

    #[test]
    fn failed_tests_are_counted() {
        let mut report = Report::default();
        let source = Box::new(Error::Problems(Vec::new()));
        let tally = Tally { passed: 3, failed: 2, ignored: 0 };
        report.add("test", Duration::ZERO, &Err(Error::Tests { tally, source }));
        assert!(!report.passed());
        assert!(report.summary(&[]).ends_with("tests: 3 passed, 2 failed, 0 skipped"));
    }
}
