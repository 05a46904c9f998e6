//! What counts as found: every term of a search in a text, and where.

use std::ops::Range;

use super::fold::{CharClass, FoldedText};

/// The terms of a search, and the rule by which a text has them.
///
/// The searched text is split at white space into terms, and a text matches if every term is in it, in any order,
/// as [`FoldedText`] compares them. A term is plain text: `%`, `*` and quotes mean themselves. One that begins with a
/// letter or digit of a script with spaces is found only where a word begins (`app` in "Apple", not in "snapped");
/// in scripts without spaces a term is found anywhere. No terms match every text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPattern {
    terms: Vec<Vec<char>>,
}

impl SearchPattern {
    /// The pattern of what a user typed.
    pub fn new(text: &str) -> Self {
        let mut terms: Vec<Vec<char>> =
            text.split_whitespace().map(|term| FoldedText::new(term).chars().to_vec()).collect();
        terms.retain(|term| !term.is_empty());
        terms.sort_unstable();
        terms.dedup();
        Self { terms }
    }

    /// The folded terms, each once.
    pub fn terms(&self) -> impl Iterator<Item = &[char]> {
        self.terms.iter().map(Vec::as_slice)
    }

    /// Whether there are no terms.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Where the terms stand in a text that matches: ranges of its bytes, ascending, none touching another. Nothing
    /// if the text does not match.
    pub fn find(&self, text: &str) -> Option<Vec<Range<usize>>> {
        if self.terms.is_empty() {
            return Some(Vec::new());
        }
        let folded = FoldedText::new(text);
        let mut found = Vec::new();
        for term in &self.terms {
            let before = found.len();
            found.extend(places(term, folded.chars()).map(|at| folded.bytes(at, term.len())));
            if found.len() == before {
                return None;
            }
        }
        Some(merge(found))
    }
}

/// Where a term stands in a text.
fn places<'a>(term: &'a [char], text: &'a [char]) -> impl Iterator<Item = usize> + 'a {
    let word = term.first().is_some_and(|first| CharClass::of(*first) == CharClass::Word);
    let mut inside_word = false;
    text.windows(term.len()).enumerate().filter_map(move |(at, window)| {
        let begins = !(word && inside_word);
        inside_word = window.first().is_some_and(|first| CharClass::of(*first) == CharClass::Word);
        (begins && window == term).then_some(at)
    })
}

/// The same bytes in as few ranges as possible.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(search: &str, text: &str) -> Option<String> {
        let mut marked = text.to_owned();
        for range in SearchPattern::new(search).find(text)?.into_iter().rev() {
            marked.insert(range.end, ']');
            marked.insert(range.start, '[');
        }
        Some(marked)
    }

    #[test]
    fn chinese_is_found_anywhere_and_words_where_they_begin() {
        assert_eq!(marked("天气", "今天天气好").as_deref(), Some("今天[天气]好"));
        assert_eq!(marked("天", "今天天气").as_deref(), Some("今[天天]气"));
        assert_eq!(marked("APP", "apple snapped App").as_deref(), Some("[app]le snapped [App]"));
        assert_eq!(marked("pp", "apple"), None);
        assert_eq!(marked("iphone手机", "我的iPhone手机壳").as_deref(), Some("我的[iPhone手机]壳"));
        assert_eq!(marked("phone", "我的iPhone"), None);
    }

    #[test]
    fn all_terms_must_be_there_in_any_order() {
        assert_eq!(marked("world  hello", "Hello, world!").as_deref(), Some("[Hello], [world]!"));
        assert_eq!(marked("hello moon", "Hello, world!"), None);
        assert_eq!(marked("你 好", "你好").as_deref(), Some("[你好]"));
        assert_eq!(marked(" \u{3000}\t", "anything").as_deref(), Some("anything"));
    }

    #[test]
    fn what_means_something_elsewhere_is_plain_text_here() {
        for sign in [
            "%", "_", "*", "\"", "'", "(", ")", "^", "-", ":", "?", "\\", "NEAR(", "\"a\"", "a*", "-a",
            "100%",
        ] {
            let text = format!("x {sign} y");
            assert_eq!(marked(sign, &text), Some(format!("x [{sign}] y")));
            assert_eq!(marked(sign, "x y"), None, "{sign}");
        }
        assert_eq!(marked("100%", "100 %"), None);
        assert_eq!(marked("a OR b", "a b"), None);
    }

    #[test]
    fn ranges_are_bytes_of_the_text_as_it_was() {
        assert_eq!(marked("❤好", "❤\u{FE0F}好😀").as_deref(), Some("[❤\u{FE0F}好]😀"));
        assert_eq!(marked("😀", "a😀😀b").as_deref(), Some("a[😀😀]b"));
        assert_eq!(marked("wk", "ＷＫ").as_deref(), Some("[ＷＫ]"));
    }
}
