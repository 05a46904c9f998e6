//! Receipts that have to be uploaded.

use wk_model::{ChannelId, Receipt, Written};

use crate::StoreError;

/// Reads receipts.
pub trait ReceiptRead {
    /// The channels with receipts that have to be uploaded, by type and then by id.
    ///
    /// # Errors
    /// The backend failed, or a row makes no sense.
    fn receipt_channels(&mut self) -> Result<Vec<ChannelId>, StoreError>;

    /// The first receipts of a channel that have to be uploaded, by seq and then by message id: what one upload takes.
    ///
    /// # Errors
    /// As [`ReceiptRead::receipt_channels`].
    fn receipts_of(&mut self, channel: &ChannelId, limit: u32) -> Result<Vec<Receipt>, StoreError>;
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
