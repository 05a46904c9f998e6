//! Fuzz targets: built and replayed in every test run, fuzzed on demand.

use super::{cargo::FUZZ_MANIFEST, require};
use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// Lints and builds the targets, and runs each once over its stored inputs.
pub(crate) fn build(workspace: &Workspace) -> Result<Outcome, Error> {
    if !workspace.has(FUZZ_MANIFEST) {
        return Ok(Outcome::Skipped(format!("there is no {FUZZ_MANIFEST}")));
    }
    if Command::new(workspace, "c++").arg("--version").probe().is_none() {
        return Ok(Outcome::Skipped(
            "the fuzzing library needs a C++ compiler: apt-get install g++".to_owned(),
        ));
    }
    let cargo = |command| Command::cargo(workspace).args([command, "--manifest-path", FUZZ_MANIFEST]);
    cargo("clippy").args(["--all-targets", "--", "-D", "warnings"]).run()?;
    cargo("build").arg("--bins").run()?;
    let targets = targets(workspace)?;
    // Where an input that fails is copied to, although it is stored already.
    let artifacts = format!("-artifact_prefix={}/replayed-", workspace.target_dir()?.display());
    let mut inputs = 0;
    for target in &targets {
        let corpus = corpus(workspace, target)?;
        // A target without arguments would fuzz for ever; one with files runs each file once.
        if !corpus.is_empty() {
            inputs += corpus.len();
            let run = cargo("run").args(["--quiet", "--bin", target, "--", &artifacts]);
            run.files(&corpus).run_silently()?;
        }
    }
    Ok(Outcome::Passed(format!("{} targets, {inputs} stored inputs replayed", targets.len())))
}

/// Fuzzes `only`, or each target in turn, for `seconds` each.
pub(crate) fn fuzz(workspace: &Workspace, seconds: u32, only: Option<&str>) -> Result<Outcome, Error> {
    require(
        workspace,
        &["+nightly", "--version"],
        "the nightly toolchain",
        "rustup toolchain install nightly",
    )?;
    require(workspace, &["fuzz", "--version"], "cargo-fuzz", "cargo install cargo-fuzz")?;
    let known = targets(workspace)?;
    let chosen = match only {
        None => known,
        Some(wanted) if known.iter().any(|target| target == wanted) => vec![wanted.to_owned()],
        Some(wanted) => return Err(Error::NoFuzzTarget { wanted: wanted.to_owned(), known }),
    };
    for target in &chosen {
        let run = Command::cargo(workspace).args(["+nightly", "fuzz", "run", target, "--"]);
        run.arg(format!("-max_total_time={seconds}")).run()?;
    }
    Ok(Outcome::Passed(format!("{} targets, {seconds} s each", chosen.len())))
}

/// The names of the fuzz targets, sorted.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Error> {
    let manifest = workspace.root().join(FUZZ_MANIFEST);
    let metadata = cargo_metadata::MetadataCommand::new().manifest_path(manifest).no_deps().exec()?;
    let targets =
        metadata.packages.iter().flat_map(|package| &package.targets).filter(|target| target.is_bin());
    let mut names: Vec<_> = targets.map(|target| target.name.clone()).collect();
    names.sort();
    Ok(names)
}

/// The stored inputs of a target: the files in its folder of fuzz/corpus/ that belong to the project.
fn corpus(workspace: &Workspace, target: &str) -> Result<Vec<String>, Error> {
    let folder = format!("fuzz/corpus/{target}/");
    Ok(workspace.files()?.into_iter().filter(|path| path.starts_with(&folder)).collect())
}
