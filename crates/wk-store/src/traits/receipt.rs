//! Receipts that have to be uploaded.

use wk_model::{Receipt, Written};

use crate::StoreError;

/// Reads receipts.
pub trait ReceiptRead {
    /// All receipts that have to be uploaded, by channel and then by seq.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn receipts(&mut self) -> Result<Vec<Receipt>, StoreError>;
}

/// Writes receipts.
pub trait ReceiptWrite: ReceiptRead {
    /// Adds a receipt; [`Written::Unchanged`] if there is one for this message.
    ///
    /// # Errors
    /// The backend failed, or a number does not fit.
    fn add_receipt(&mut self, receipt: &Receipt) -> Result<Written, StoreError>;

    /// Removes exactly these, which were uploaded; says how many were there.
    ///
    /// # Errors
    /// The backend failed.
    fn remove_receipts(&mut self, uploaded: &[Receipt]) -> Result<u64, StoreError>;
}
