//! Versions of what a server says, and what a guarded write did with them.

use std::fmt;

/// The server's number of a change: larger for later ones. [`Version::ZERO`] where a source has no versions.
///
/// It has 64 bits everywhere, because servers count in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// No version: what a row that only this client made has, and every row of a source without versions.
    pub const ZERO: Self = Self(0);

    /// The version with this number.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// What keeps this version from replacing the stored one, if anything does: that it is older, or the same.
    ///
    /// Where neither has a version the later word counts.
    pub const fn refused_by(self, stored: Self) -> Option<Written> {
        if self.0 < stored.0 {
            Some(Written::Older)
        } else if self.0 == stored.0 && self.0 != 0 {
            Some(Written::Unchanged)
        } else {
            None
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Written {
    /// There was no such row, now there is.
    Inserted,
    /// The row is not what it was.
    Updated,
    /// Nothing: the row says the same, or has the same version.
    Unchanged,
    /// Nothing: the row is of a newer version.
    Older,
    /// Nothing: there is no such row, and this write makes none.
    Missing,
}

impl Written {
    /// Whether a row was written.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Inserted | Self::Updated)
    }
}

/// Sets a value and says whether that changed it.
pub(crate) fn set<T: PartialEq>(place: &mut T, value: T) -> Written {
    if *place == value {
        return Written::Unchanged;
    }
    *place = value;
    Written::Updated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_newer_versions_replace() {
        let [zero, one, large] = [0, 1, u64::from(u32::MAX) * 4096].map(Version::new);
        assert_eq!(one.refused_by(zero), None);
        assert_eq!(large.refused_by(one), None);
        assert_eq!(one.refused_by(large), Some(Written::Older));
        assert_eq!(zero.refused_by(one), Some(Written::Older));
        assert_eq!(large.refused_by(large), Some(Written::Unchanged));
        assert_eq!(zero.refused_by(zero), None);
    }
}
