//! What may never be linked into a sans-IO crate, however indirectly.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::graph::Package;

/// Crates without sockets, files, threads, clock and randomness.
pub(crate) const SANS_IO: [&str; 4] = ["wkproto", "wk-model", "wk-store", "wk-sync"];

/// Runtimes, sockets, HTTP, SQL, and the system's random numbers.
const BANNED: [&str; 16] = [
    "async-io",
    "async-std",
    "axum",
    "diesel",
    "getrandom",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tungstenite",
    "ureq",
];

/// A sans-IO crate that links something banned.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}: {} must do no IO, not even indirectly; the rule is in ARCHITECTURE.md, \"Crates and arrows\", its list in \
     xtask/src/deps/closure.rs",
    path.join(" -> "),
    path.first().map_or("", String::as_str)
)]
pub(crate) struct ClosureProblem {
    /// Names, from ours to the banned one.
    path: Vec<String>,
}

/// Walks the resolved graph along normal dependencies. The features are those of the whole workspace with all of
/// its features on, so what one crate turns on in a shared dependency counts for all: that is what gets linked.
pub(crate) fn check(packages: &BTreeMap<String, Package>) -> Vec<ClosureProblem> {
    let starts = packages.iter().filter(|(_, package)| SANS_IO.contains(&package.name.as_str()));
    starts.flat_map(|(id, _)| banned_below(packages, id)).collect()
}

/// A shortest path to each banned package below `start`.
fn banned_below(packages: &BTreeMap<String, Package>, start: &str) -> Vec<ClosureProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(start, Vec::new())]);
    while let Some((id, above)) = queue.pop_front() {
        let Some(package) = packages.get(id) else { continue };
        let path = [above, vec![package.name.clone()]].concat();
        if BANNED.contains(&package.name.as_str()) {
            problems.push(ClosureProblem { path });
            continue;
        }
        for next in package.links.iter().filter(|next| seen.insert(next)) {
            queue.push_back((next, path.clone()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packages whose id is their name.
    fn packages(links: &[(&str, &[&str])]) -> BTreeMap<String, Package> {
        let package = |name: &str, links: &[&str]| Package {
            name: name.to_owned(),
            links: links.iter().map(|&link| link.to_owned()).collect(),
            ..Package::default()
        };
        links.iter().map(|(name, links)| ((*name).to_owned(), package(name, links))).collect()
    }

    #[test]
    fn the_way_to_a_banned_crate_is_shown() {
        let graph = packages(&[
            ("wk-sync", &["helper", "wk-store"]),
            ("helper", &["deep", "wk-store"]),
            ("deep", &["helper", "tokio"]),
            ("tokio", &["mio"]),
            ("mio", &[]),
            ("wk-store", &[]),
        ]);
        let problems = check(&graph);
        assert_eq!(problems.len(), 1, "once, and nothing below the banned crate: {problems:?}");
        let text = problems[0].to_string();
        assert!(text.starts_with("wk-sync -> helper -> deep -> tokio: wk-sync must do no IO"), "{text}");
    }

    #[test]
    fn crates_with_io_may_link_it() {
        assert_eq!(
            check(&packages(&[("wk-net", &["tokio", "wkproto"]), ("tokio", &[]), ("wkproto", &[])])),
            []
        );
    }
}
