//! Offsets in UTF-16 units, which other SDKs count in, and in the bytes of a Rust string.

use std::ops::Range;

/// The bytes of a range of UTF-16 units, nothing if the text has no such range or it cuts a character apart.
pub fn byte_range(text: &str, utf16: Range<u32>) -> Option<Range<usize>> {
    let mut from_start = Boundaries::of(text);
    let start = from_start.find(|(_, units)| *units >= utf16.start)?;
    let end = match start {
        found if found.1 == utf16.end => found,
        _ => from_start.find(|(_, units)| *units >= utf16.end)?,
    };
    (start.1 == utf16.start && end.1 == utf16.end).then_some(start.0..end.0)
}

/// The UTF-16 units of a range of bytes, nothing if the text has no such range or it cuts a character apart.
pub fn utf16_range(text: &str, bytes: Range<usize>) -> Option<Range<u32>> {
    let start = units(text.get(..bytes.start)?)?;
    let len = units(text.get(bytes)?)?;
    Some(start..start.checked_add(len)?)
}

fn units(text: &str) -> Option<u32> {
    u32::try_from(text.encode_utf16().count()).ok()
}

/// The places between characters, in bytes and in UTF-16 units.
struct Boundaries<'a> {
    chars: std::str::Chars<'a>,
    next: Option<(usize, u32)>,
}

impl<'a> Boundaries<'a> {
    fn of(text: &'a str) -> Self {
        Self { chars: text.chars(), next: Some((0, 0)) }
    }
}

impl Iterator for Boundaries<'_> {
    type Item = (usize, u32);

    fn next(&mut self) -> Option<(usize, u32)> {
        let here = self.next?;
        self.next =
            self.chars.next().map(|char| (here.0 + char.len_utf8(), here.1 + char.len_utf16() as u32));
        Some(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_are_counted_as_both_sides_count_them() {
        let text = "a你\u{1F600}é";
        assert_eq!(byte_range(text, 0..5), Some(0..10));
        assert_eq!(byte_range(text, 2..4), Some(4..8));
        assert_eq!(byte_range(text, 5..5), Some(10..10));
        assert_eq!(utf16_range(text, 4..8), Some(2..4));
        for cut in [3..4, 2..3, 0..6, 6..6] {
            assert_eq!(byte_range(text, cut.clone()), None, "{cut:?}");
        }
        for cut in [2..4, 0..5, 0..11] {
            assert_eq!(utf16_range(text, cut.clone()), None, "{cut:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        /// The oracle cuts the units themselves and asks whether text is left on both sides.
        #[test]
        fn ranges_equal_those_of_a_naive_reading(
            text in "[a-zé你\u{1F600}\u{10FFFF}]{0,12}", start in 0u32..30, end in 0u32..30,
        ) {
            let units: Vec<u16> = text.encode_utf16().collect();
            let oracle = || {
                let (start, end) = (start as usize, end as usize);
                let before = String::from_utf16(units.get(..start)?).ok()?;
                let inside = String::from_utf16(units.get(start..end)?).ok()?;
                String::from_utf16(units.get(end..)?).ok()?;
                Some(before.len()..before.len() + inside.len())
            };
            let found = byte_range(&text, start..end);
            prop_assert_eq!(&found, &oracle());
            if let Some(bytes) = found {
                prop_assert_eq!(utf16_range(&text, bytes), Some(start..end));
            }
        }

        #[test]
        fn every_range_of_whole_characters_survives_both_ways(
            text in ".{0,20}", start in 0usize..60, end in 0usize..60,
        ) {
            let whole = text.get(start..end).is_some();
            let utf16 = utf16_range(&text, start..end);
            prop_assert_eq!(utf16.is_some(), whole);
            if let Some(utf16) = utf16 {
                prop_assert_eq!(byte_range(&text, utf16), Some(start..end));
            }
        }
    }
}
