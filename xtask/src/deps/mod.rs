//! The deps step: who may depend on whom, and on which third-party crates.

pub(crate) mod arrows;
pub(crate) mod closure;
mod graph;
mod licences;
mod restricted;

use self::graph::Graph;
use crate::{error::Error, report::Outcome, workspace::Workspace};

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome, Error> {
    let graph = Graph::of_workspace(workspace)?;
    let mut problems = Vec::new();
    problems.extend(arrows::check(&graph.members, &graph.declared).iter().map(ToString::to_string));
    problems.extend(restricted::check(&graph.declared).iter().map(ToString::to_string));
    problems.extend(closure::check(&graph.packages).iter().map(ToString::to_string));
    problems.extend(licences::check(&graph.packages).iter().map(ToString::to_string));
    Error::from_problems(&problems)?;
    Ok(Outcome::Passed(format!(
        "{} crates of ours, {} packages in all",
        graph.members.len(),
        graph.packages.len()
    )))
}
