//! The codemap step: one concept a file, listed in ARCHITECTURE.md, and nothing that points outside or nowhere.

mod concept;
mod foreign;
mod named_tests;
mod table;
mod unproven;

use self::{
    concept::Concept,
    table::{DOCUMENT, Freshness},
};
use crate::{error::Error, report::Outcome, workspace::Workspace};

/// Fails on a file that breaks the rules and on a stale table.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome, Error> {
    let Scan { concepts, mut problems } = Scan::new(workspace)?;
    match table::freshness(&document(workspace)?, &concepts) {
        Ok(Freshness::UpToDate) => {}
        Ok(Freshness::Stale(_)) => {
            problems.push(format!(
                "the table of files in {DOCUMENT} is stale: run `cargo xtask codemap --write`"
            ));
        }
        Err(problem) => problems.push(problem.to_string()),
    }
    Error::from_problems(&problems)?;
    Ok(Outcome::Passed(format!("{} Rust files", concepts.len())))
}

/// Brings the table up to date, then fails on a file that breaks the rules.
pub(crate) fn write(workspace: &Workspace) -> Result<Outcome, Error> {
    let Scan { concepts, mut problems } = Scan::new(workspace)?;
    let outcome = match table::freshness(&document(workspace)?, &concepts) {
        Ok(Freshness::UpToDate) => "the table was up to date",
        Ok(Freshness::Stale(document)) => {
            workspace.write(DOCUMENT, &document)?;
            "the table is updated"
        }
        Err(problem) => {
            problems.push(problem.to_string());
            "the table is not updated"
        }
    };
    Error::from_problems(&problems)?;
    Ok(Outcome::Passed(outcome.to_owned()))
}

struct Scan {
    concepts: Vec<Concept>,
    problems: Vec<String>,
}

impl Scan {
    fn new(workspace: &Workspace) -> Result<Self, Error> {
        let (mut concepts, mut problems) = (Vec::new(), Vec::new());
        for path in workspace.files()? {
            // What is no UTF-8 is no text.
            let Ok(text) = String::from_utf8(workspace.read(&path)?) else { continue };
            problems.extend(foreign::check(&path, &text).iter().map(ToString::to_string));
            let read = |path: &str| String::from_utf8(workspace.read(path).ok()?).ok();
            problems.extend(named_tests::check(&path, &text, read).iter().map(ToString::to_string));
            problems.extend(unproven::check(&path, &text).iter().map(ToString::to_string));
            if path.ends_with(".rs") {
                problems.extend(concept::check_size(&path, &text).map(|problem| problem.to_string()));
                match Concept::of_file(&path, &text) {
                    Ok(concept) => concepts.push(concept),
                    Err(problem) => problems.push(problem.to_string()),
                }
            }
        }
        Ok(Self { concepts, problems })
    }
}

fn document(workspace: &Workspace) -> Result<String, Error> {
    Ok(String::from_utf8_lossy(&workspace.read(DOCUMENT)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_of_a_document_names_a_test_that_is_there() {
        let workspace = Workspace::new();
        let read = |path: &str| String::from_utf8(workspace.read(path).ok()?).ok();
        for document in ["docs/defects.md", "docs/mission.md"] {
            let text = read(document).unwrap();
            assert_eq!(named_tests::check(document, &text, read), []);
            assert_eq!(unproven::check(document, &text), []);
        }
    }
}
