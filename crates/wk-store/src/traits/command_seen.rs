//! Commands that were handled.

use wk_model::{CommandSeen, UnixMillis, Written};

use crate::StoreError;

/// Reads which commands were handled.
pub trait CommandSeenRead {
    /// Whether a command was handled: one with this seq in this log, or with this message id.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn is_command_seen(&mut self, command: &CommandSeen) -> Result<bool, StoreError>;
}

/// Writes which commands were handled.
pub trait CommandSeenWrite: CommandSeenRead {
    /// Notes every name of a command as handled; what is noted keeps its first time.
    ///
    /// # Errors
    /// As [`CommandSeenRead::is_command_seen`].
    fn put_command_seen(&mut self, command: &CommandSeen) -> Result<(), StoreError>;

    /// Notes that a command is handled. [`Written::Inserted`] the first time: handle it. [`Written::Unchanged`] ever
    /// after, whichever of its names it comes with. One without a seq and a message id is always new.
    ///
    /// # Errors
    /// As [`CommandSeenRead::is_command_seen`].
    fn note_command(&mut self, command: &CommandSeen) -> Result<Written, StoreError> {
        let seen = self.is_command_seen(command)?;
        self.put_command_seen(command)?;
        Ok(if seen { Written::Unchanged } else { Written::Inserted })
    }

    /// Forgets names noted before a time; says how many.
    ///
    /// # Errors
    /// The backend failed.
    fn forget_commands(&mut self, before: UnixMillis) -> Result<u64, StoreError>;
}
