//! Messages on their way to the server.

use wk_model::{ClientSeq, OutboxEntry};

use crate::StoreError;

/// Reads the outbox.
pub trait OutboxRead {
    /// All entries, in the order of their client seqs.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn outbox(&mut self) -> Result<Vec<OutboxEntry>, StoreError>;
}

/// Writes the outbox. Entries and message rows are independent here: removing one leaves the other.
pub trait OutboxWrite: OutboxRead {
    /// Writes an entry, new or known.
    ///
    /// # Errors
    /// The backend failed.
    fn put_outbox(&mut self, entry: &OutboxEntry) -> Result<(), StoreError>;

    /// Removes an entry; says whether it was there.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_outbox(&mut self, client_seq: ClientSeq) -> Result<bool, StoreError>;
}
