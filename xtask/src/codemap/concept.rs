//! `Concept`: the first `//!` line of a file, which names the one thing that the file is about.

/// A Rust file and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Concept {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What is wrong with a Rust file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileProblem {
    #[error("{path}: the first line is no `//!` line that names the file's one concept")]
    NoConcept { path: String },
    #[error(
        "{path}: the sentence of the first `//!` line goes on in the second; say the concept in one line"
    )]
    Torn { path: String },
    #[error("{path}: {lines} lines, at most {MAX_LINES} are allowed; split it by concept")]
    TooLong { path: String, lines: usize },
}

impl Concept {
    pub(crate) fn of_file(path: &str, text: &str) -> Result<Self, FileProblem> {
        let mut lines = text.lines();
        let concept = lines.next().and_then(|line| line.strip_prefix("//!")).map_or("", str::trim);
        if concept.is_empty() {
            return Err(FileProblem::NoConcept { path: path.to_owned() });
        }
        let goes_on =
            lines.next().and_then(|line| line.strip_prefix("//!")).is_some_and(|l| !l.trim().is_empty());
        if goes_on && !concept.ends_with(['.', ':', '!', '?']) {
            return Err(FileProblem::Torn { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), text: concept.to_owned() })
    }
}

pub(crate) fn check_size(path: &str, text: &str) -> Option<FileProblem> {
    let lines = text.lines().count();
    (lines > MAX_LINES).then(|| FileProblem::TooLong { path: path.to_owned(), lines })
}

const MAX_LINES: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str) -> Result<String, FileProblem> {
        Concept::of_file("a.rs", text).map(|concept| concept.text)
    }

    #[test]
    fn the_first_line_is_the_concept() {
        assert_eq!(of_text("//! The SEND packet.\n\nuse x;\n").unwrap(), "The SEND packet.");
        assert_eq!(of_text("//! The SEND packet\n//!\n//! More.\n").unwrap(), "The SEND packet");
        assert_eq!(of_text("//! The SEND packet.\n//! More.\n").unwrap(), "The SEND packet.");
    }

    #[test]
    fn a_file_without_a_concept_is_a_problem() {
        let missing = Err(FileProblem::NoConcept { path: "a.rs".to_owned() });
        for text in
            ["", "\n//! Late.\n", "use x;\n//! Late.\n", "//!\n//! Late.\n", "// No doc.\n", "/// An item.\n"]
        {
            assert_eq!(of_text(text), missing, "{text:?}");
        }
    }

    #[test]
    fn a_sentence_over_two_lines_is_a_problem() {
        let torn = Err(FileProblem::Torn { path: "a.rs".to_owned() });
        assert_eq!(of_text("//! The SEND packet, which goes from\n//! client to server.\n"), torn);
    }

    #[test]
    fn line_401_is_a_problem() {
        assert_eq!(check_size("a.rs", &"x\n".repeat(400)), None);
        let too_long = FileProblem::TooLong { path: "a.rs".to_owned(), lines: 401 };
        assert_eq!(check_size("a.rs", &"x\n".repeat(401)), Some(too_long));
        assert!(check_size("a.rs", &format!("{}last", "x\n".repeat(400))).is_some(), "no newline at the end");
    }
}
