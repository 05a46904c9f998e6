//! The table of files in ARCHITECTURE.md, between its two markers.

use std::{cmp::Ordering, fmt::Write as _};

use super::concept::Concept;
use crate::deps::arrows;

pub(crate) const DOCUMENT: &str = "ARCHITECTURE.md";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    UpToDate,
    /// With the document as it should be.
    Stale(String),
}

/// Why the document has no place for the table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{DOCUMENT}: the lines `{BEGIN}` and `{END}` must be there once each, in this order")]
pub(crate) struct NoMarkers;

/// Compares the table in `document` with the files as they are.
pub(crate) fn freshness(document: &str, concepts: &[Concept]) -> Result<Freshness, NoMarkers> {
    let (before, rest) = split_once_only(document, BEGIN)?;
    let (_, after) = split_once_only(rest, END)?;
    let fresh = format!("{before}{BEGIN}\n{}\n{END}{after}", render(concepts));
    Ok(if fresh == document { Freshness::UpToDate } else { Freshness::Stale(fresh) })
}

fn split_once_only<'a>(text: &'a str, marker: &str) -> Result<(&'a str, &'a str), NoMarkers> {
    let (before, after) = text.split_once(marker).ok_or(NoMarkers)?;
    if after.contains(marker) { Err(NoMarkers) } else { Ok((before, after)) }
}

/// One table a crate; the crates in the order of the arrows, from the bytes up.
fn render(concepts: &[Concept]) -> String {
    let mut rows: Vec<_> =
        concepts.iter().map(|concept| (split_path(&concept.path), &concept.text)).collect();
    rows.sort_by(|((a_crate, a_file), _), ((b_crate, b_file), _)| {
        crate_order(a_crate, b_crate).then_with(|| a_file.cmp(b_file))
    });
    let mut text = String::new();
    let mut current = "";
    for ((folder, file), concept) in rows {
        if folder != current {
            let _ = write!(text, "\n**{folder}**\n\n| file | concept |\n|---|---|\n");
            current = folder;
        }
        let _ = writeln!(text, "| `{file}` | {} |", concept.replace('|', "\\|"));
    }
    text
}

/// `crates/wkproto/src/lib.rs` is `crates/wkproto` and `src/lib.rs`.
fn split_path(path: &str) -> (&str, &str) {
    let in_crates =
        path.strip_prefix("crates/").and_then(|rest| rest.find('/')).map(|at| "crates/".len() + at);
    in_crates
        .or_else(|| path.find('/'))
        .and_then(|at| Some((path.get(..at)?, path.get(at + 1..)?)))
        .unwrap_or(("", path))
}

fn crate_order(a: &str, b: &str) -> Ordering {
    let rank = |folder: &str| folder.strip_prefix("crates/").map_or(usize::MAX, arrows::rank);
    rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
}

const BEGIN: &str = "<!-- codemap:begin -->";
const END: &str = "<!-- codemap:end -->";

#[cfg(test)]
mod tests {
    use super::*;

    fn concept(path: &str, text: &str) -> Concept {
        Concept { path: path.to_owned(), text: text.to_owned() }
    }

    const FRESH: &str = "\
# Title

<!-- codemap:begin -->

**crates/wkproto**

| file | concept |
|---|---|
| `src/lib.rs` | Bytes \\| packets. |
| `tests/golden.rs` | Golden bytes. |

**crates/wk-net**

| file | concept |
|---|---|
| `src/lib.rs` | Sockets. |

**xtask**

| file | concept |
|---|---|
| `src/main.rs` | Automation. |

<!-- codemap:end -->

More.
";

    fn concepts() -> Vec<Concept> {
        vec![
            concept("crates/wk-net/src/lib.rs", "Sockets."),
            concept("crates/wkproto/tests/golden.rs", "Golden bytes."),
            concept("crates/wkproto/src/lib.rs", "Bytes | packets."),
            concept("xtask/src/main.rs", "Automation."),
        ]
    }

    #[test]
    fn a_table_that_fits_is_up_to_date() {
        assert_eq!(freshness(FRESH, &concepts()), Ok(Freshness::UpToDate));
    }

    #[test]
    fn writing_fills_an_empty_table_and_keeps_the_prose() {
        let empty = "# Title\n\n<!-- codemap:begin -->\n<!-- codemap:end -->\n\nMore.\n";
        assert_eq!(freshness(empty, &concepts()), Ok(Freshness::Stale(FRESH.to_owned())));
    }

    #[test]
    fn a_new_file_a_removed_file_and_a_new_concept_make_it_stale() {
        let mut more = concepts();
        more.push(concept("crates/wkproto/src/new.rs", "New."));
        let fewer = concepts().split_off(1);
        let mut changed = concepts();
        changed[0].text = "TCP sockets.".to_owned();
        for concepts in [more, fewer, changed] {
            assert!(matches!(freshness(FRESH, &concepts), Ok(Freshness::Stale(_))), "{concepts:?}");
        }
    }

    #[test]
    fn markers_are_needed_once_each_and_in_order() {
        let twice = format!("{FRESH}{FRESH}");
        for document in ["", "# Title", BEGIN, END, "<!-- codemap:end --><!-- codemap:begin -->", &twice] {
            assert_eq!(freshness(document, &concepts()), Err(NoMarkers), "{document}");
        }
    }
}
