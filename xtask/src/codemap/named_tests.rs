//! The tests that documents name by their file: each must exist, or a promise has lost its proof.

/// A document names a test that is not there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{document}:{line}: there is no test `{file}::{test}`")]
pub(crate) struct NoTest {
    document: String,
    line: usize,
    file: String,
    test: String,
}

/// The tests that a document names and that are missing. `read` gives the text of a file by its path; paths of the crates
/// may leave `crates/` out.
pub(crate) fn check(document: &str, text: &str, read: impl Fn(&str) -> Option<String>) -> Vec<NoTest> {
    if !document.ends_with(".md") {
        return Vec::new();
    }
    let named = text.lines().enumerate().flat_map(|(index, line)| {
        // Every second part lies between backticks.
        line.split('`').skip(1).step_by(2).filter_map(named).map(move |(file, test)| (index + 1, file, test))
    });
    let missing = named.filter(|(_, file, test)| {
        let text = read(file).or_else(|| read(&format!("crates/{file}")));
        !text.is_some_and(|text| text.contains(&format!("fn {test}(")))
    });
    let problem = |(line, file, test): (usize, &str, &str)| NoTest {
        document: document.to_owned(),
        line,
        file: file.to_owned(),
        test: test.to_owned(),
    };
    missing.map(problem).collect()
}

fn named(code: &str) -> Option<(&str, &str)> {
    code.split_once("::").filter(|(file, _)| file.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "one `a/tests/x.rs::there` and\n`a/tests/x.rs::gone`, `wk_sync::Engine` and `y.rs::gone`";

    fn read(path: &str) -> Option<String> {
        (path == "crates/a/tests/x.rs").then(|| "#[test]\nfn there() {}\nfn there_too() {}".to_owned())
    }

    #[test]
    fn a_test_that_is_not_there_is_named_with_its_line() {
        let problems = check("docs/d.md", TEXT, read);
        let said: Vec<_> = problems.iter().map(|problem| (problem.line, problem.file.as_str())).collect();
        assert_eq!(said, [(2, "a/tests/x.rs"), (2, "y.rs")]);
    }

    #[test]
    fn only_documents_are_read() {
        assert_eq!(check("src/d.rs", TEXT, read), []);
    }
}
