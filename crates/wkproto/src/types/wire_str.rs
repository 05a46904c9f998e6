//! A string as it is on the wire: bytes that should be UTF-8.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::str::Utf8Error;

/// A string as it is on the wire: bytes that should be UTF-8, at most 32,767 of them.
///
/// The bytes are not checked when a packet is decoded. A MsgKey is computed over them as they are, and a string
/// that is not UTF-8 must cost neither the message nor the connection; it reads with replacement characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct WireStr<'a>(&'a [u8]);

impl<'a> WireStr<'a> {
    /// The empty string.
    pub const EMPTY: WireStr<'static> = WireStr(&[]);
    /// The greatest length in bytes: servers read the length as a signed 16-bit number.
    pub const MAX_LEN: usize = 32_767;

    /// Wraps bytes, UTF-8 or not.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes on the wire.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// If the bytes are not UTF-8.
    pub const fn to_str(self) -> Result<&'a str, Utf8Error> {
        core::str::from_utf8(self.0)
    }

    /// The text, with U+FFFD in place of what is not UTF-8. Allocates only in that case.
    #[must_use]
    pub fn to_string_lossy(self) -> Cow<'a, str> {
        // Nearly all texts are UTF-8, which is seen faster than where one stops being it.
        self.to_str().map_or_else(|_| String::from_utf8_lossy(self.0), Cow::Borrowed)
    }
}

impl<'a> From<&'a str> for WireStr<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a String> for WireStr<'a> {
    fn from(text: &'a String) -> Self {
        Self(text.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for WireStr<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for WireStr<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl PartialEq<str> for WireStr<'_> {
    fn eq(&self, text: &str) -> bool {
        self.0 == text.as_bytes()
    }
}

impl PartialEq<&str> for WireStr<'_> {
    fn eq(&self, text: &&str) -> bool {
        self.0 == text.as_bytes()
    }
}

impl fmt::Display for WireStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl fmt::Debug for WireStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_str() {
            Ok(text) => fmt::Debug::fmt(text, f),
            Err(_) => write!(f, "b\"{}\"", self.0.escape_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WireStr;
    use alloc::borrow::Cow;
    use alloc::format;

    #[test]
    fn broken_text_keeps_its_bytes_and_reads_lossily() {
        let broken = WireStr::new(b"n\xffo");
        assert_eq!(broken.as_bytes(), b"n\xffo");
        assert!(broken.to_str().is_err());
        assert_eq!(format!("{broken}"), "n\u{fffd}o");
        assert_eq!(format!("{broken:?}"), "b\"n\\xffo\"");
    }

    #[test]
    fn text_is_borrowed() {
        let text = WireStr::from("频道");
        assert_eq!(text, "频道");
        assert!(matches!(text.to_string_lossy(), Cow::Borrowed("频道")));
        assert_eq!(format!("{text:?}"), "\"频道\"");
    }
}
