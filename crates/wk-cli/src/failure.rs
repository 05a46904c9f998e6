//! What ends the command: one line for people and an exit code.

use std::fmt;

/// Exit code 2: the input is wrong, so that nothing could be done. Exit code 1: something went wrong on the way.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Failure {
    /// The user can mend it: an address, a token, a file.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// Something that should have worked did not.
    pub(crate) fn broken(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }
}

impl From<wkim::Error> for Failure {
    fn from(error: wkim::Error) -> Self {
        Self::broken(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::broken(error)
    }
}
