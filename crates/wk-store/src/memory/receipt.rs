//! Receipts in memory.

use wk_model::{Receipt, Written};

use super::{Access, View, Writing};
use crate::{ReceiptRead, ReceiptWrite, StoreError};

impl<A: Access> ReceiptRead for View<A> {
    fn receipts(&mut self) -> Result<Vec<Receipt>, StoreError> {
        Ok(self.0.read(|state| {
            let mut all: Vec<Receipt> = state.tables.receipts.values().cloned().collect();
            all.sort_by(|a, b| (&a.channel, a.seq, a.message_id).cmp(&(&b.channel, b.seq, b.message_id)));
            all
        }))
    }
}

impl ReceiptWrite for View<Writing<'_>> {
    fn add_receipt(&mut self, receipt: &Receipt) -> Result<Written, StoreError> {
        let id = receipt.message_id;
        if self.0.state.tables.receipts.contains_key(&id) {
            return Ok(Written::Unchanged);
        }
        self.0.put_row(|tables| &mut tables.receipts, id, Some(receipt.clone()));
        Ok(Written::Inserted)
    }

    fn remove_receipts(&mut self, uploaded: &[Receipt]) -> Result<u64, StoreError> {
        let mut removed = 0;
        for receipt in uploaded {
            if self.0.state.tables.receipts.get(&receipt.message_id) == Some(receipt) {
                self.0.put_row(|tables| &mut tables.receipts, receipt.message_id, None);
                removed += 1;
            }
        }
        Ok(removed)
    }
}
