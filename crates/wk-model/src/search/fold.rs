//! Text as search compares it: lower case, full-width forms as ASCII, and the class of each character.

use std::ops::Range;

/// A text character by character as search compares it, with the way back to its bytes.
///
/// Each character is folded on its own: to lower case, from full-width to ASCII (`Ａ` is `a`), and the selectors of
/// emoji presentation are left out. Texts are not normalized: `é` in one and in two characters are different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoldedText {
    chars: Vec<char>,
    /// Where each character begins in the text, and the length of the text.
    offsets: Vec<usize>,
}

impl FoldedText {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        let folded = text.char_indices().filter_map(|(at, c)| Some((fold(c)?, at)));
        let (chars, mut offsets): (Vec<char>, Vec<usize>) = folded.unzip();
        offsets.push(text.len());
        Self { chars, offsets }
    }

    /// The folded characters.
    pub fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The bytes of the text that so many characters from `first` on were made of.
    pub(super) fn bytes(&self, first: usize, count: usize) -> Range<usize> {
        let at = |index: usize| {
            self.offsets.get(index).or_else(|| self.offsets.last()).copied().unwrap_or_default()
        };
        at(first)..at(first.saturating_add(count))
    }
}

/// What a folded character is to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "an index must treat each class in its own way")]
pub enum CharClass {
    /// Part of a word: letters and digits of scripts that put spaces between words.
    Word,
    /// Of a script without spaces between words, where a word may begin anywhere: Chinese, Japanese, Thai, …; also
    /// Korean, whose words are compounds.
    Unspaced,
    /// A symbol that stands for itself, like an emoji.
    Symbol,
    /// What stands between words: spaces, punctuation, marks.
    Other,
}

impl CharClass {
    /// The class of a folded character.
    pub fn of(c: char) -> Self {
        match u32::from(c) {
            0x0E00..=0x0EFF
            | 0x1000..=0x109F
            | 0x1100..=0x11FF
            | 0x1780..=0x17FF
            | 0x2E80..=0x2FDF
            | 0x3005..=0x3007
            | 0x3021..=0x3029
            | 0x3040..=0x31FF
            | 0x3400..=0x4DBF
            | 0x4E00..=0x9FFF
            | 0xA960..=0xA97F
            | 0xAC00..=0xD7FF
            | 0xF900..=0xFAFF
            | 0xFF66..=0xFFDC
            | 0x1_AFF0..=0x1_B16F
            | 0x2_0000..=0x3_FFFF => Self::Unspaced,
            0x2190..=0x2BFF | 0x1_F000..=0x1_FBFF => Self::Symbol,
            _ if c.is_alphanumeric() => Self::Word,
            _ => Self::Other,
        }
    }
}

fn fold(c: char) -> Option<char> {
    match c {
        '\u{FE0E}' | '\u{FE0F}' => None,
        '\u{FF01}'..='\u{FF5E}' => {
            let ascii = u32::from(c).checked_sub(FULL_WIDTH).and_then(char::from_u32)?;
            Some(ascii.to_ascii_lowercase())
        }
        // The first of what may be several: `İ` is found as `i`.
        _ => c.to_lowercase().next(),
    }
}

/// How far the full-width forms stand from ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_width_and_emoji_selectors() {
        let text = "Aé ＷＫ１００％ İ❤\u{FE0F}好";
        let folded = FoldedText::new(text);
        assert_eq!(folded.chars().iter().collect::<String>(), "aé wk100% i❤好");
        // The bytes of a character take along what was left out behind it.
        let heart = folded.chars().iter().position(|c| *c == '❤').unwrap();
        assert_eq!(text.get(folded.bytes(heart, 1)), Some("❤\u{FE0F}"));
        assert_eq!(text.get(folded.bytes(0, 2)), Some("Aé"));
    }

    #[test]
    fn characters_have_the_class_of_their_script() {
        let of = |text: &str| text.chars().map(CharClass::of).collect::<Vec<_>>();
        assert!(of("az09éßд٣").iter().all(|class| *class == CharClass::Word));
        assert!(of("中文𠮷ひカ한ไ々").iter().all(|class| *class == CharClass::Unspaced));
        assert!(of("😀❤→🇨").iter().all(|class| *class == CharClass::Symbol));
        assert!(of(" 。，!\"%_*'\u{301}\u{80}\0\u{200d}").iter().all(|class| *class == CharClass::Other));
    }
}
