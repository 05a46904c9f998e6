//! Reading JSON values as other SDKs write them: numbers as text, flags as numbers, halves of characters.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// The text of a JSON string. Half a surrogate pair, which JavaScript may write as `\ud83d`, becomes one U+FFFD: the
/// text then has as many UTF-16 units as its writer counted.
pub(super) fn text(json: &str) -> Option<String> {
    if !json.starts_with('"') {
        return None;
    }
    serde_json::Deserializer::from_str(json).deserialize_bytes(Wtf8).ok()
}

/// A string, or a number as it is written: ids may be either.
pub(super) fn id(json: &str) -> Option<String> {
    number(json).map(Cow::into_owned)
}

fn number(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => text(json).map(Cow::Owned),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

/// A whole number, or a text of one. A fraction is cut off, what is out of range is the nearest in range.
pub(super) fn integer(json: &str) -> Option<i64> {
    let number = number(json)?;
    let number = number.trim();
    number.parse().ok().or_else(|| Some(finite(number)? as i64))
}

/// As [`integer`], from 0 on.
pub(super) fn unsigned(json: &str) -> Option<u64> {
    let number = number(json)?;
    let number = number.trim();
    number.parse().ok().or_else(|| Some(finite(number)? as u64))
}

/// A number, or a text of one.
pub(super) fn float(json: &str) -> Option<f64> {
    finite(number(json)?.trim())
}

/// `true`, or a number that is not 0, or a text of either.
pub(super) fn flag(json: &str) -> Option<bool> {
    let inner = text(json);
    match inner.as_deref().unwrap_or(json).trim() {
        "true" => Some(true),
        "false" => Some(false),
        number => finite(number).map(|number| number != 0.0),
    }
}

fn finite(number: &str) -> Option<f64> {
    number.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Takes a string as serde_json gives its bytes: UTF-8 in which surrogates may stand alone.
struct Wtf8;

impl Visitor<'_> for Wtf8 {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            // A surrogate is three invalid chunks of a byte each, of which only the first begins with 0xED.
            if chunk.invalid().first() == Some(&0xED) {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_flags_and_ids_are_read_however_they_are_written() {
        for seven in ["7", "7.0", "7.9", "\"7\"", "\" 7 \"", "70e-1", "\"7.5\""] {
            assert_eq!(integer(seven), Some(7), "{seven}");
            assert_eq!(unsigned(seven), Some(7), "{seven}");
        }
        assert_eq!(integer("-3"), Some(-3));
        assert_eq!(unsigned("-3"), Some(0));
        assert_eq!(unsigned("18446744073709551615"), Some(u64::MAX));
        assert_eq!(integer("1e400"), None);
        assert_eq!(integer("1e300"), Some(i64::MAX));
        for none in ["null", "true", "[7]", "{}", "\"x\"", "\"\"", "\"NaN\"", "\"inf\""] {
            assert_eq!((integer(none), float(none)), (None, None), "{none}");
        }
        for yes in ["true", "1", "\"1\"", "\"true\"", "2", "-1", "1.0"] {
            assert_eq!(flag(yes), Some(true), "{yes}");
        }
        for no in ["false", "0", "\"0\"", "\"false\"", "0.0"] {
            assert_eq!(flag(no), Some(false), "{no}");
        }
        assert_eq!(flag("\"yes\""), None);
        assert_eq!(id("9007199254740993").as_deref(), Some("9007199254740993"));
        assert_eq!(id("\"a\"").as_deref(), Some("a"));
        assert_eq!(id("null"), None);
    }

    #[test]
    fn half_a_surrogate_pair_is_one_replacement_character() {
        assert_eq!(text(r#""a\ud83d""#).as_deref(), Some("a\u{FFFD}"));
        assert_eq!(text(r#""\ude00b""#).as_deref(), Some("\u{FFFD}b"));
        assert_eq!(text(r#""\ud83d\ud83d\ude00""#).as_deref(), Some("\u{FFFD}\u{1F600}"));
        assert_eq!(text(r#""\ud83d\ude00 é 你""#).as_deref(), Some("\u{1F600} é 你"));
    }
}
