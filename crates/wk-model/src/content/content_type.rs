//! The number that tells how to read a payload.

use std::fmt;

/// The number that tells how to read a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentType(i32);

impl ContentType {
    /// Nothing to show.
    pub const UNKNOWN: Self = Self(0);
    /// Text.
    pub const TEXT: Self = Self(1);
    /// An image.
    pub const IMAGE: Self = Self(2);
    /// A moving image.
    pub const GIF: Self = Self(3);
    /// A voice message.
    pub const VOICE: Self = Self(4);
    /// A video.
    pub const VIDEO: Self = Self(5);
    /// A place.
    pub const LOCATION: Self = Self(6);
    /// A user's card.
    pub const CARD: Self = Self(7);
    /// A file.
    pub const FILE: Self = Self(8);
    /// Messages of another conversation in one.
    pub const MERGE_FORWARD: Self = Self(11);
    /// A payload that could not be read: decryption failed, or it is no JSON object.
    pub const FORMAT_ERROR: Self = Self(97);
    /// A piece of a text that is still being written.
    pub const STREAM: Self = Self(98);
    /// A command to the application, never shown.
    pub const COMMAND: Self = Self(99);
    /// The first of the system's notices.
    pub const TIP_FIRST: Self = Self(1000);
    /// The last of the system's notices.
    pub const TIP_LAST: Self = Self(2000);

    /// Any number.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn value(self) -> i32 {
        self.0
    }

    /// Whether messages of this type stand in a list: all but [`Self::UNKNOWN`] and [`Self::COMMAND`].
    pub const fn is_listed(self) -> bool {
        !matches!(self, Self::UNKNOWN | Self::COMMAND)
    }

    /// Whether this is a notice of the system: 1000 to 2000.
    pub const fn is_tip(self) -> bool {
        self.0 >= Self::TIP_FIRST.0 && self.0 <= Self::TIP_LAST.0
    }

    /// Whether an application may not give the number to a content of its own, because it has a meaning here or to
    /// every other SDK: 0 to 8, 11, 97 to 99 and 1000 to 2000.
    pub const fn is_reserved(self) -> bool {
        matches!(self.0, 0..=8 | 11 | 97..=99) || self.is_tip()
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_without_a_meaning_are_free() {
        for reserved in (0..=8).chain([11]).chain(97..=99).chain(1000..=2000) {
            assert!(ContentType::new(reserved).is_reserved(), "{reserved}");
        }
        for free in [-1, 9, 10, 12, 13, 17, 96, 100, 101, 999, 2001, 4242, 21_000, i32::MAX, i32::MIN] {
            assert!(!ContentType::new(free).is_reserved(), "{free}");
        }
    }
}
