//! The public API of the crates, printed for whoever reviews it, and the rule that no runtime is part of it.

use super::require;
use crate::{error::Error, process::Command, report::Outcome, workspace::Workspace};

/// What `cargo xtask public-api --help` says.
pub(crate) const HELP: &str = "\
Print the public API of the libraries, an item a line, and fail where a runtime shows in it

Uses cargo-public-api, which reads what a nightly rustdoc says of a crate; what follows from derives and from the \
compiler's own traits is left out. docs/public-api.md says how to read it and what was taken out of it.

No item of wkim, and none of the crates below it but wk-net, may name tokio: applications choose how they run a client.

Needs a nightly toolchain (`rustup toolchain install nightly`) and cargo-public-api (`cargo install cargo-public-api`).";

/// The libraries, from the bytes up, and whether tokio may show in their API.
const CRATES: [(&str, bool); 9] = [
    ("wkproto", false),
    ("wk-model", false),
    ("wk-store", false),
    ("wk-sqlite", false),
    ("wk-sync", false),
    // Streams are tokio's.
    ("wk-net", true),
    ("wk-http", false),
    ("wkim", false),
    // Attaches tokio's streams.
    ("wk-devserver", true),
];

/// Prints one crate, or all of them.
pub(crate) fn print(workspace: &Workspace, only: Option<&str>) -> Result<Outcome, Error> {
    require(
        workspace,
        &["+nightly", "--version"],
        "the nightly toolchain",
        "rustup toolchain install nightly",
    )?;
    require(workspace, &["public-api", "--version"], "cargo-public-api", "cargo install cargo-public-api")?;
    let chosen: Vec<_> = CRATES.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        let known = CRATES.map(|(name, _)| name.to_owned()).to_vec();
        return Err(Error::NoCrate { wanted: only.unwrap_or_default().to_owned(), known });
    }
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    for (name, may_name_tokio) in chosen {
        let mut count = 0;
        let command = Command::cargo(workspace).args(["public-api", "--package", name]);
        command.args(["--simplified", "--simplified", "--simplified"]).run_watched(|line| {
            count += 1;
            if !may_name_tokio && names_tokio(line) {
                problems.push(format!("{name}: tokio is part of `{line}`"));
            }
        })?;
        items.push(format!("{name} {count}"));
    }
    Error::from_problems(&problems)?;
    Ok(Outcome::Passed(format!("items: {}", items.join(", "))))
}

/// Whether an item has a type of tokio's.
fn names_tokio(item: &str) -> bool {
    item.match_indices("tokio").any(|(at, name)| {
        let before = item.get(..at).and_then(|text| text.chars().next_back());
        let after = item.get(at + name.len()..).unwrap_or_default();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_') && after.starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_tokio_is_told_from_a_name_that_looks_like_it() {
        assert!(names_tokio("pub fn wkim::x() -> tokio::task::JoinHandle<()>"));
        assert!(!names_tokio("pub fn wkim::in_tokio::x()"));
        assert!(!names_tokio("pub fn wkim::tokio() -> bool"));
    }
}
