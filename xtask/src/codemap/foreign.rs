//! References that only make sense outside the project: paths of one machine, numbers of a tracker.

/// A line that points outside the project.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path}:{line}: points outside the project (`{found}`); say the fact itself or cite the project's docs/"
)]
pub(crate) struct Foreign {
    path: String,
    line: usize,
    found: String,
}

/// The foreign references of one text file. Data files are skipped: their text is not ours.
pub(crate) fn check(path: &str, text: &str) -> Vec<Foreign> {
    if path.ends_with(".json") || path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(index, line)| Some((index + 1, find(line)?)));
    found.map(|(line, found)| Foreign { path: path.to_owned(), line, found }).collect()
}

fn find(line: &str) -> Option<String> {
    // In the middle of a longer path or of an address the same letters mean another folder.
    let absolute = |(at, _)| !line.get(..at).is_some_and(ends_like_a_path);
    if line.match_indices(WORK).any(absolute) {
        return Some(WORK.to_owned());
    }
    if line.contains(SHARED) {
        return Some(SHARED.to_owned());
    }
    find_issue(&line.to_ascii_lowercase())
}

fn ends_like_a_path(text: &str) -> bool {
    text.ends_with(|c: char| c.is_alphanumeric() || "_-./".contains(c))
}

/// The number of an issue in some tracker, which a reader of the files cannot look up.
fn find_issue(lower: &str) -> Option<String> {
    lower.match_indices("issue").find_map(|(at, word)| {
        let rest = lower.get(at + word.len()..)?.trim_start_matches('s').trim_start();
        let digits = rest.strip_prefix('#')?;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).filter(|number| !number.is_empty()).map(|number| format!("issue #{number}"))
    })
}

// In two parts, so that this file does not find itself.
const SHARED: &str = concat!("..", "/shared");
const WORK: &str = concat!("/wo", "rk/");

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        check("docs/a.md", text).into_iter().map(|foreign| (foreign.line, foreign.found)).collect()
    }

    #[test]
    fn folders_outside_the_project_are_found() {
        let text = format!("fine\nsee `{SHARED}/x`\nsee ../{SHARED}\n({WORK}main)\n{WORK}x");
        let lines: Vec<_> = found(&text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
    }

    #[test]
    fn folders_inside_the_project_are_fine() {
        let text = format!("docs{WORK}x\nhttps://example.org{WORK}x\nshared/x\nframework/x");
        assert_eq!(found(&text), []);
    }

    #[test]
    fn numbers_of_issues_are_found() {
        for (text, number) in [("see {} #12.", "12"), ("{}s #3, #4", "3"), ("({} #77)", "77")] {
            for word in ["issue", "Issue"] {
                let expected = vec![(1, format!("{} #{number}", "issue"))];
                assert_eq!(found(&text.replace("{}", word)), expected, "{text}");
            }
        }
        assert_eq!(found("an issue, #define, and issue # of 12"), []);
    }

    #[test]
    fn data_files_are_skipped() {
        let text = format!("{WORK}main");
        assert_eq!(check("vectors/a.json", &text), []);
        assert_eq!(check("Cargo.lock", &text), []);
    }
}
