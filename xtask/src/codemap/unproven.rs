//! Rows of promises without a proof: in some documents each row names a test, or says why there is none.

/// The documents whose tables list promises.
const DOCUMENTS: [&str; 2] = ["docs/defects.md", "docs/mission.md"];

/// What a row may say instead of naming a test.
const REASONS: [&str; 5] = ["By construction", "Not here", "Not yet", "**Not yet", "**Open"];

/// A row that neither names a test nor says why there is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{document}:{line}: a row of promises names no test and does not say why")]
pub(crate) struct Unproven {
    document: String,
    line: usize,
}

/// The rows of a document that promise and prove nothing.
pub(crate) fn check(document: &str, text: &str) -> Vec<Unproven> {
    if !DOCUMENTS.contains(&document) {
        return Vec::new();
    }
    let shorthands = shorthands(text);
    let rows = text.lines().enumerate().filter(|(_, line)| is_row(line));
    let unproven = rows.filter(|(_, line)| !is_proven(line, &shorthands));
    unproven.map(|(index, _)| Unproven { document: document.to_owned(), line: index + 1 }).collect()
}

/// A line of a table that is not its head: heads have a cell of dashes below them, and say "shown by" or "here" at their end.
fn is_row(line: &str) -> bool {
    let Some(cells) = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')) else { return false };
    let is_rule = cells.chars().all(|c| "-:| ".contains(c));
    let is_head = cells.rsplit('|').next().is_some_and(|last| ["here", "shown by"].contains(&last.trim()));
    !is_rule && !is_head
}

fn is_proven(row: &str, shorthands: &[&str]) -> bool {
    let names_a_test = row.contains(".rs::");
    let gives_a_reason = || REASONS.iter().any(|reason| row.contains(reason));
    let is_short = || words(row).any(|word| shorthands.contains(&word));
    let has_empty_cell = row.trim_matches('|').split('|').skip(1).any(|cell| cell.trim().is_empty());
    !has_empty_cell && (names_a_test || gives_a_reason() || is_short())
}

/// The words in capitals that stand for a test: `SIM` where the text says "`SIM` is `file.rs::test`", with or without a line in
/// between.
fn shorthands(text: &str) -> Vec<&str> {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.starts_with('|'));
    let defining = paragraphs.filter(|paragraph| paragraph.contains(".rs::"));
    defining.flat_map(words).filter(|word| word.len() > 2).collect()
}

/// The words that are all capitals.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "SIM is\n`a.rs::x`.\n\n| | promised | here |\n|---|:-:|--:|\n\
        | 1 | a | `a.rs::x` |\n| 2 | b | SIM |\n| 3 | c | Not yet: no time |\n\
        | 4 | d | it works |\n| 5 | e |  |\n| 6 | `a.rs::x` | |\n| 7 | f | XML is fine |";

    #[test]
    fn a_row_that_shows_nothing_is_named_with_its_line() {
        let lines: Vec<_> = check("docs/mission.md", TEXT).iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [9, 10, 11, 12]);
    }

    #[test]
    fn other_documents_promise_nothing() {
        assert_eq!(check("docs/servers.md", TEXT), []);
    }
}
