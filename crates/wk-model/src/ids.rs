//! Names and numbers that identify users and messages.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// Why an id must not be sent to a server (docs/servers.md T63).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdError {
    /// The id has no characters.
    #[error("{what} is empty")]
    Empty {
        /// What the id names.
        what: &'static str,
    },
    /// The id is longer than [`IdError::MAX_BYTES`].
    #[error("{what} has {len} bytes, the limit is {limit}", limit = Self::MAX_BYTES)]
    TooLong {
        /// What the id names.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// The id holds a character or suffix that servers use for themselves.
    #[error("{what} holds the reserved {reserved:?}")]
    Reserved {
        /// What the id names.
        what: &'static str,
        /// The reserved text that was found.
        reserved: &'static str,
    },
}

impl IdError {
    /// The longest id, in bytes, that every known server stores safely.
    pub const MAX_BYTES: usize = 255;
}

pub(crate) fn check_length(what: &'static str, id: &str) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty { what });
    }
    if id.len() > IdError::MAX_BYTES {
        return Err(IdError::TooLong { what, len: id.len() });
    }
    Ok(())
}

pub(crate) fn check_reserved(what: &'static str, id: &str, reserved: &[&'static str]) -> Result<(), IdError> {
    match reserved.iter().find(|text| id.contains(**text)) {
        Some(reserved) => Err(IdError::Reserved { what, reserved }),
        None => Ok(()),
    }
}

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes any text; use `check` before it goes to a server.
            pub fn new(id: impl Into<Arc<str>>) -> Self {
                Self(id.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether there is no text.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id.into())
            }
        }
    };
}

string_id! {
    /// A user's id.
    Uid
}

string_id! {
    /// The number a sender gives a message: unique per (channel, sender) where it is not empty, and the same in
    /// every resend.
    ClientMsgNo
}

impl Uid {
    /// Whether a server may be given this id: 1 to 255 bytes, without `@ # & : |`, which servers use to build
    /// and split channel ids (docs/servers.md).
    ///
    /// # Errors
    /// The first rule that the id breaks.
    pub fn check(&self) -> Result<(), IdError> {
        check_length("uid", self.as_str())?;
        check_reserved("uid", self.as_str(), &["@", "#", "&", ":", "|"])
    }
}

impl ClientMsgNo {
    /// Whether a server may be given this number: 1 to 255 bytes.
    ///
    /// # Errors
    /// The rule that the number breaks.
    pub fn check(&self) -> Result<(), IdError> {
        check_length("client_msg_no", self.as_str())
    }
}

/// The number of a message row in the local store: larger for rows written later, never reused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientSeq(i64);

impl ClientSeq {
    /// No row: what a message carries that is not stored.
    pub const NONE: Self = Self(0);

    /// The row with this number.
    pub const fn new(value: i64) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ClientSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_servers_cannot_take_are_refused() {
        assert_eq!(Uid::new("").check(), Err(IdError::Empty { what: "uid" }));
        assert_eq!(Uid::new("a@b").check(), Err(IdError::Reserved { what: "uid", reserved: "@" }));
        let long = "x".repeat(256);
        assert_eq!(Uid::from(long.clone()).check(), Err(IdError::TooLong { what: "uid", len: 256 }));
        assert_eq!(
            ClientMsgNo::from(long).check(),
            Err(IdError::TooLong { what: "client_msg_no", len: 256 })
        );
        assert_eq!(Uid::new("阿丽").check(), Ok(()));
    }
}
