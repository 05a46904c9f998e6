//! The steps that are one or two cargo commands.

use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// The fuzz targets are a workspace of their own, so cargo has to be pointed at it.
pub(crate) const FUZZ_MANIFEST: &str = "fuzz/Cargo.toml";

/// Formats everything, or with `write` unset only checks that it is formatted.
pub(crate) fn fmt(workspace: &Workspace, write: bool) -> Result<Outcome, Error> {
    let check = if write { &[][..] } else { &["--check"] };
    Command::cargo(workspace).args(["fmt", "--all"]).args(check).run()?;
    if workspace.has(FUZZ_MANIFEST) {
        let fuzz = Command::cargo(workspace).args(["fmt", "--all", "--manifest-path", FUZZ_MANIFEST]);
        fuzz.args(check).run()?;
    }
    Ok(Outcome::Passed(String::new()))
}

pub(crate) fn clippy(workspace: &Workspace) -> Result<Outcome, Error> {
    let command = Command::cargo(workspace).args(["clippy", "--workspace", "--all-targets"]);
    command.args(["--", "-D", "warnings"]).run()?;
    Ok(Outcome::Passed(String::new()))
}

/// The documentation of every crate, with broken links and missing docs as errors.
pub(crate) fn doc(workspace: &Workspace, open: bool) -> Result<Outcome, Error> {
    let command = Command::cargo(workspace).args(["doc", "--workspace", "--no-deps"]);
    let command = if open { command.arg("--open") } else { command };
    command.env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(Outcome::Passed(String::new()))
}

/// The benchmarks; `args` go to `cargo bench` as they are.
pub(crate) fn bench(workspace: &Workspace, args: &[String]) -> Result<Outcome, Error> {
    Command::cargo(workspace).args(["bench", "--package", "benches"]).args(args).run()?;
    Ok(Outcome::Passed(String::new()))
}
