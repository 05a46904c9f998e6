//! `Step`: the steps of `test-all` and their order.

use crate::{
    codemap, deps,
    error::Error,
    report::{self, Outcome, Report},
    steps,
    workspace::Workspace,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Clippy,
    Codemap,
    Deps,
    Doc,
    Doctest,
    Fmt,
    FuzzBuild,
    Test,
    Wasm,
}

impl Step {
    /// Every step, in the order in which `test-all` runs them.
    pub(crate) const ALL: [Self; 9] = [
        Self::Fmt,
        Self::Clippy,
        Self::Test,
        Self::Doctest,
        Self::Doc,
        Self::Deps,
        Self::Codemap,
        Self::Wasm,
        Self::FuzzBuild,
    ];

    /// The sub-command that runs this step alone.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Clippy => "clippy",
            Self::Codemap => "codemap",
            Self::Deps => "deps",
            Self::Doc => "doc",
            Self::Doctest => "doctest",
            Self::Fmt => "fmt",
            Self::FuzzBuild => "fuzz-build",
            Self::Test => "test",
            Self::Wasm => "wasm",
        }
    }

    pub(crate) fn run(self, workspace: &Workspace, options: Options) -> Result<Outcome, Error> {
        match self {
            Self::Clippy => steps::cargo::clippy(workspace),
            Self::Codemap => codemap::check(workspace),
            Self::Deps => deps::check(workspace),
            Self::Doc => steps::cargo::doc(workspace, false),
            Self::Doctest => steps::test::doctests(workspace),
            Self::Fmt => steps::cargo::fmt(workspace, false),
            Self::FuzzBuild => steps::fuzz::build(workspace),
            Self::Test => steps::test::tests(workspace, options.long, &[]),
            Self::Wasm => steps::wasm::build(workspace),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Tests take minutes instead of seconds: more cases, more operations.
    pub(crate) long: bool,
    /// A failed step does not stop the run.
    pub(crate) keep_going: bool,
}

/// Runs every step and prints a summary; `false` if one failed.
pub(crate) fn run_all(workspace: &Workspace, options: Options) -> bool {
    let mut report = Report::default();
    for (number, step) in Step::ALL.iter().enumerate() {
        report::print_header(number + 1, Step::ALL.len(), step.name());
        let passed = report.record(step.name(), || step.run(workspace, options));
        if !passed && !options.keep_going {
            break;
        }
    }
    report.print_summary(&Step::ALL.map(Step::name));
    report.passed()
}
