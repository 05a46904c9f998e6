//! The tokens of the index: what a message is found by, and what a search looks up.
//!
//! Words are tokens, in lower case. Scripts without spaces give every two neighbours as a token, so that a search of two
//! characters is one token and a longer one is several that must all be there. Symbols are tokens of their own. The
//! channel, the sender and the type of a message are tokens too, so that filters need no rows to be read.

use wk_store::model::{CharClass, ContentType, FoldedText, SearchPattern, parse_payload};

/// The rules of this file. A change of what they make of any text needs another number: then files are indexed anew.
pub(super) const VERSION: i64 = 2;

/// What the tokens of a message are made from: columns of its row, and what lists show of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) channel: i64,
    pub(super) sender: i64,
    pub(super) content_type: i64,
    pub(super) payload: &'a [u8],
}

impl Source<'_> {
    /// All tokens, separated by spaces.
    pub(super) fn tokens(&self) -> String {
        let mut tokens = format!("{} {}", channel_token(self.channel), sender_token(self.sender));
        if self.content_type != i64::from(ContentType::TEXT.value()) {
            tokens.push(' ');
            tokens.push_str(&type_token(self.content_type));
        }
        let content = parse_payload(self.payload).content;
        let folded = FoldedText::new(&content.searchable_text());
        for run in runs(folded.chars()) {
            run.for_each_token(|token| {
                tokens.push(' ');
                tokens.extend(token);
            });
        }
        tokens
    }
}

/// What a search looks up: tokens that all must be there.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    parts: Vec<String>,
}

impl Lookup {
    /// The tokens that every text has in which the pattern is found. There are none for a pattern of single
    /// characters and signs.
    pub(super) fn of(pattern: &SearchPattern) -> Self {
        let mut lookup = Self::default();
        for term in pattern.terms() {
            let runs: Vec<Run<'_>> = runs(term).collect();
            for (index, run) in runs.iter().enumerate() {
                let may_go_on = run.class == CharClass::Word && index + 1 == runs.len();
                if may_go_on && run.chars.len() < WORD_LEN {
                    // The beginning of a word. One letter begins too many.
                    if run.chars.len() > 1 {
                        lookup.add(&format!("\"{}\" *", run.chars.iter().collect::<String>()));
                    }
                } else {
                    run.for_each_token(|token| lookup.add(&format!("\"{}\"", token.collect::<String>())));
                }
            }
        }
        lookup
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(super) fn channel(&mut self, number: i64) {
        self.parts.push(format!("\"{}\"", channel_token(number)));
    }

    pub(super) fn sender(&mut self, number: i64) {
        self.parts.push(format!("\"{}\"", sender_token(number)));
    }

    /// One of these types. Texts have no token, because most messages are texts.
    pub(super) fn content_types(&mut self, types: &[ContentType]) {
        if types.is_empty() || types.len() > MOST_PARTS || types.contains(&ContentType::TEXT) {
            return;
        }
        let any: Vec<String> =
            types.iter().map(|one| format!("\"{}\"", type_token(one.value().into()))).collect();
        self.parts.push(format!("({})", any.join(" OR ")));
    }

    /// The expression that FTS5 reads. Tokens have no quotes in them, so nothing in it is the user's.
    pub(super) fn expression(&self) -> String {
        self.parts.join(" AND ")
    }

    fn add(&mut self, part: &str) {
        // Beyond so many, another narrows nothing: the message itself is looked at anyway.
        if self.parts.len() < MOST_PARTS && !self.parts.iter().any(|known| known == part) {
            self.parts.push(part.to_owned());
        }
    }
}

/// Neighbours of one class.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    class: CharClass,
    chars: &'a [char],
}

impl Run<'_> {
    /// The tokens of a whole run in a text.
    fn for_each_token(&self, mut token: impl FnMut(&mut dyn Iterator<Item = char>)) {
        match self.class {
            CharClass::Word => token(&mut self.chars.iter().copied().take(WORD_LEN)),
            CharClass::Unspaced => {
                self.chars.windows(2).for_each(|pair| token(&mut pair.iter().copied()));
            }
            CharClass::Symbol => {
                self.chars.iter().for_each(|symbol| token(&mut std::iter::once(*symbol)));
            }
            CharClass::Other => {}
        }
    }
}

fn runs(chars: &[char]) -> impl Iterator<Item = Run<'_>> {
    chars.chunk_by(|a, b| CharClass::of(*a) == CharClass::of(*b)).filter_map(|chars| {
        let class = CharClass::of(*chars.first()?);
        Some(Run { class, chars })
    })
}

// Control characters that no text has as a part of a token tell these from words.

fn channel_token(number: i64) -> String {
    format!("\u{80}{number}")
}

fn sender_token(number: i64) -> String {
    format!("\u{81}{number}")
}

fn type_token(number: i64) -> String {
    // A minus sign would split the token.
    format!("\u{82}{number:x}")
}

/// Of longer words only the beginning is indexed.
const WORD_LEN: usize = 32;

/// How many tokens a search looks up.
const MOST_PARTS: usize = 16;

#[cfg(test)]
mod tests {
    use wk_store::model::text_payload;

    use super::*;

    fn tokens(text: &str) -> String {
        let payload = text_payload(text);
        let all = Source { channel: 7, sender: 8, content_type: 1, payload: &payload }.tokens();
        all.strip_prefix("\u{80}7 \u{81}8").unwrap().trim_start().to_owned()
    }

    #[test]
    fn texts_are_words_pairs_and_symbols() {
        assert_eq!(
            tokens("Hello, 世界和平! 我 iPhone手机壳😀😀"),
            "hello 世界 界和 和平 iphone 手机 机壳 😀 😀"
        );
        assert_eq!(tokens("\"*%_ \0。"), "");
        assert_eq!(tokens(&"x".repeat(99)), "x".repeat(32));
    }

    #[test]
    fn searches_look_up_what_texts_have() {
        let lookup = |text: &str| Lookup::of(&SearchPattern::new(text)).expression();
        assert_eq!(lookup("世界和"), "\"世界\" AND \"界和\"");
        assert_eq!(lookup("Hel"), "\"hel\" *");
        assert_eq!(lookup("hello-wo"), "\"hello\" AND \"wo\" *");
        assert_eq!(lookup("100%"), "\"100\"");
        assert_eq!(lookup("a 我 % \" *"), "");
        assert_eq!(lookup("a- 我b"), "\"a\"");
        assert_eq!(lookup(&"x".repeat(99)), format!("\"{}\"", "x".repeat(32)));
        assert_eq!(lookup("世世世世"), "\"世世\"");
        let many: String = (0..100).map(|n| format!("w{n} ")).collect();
        assert_eq!(lookup(&many).matches('"').count(), 32);
    }

    #[test]
    fn other_types_than_text_are_tokens() {
        let tokens = |content_type| Source { channel: 1, sender: 2, content_type, payload: b"" }.tokens();
        assert_eq!(tokens(1), "\u{80}1 \u{81}2");
        assert_eq!(tokens(-5), "\u{80}1 \u{81}2 \u{82}fffffffffffffffb");
        let mut lookup = Lookup::default();
        lookup.content_types(&[ContentType::new(-5), ContentType::IMAGE]);
        assert_eq!(lookup.expression(), "(\"\u{82}fffffffffffffffb\" OR \"\u{82}2\")");
        lookup.content_types(&[ContentType::TEXT, ContentType::IMAGE]);
        lookup.content_types(&[]);
        assert_eq!(lookup.parts.len(), 1);
    }
}
