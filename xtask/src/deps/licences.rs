//! The licence and the origin of every third-party crate.

use std::collections::BTreeMap;

use super::graph::{Origin, Package};

/// Licences that ask for no more than their text, so that an application may link the client and stay closed.
const ACCEPTED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    // Data only: the root certificates.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// A package that an application could not just link.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LicenceProblem {
    #[error("{name}: the licence `{licence}` is not accepted; the list is in xtask/src/deps/licences.rs")]
    Licence { name: String, licence: String },
    #[error("{name}: comes from neither crates.io nor this workspace, so it could not be published with us")]
    Origin { name: String },
}

pub(crate) fn check(packages: &BTreeMap<String, Package>) -> Vec<LicenceProblem> {
    packages.values().filter_map(problem).collect()
}

fn problem(Package { name, licence, origin, .. }: &Package) -> Option<LicenceProblem> {
    if *origin == Origin::Other {
        return Some(LicenceProblem::Origin { name: name.clone() });
    }
    let licence = licence.as_deref().unwrap_or("none given");
    (!accepts(licence)).then(|| LicenceProblem::Licence { name: name.clone(), licence: licence.to_owned() })
}

/// Whether an SPDX expression can be met with accepted licences alone: `AND` binds tighter than `OR`. The old
/// spelling `MIT/Apache-2.0` means "or".
fn accepts(expression: &str) -> bool {
    split(&expression.replace('/', " OR "), " OR ").into_iter().any(|alternative| {
        split(alternative, " AND ").into_iter().all(|term| {
            let term = term.trim();
            let inner = term.strip_prefix('(').and_then(|term| term.strip_suffix(')'));
            inner.map_or_else(|| ACCEPTED.contains(&term), accepts)
        })
    })
}

/// Splits at the separators that are in no parentheses.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(separator)) => {
                parts.extend(text.get(start..at));
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_with_their_precedence() {
        for expression in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 AND BSD-3-Clause OR MIT AND ISC",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
            "((GPL-3.0 OR (MIT AND ISC)) AND Zlib) OR AGPL-3.0",
        ] {
            assert!(accepts(expression), "{expression}");
        }
        for expression in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND LGPL-2.1",
            "GPL-3.0 AND MIT OR AGPL-3.0 AND ISC",
            "(GPL-3.0 OR AGPL-3.0) AND MIT",
            "MITT",
        ] {
            assert!(!accepts(expression), "{expression}");
        }
    }

    #[test]
    fn a_foreign_origin_and_a_strict_or_missing_licence_are_problems() {
        let package = |name: &str, licence: Option<&str>, origin| {
            let licence = licence.map(str::to_owned);
            (name.to_owned(), Package { name: name.to_owned(), licence, origin, links: Vec::new() })
        };
        let packages = BTreeMap::from([
            package("fine", Some("MIT"), Origin::CratesIo),
            package("fork", Some("MIT"), Origin::Other),
            package("none", None, Origin::CratesIo),
            package("strict", Some("GPL-3.0-only"), Origin::CratesIo),
        ]);
        let expected = [
            LicenceProblem::Origin { name: "fork".into() },
            LicenceProblem::Licence { name: "none".into(), licence: "none given".into() },
            LicenceProblem::Licence { name: "strict".into(), licence: "GPL-3.0-only".into() },
        ];
        assert_eq!(check(&packages), expected);
    }
}
