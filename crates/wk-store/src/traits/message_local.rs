//! What the application keeps beside messages.

use wk_model::{ClientSeq, MessageLocal, Written};

use crate::StoreError;

/// Reads what the application keeps beside messages.
pub trait MessageLocalRead {
    /// Of those of the rows beside which anything was ever kept, in the order of their numbers.
    ///
    /// # Errors
    /// The backend failed.
    fn message_locals(&mut self, rows: &[ClientSeq]) -> Result<Vec<(ClientSeq, MessageLocal)>, StoreError>;
}

/// Writes what the application keeps beside messages.
pub trait MessageLocalWrite: MessageLocalRead {
    /// Replaces what is kept beside a message; [`Written::Missing`] if there is no such row. It goes with the row.
    ///
    /// # Errors
    /// The backend failed.
    fn set_message_local(&mut self, row: ClientSeq, local: &MessageLocal) -> Result<Written, StoreError>;
}
