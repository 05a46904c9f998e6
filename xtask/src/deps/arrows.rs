//! The arrows between the crates of the workspace: the table, and the check that reality equals it.

use std::collections::BTreeSet;

use super::graph::{Declared, Kind};

/// What a crate depends on, exactly. The picture and the reasons are in ARCHITECTURE.md, "Crates and arrows".
struct Arrows {
    from: &'static str,
    to: &'static [&'static str],
    /// Allowed in `[dev-dependencies]` in addition to `to` and to `wk-testing`.
    dev: &'static [&'static str],
}

/// From the bytes up.
const ARROWS: [Arrows; 11] = [
    Arrows { from: "wkproto", to: &[], dev: &[] },
    Arrows { from: "wk-model", to: &["wkproto"], dev: &[] },
    Arrows { from: "wk-store", to: &["wk-model"], dev: &[] },
    Arrows { from: "wk-sync", to: &["wk-store"], dev: &[] },
    Arrows { from: "wk-sqlite", to: &["wk-store"], dev: &[] },
    Arrows { from: "wk-net", to: &["wkproto"], dev: &["wk-devserver"] },
    Arrows { from: "wk-http", to: &["wk-sync"], dev: &["wk-devserver"] },
    Arrows { from: "wkim", to: &["wk-http", "wk-net", "wk-sqlite", "wk-sync"], dev: &["wk-devserver"] },
    Arrows { from: "wk-devserver", to: &["wk-model", "wkproto"], dev: &[] },
    Arrows { from: "wk-cli", to: &["wk-devserver", "wkim"], dev: &[] },
    Arrows { from: "wk-testing", to: &["wk-model", "wk-store"], dev: &[] },
];

/// Only ever a dev-dependency, of anyone.
const FIXTURES: &str = "wk-testing";

/// Depend on anything; nobody depends on them.
const TOOLS: [&str; 2] = ["benches", "xtask"];

/// A difference between the table and the Cargo.toml files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArrowProblem {
    #[error("{from} -> {to}: this {} is not allowed; {WHERE}", kind_name(*kind))]
    Forbidden { from: String, to: String, kind: Kind },
    #[error(
        "{from} -> {to}: the arrow is in the table, and crates/{from}/Cargo.toml does not have it; {WHERE}"
    )]
    Missing { from: String, to: String },
    #[error("{name}: a crate without a row in the table of arrows; {WHERE}")]
    NoRow { name: String },
    #[error("{name}: a row in the table of arrows without a crate; {WHERE}")]
    NoCrate { name: String },
}

const WHERE: &str =
    "the rule is in ARCHITECTURE.md, \"Crates and arrows\", its table in xtask/src/deps/arrows.rs";

/// The place of a crate in the table, for lists that go from the bytes up.
pub(crate) fn rank(name: &str) -> usize {
    ARROWS.iter().position(|row| row.from == name).unwrap_or(ARROWS.len())
}

pub(crate) fn check(members: &BTreeSet<String>, declared: &[Declared]) -> Vec<ArrowProblem> {
    let mut problems = Vec::new();
    let internal = declared.iter().filter(|edge| members.contains(&edge.to));
    for Declared { from, to, kind } in internal.filter(|edge| !is_allowed(edge)) {
        problems.push(ArrowProblem::Forbidden { from: from.clone(), to: to.clone(), kind: *kind });
    }
    for row in ARROWS.iter().filter(|row| members.contains(row.from)) {
        for to in row.to {
            let exists =
                |edge: &Declared| edge.from == row.from && edge.to == *to && edge.kind == Kind::Normal;
            if !declared.iter().any(exists) {
                problems.push(ArrowProblem::Missing { from: row.from.to_owned(), to: (*to).to_owned() });
            }
        }
    }
    let rows: BTreeSet<_> = ARROWS.iter().map(|row| row.from.to_owned()).collect();
    let no_row = members.difference(&rows).filter(|name| !TOOLS.contains(&name.as_str()));
    problems.extend(no_row.map(|name| ArrowProblem::NoRow { name: name.clone() }));
    problems.extend(rows.difference(members).map(|name| ArrowProblem::NoCrate { name: name.clone() }));
    problems
}

fn is_allowed(Declared { from, to, kind }: &Declared) -> bool {
    let (from, to) = (from.as_str(), to.as_str());
    if TOOLS.contains(&to) {
        return false;
    }
    if TOOLS.contains(&from) {
        return true;
    }
    // A crate without a row is a problem of its own.
    let Some(row) = ARROWS.iter().find(|row| row.from == from) else { return true };
    match kind {
        Kind::Normal => row.to.contains(&to),
        // A crate may name itself, to turn on a feature for its own tests.
        Kind::Dev => to == FIXTURES || to == from || row.to.contains(&to) || row.dev.contains(&to),
        Kind::Build => false,
    }
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Normal => "dependency",
        Kind::Dev => "dev-dependency",
        Kind::Build => "build-dependency",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members() -> BTreeSet<String> {
        ARROWS.iter().map(|row| row.from).chain(TOOLS).map(str::to_owned).collect()
    }

    fn edge(from: &str, to: &str, kind: Kind) -> Declared {
        Declared { from: from.to_owned(), to: to.to_owned(), kind }
    }

    /// The arrows of the table.
    fn sound() -> Vec<Declared> {
        let arrows = ARROWS.iter().flat_map(|row| row.to.iter().map(|to| edge(row.from, to, Kind::Normal)));
        arrows.chain([edge("wkproto", "nom", Kind::Normal)]).collect()
    }

    fn problems_with(extra: Declared) -> Vec<ArrowProblem> {
        check(&members(), &[sound(), vec![extra]].concat())
    }

    #[test]
    fn the_table_itself_passes() {
        assert_eq!(check(&members(), &sound()), []);
    }

    #[test]
    fn a_forbidden_arrow_is_named_with_its_rule() {
        let problems = problems_with(edge("wk-sync", "wk-net", Kind::Normal));
        let expected =
            ArrowProblem::Forbidden { from: "wk-sync".into(), to: "wk-net".into(), kind: Kind::Normal };
        assert_eq!(problems, [expected]);
        let text = problems[0].to_string();
        assert!(text.starts_with("wk-sync -> wk-net: this dependency is not allowed"), "{text}");
        assert!(text.contains("ARCHITECTURE.md"), "{text}");
    }

    #[test]
    fn a_skipped_level_a_build_dependency_and_a_tool_are_forbidden() {
        for edge in [
            edge("wk-sync", "wk-model", Kind::Normal),
            edge("wkim", "wkproto", Kind::Normal),
            edge("wk-sync", "wk-devserver", Kind::Dev),
            edge("wk-model", "wk-testing", Kind::Normal),
            edge("wk-model", "wkproto", Kind::Build),
            edge("wk-cli", "xtask", Kind::Dev),
            edge("xtask", "benches", Kind::Normal),
        ] {
            assert!(matches!(problems_with(edge.clone())[..], [ArrowProblem::Forbidden { .. }]), "{edge:?}");
        }
    }

    #[test]
    fn arrows_of_tests_and_tools_are_allowed() {
        for edge in [
            edge("wkim", "wk-devserver", Kind::Dev),
            edge("wk-sync", "wk-testing", Kind::Dev),
            edge("wk-sqlite", "wk-store", Kind::Dev),
            edge("wk-store", "wk-store", Kind::Dev),
            edge("benches", "wk-sqlite", Kind::Dev),
            edge("xtask", "wkproto", Kind::Normal),
        ] {
            assert_eq!(problems_with(edge.clone()), [], "{edge:?}");
        }
    }

    #[test]
    fn a_missing_arrow_is_a_problem_even_if_tests_have_it() {
        let mut edges = sound();
        edges.retain(|edge| (edge.from.as_str(), edge.to.as_str()) != ("wk-http", "wk-sync"));
        edges.push(edge("wk-http", "wk-sync", Kind::Dev));
        let expected = ArrowProblem::Missing { from: "wk-http".into(), to: "wk-sync".into() };
        assert_eq!(check(&members(), &edges), [expected]);
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_problems() {
        let mut members = members();
        members.insert("wk-new".to_owned());
        members.remove("wk-testing");
        let expected = [
            ArrowProblem::NoRow { name: "wk-new".into() },
            ArrowProblem::NoCrate { name: "wk-testing".into() },
        ];
        assert_eq!(check(&members, &sound()), expected);
    }
}
