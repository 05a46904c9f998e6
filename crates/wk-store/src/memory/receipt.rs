//! Receipts in memory.

use std::collections::BTreeSet;

use wk_model::{ChannelId, Receipt, Written};

use super::{Access, View, Writing};
use crate::{ReceiptRead, ReceiptWrite, StoreError};

impl<A: Access> ReceiptRead for View<A> {
    fn receipt_channels(&mut self) -> Result<Vec<ChannelId>, StoreError> {
        let all: BTreeSet<ChannelId> = self
            .0
            .read(|state| state.tables.receipts.values().map(|receipt| receipt.channel.clone()).collect());
        let mut all: Vec<ChannelId> = all.into_iter().collect();
        // The set is ordered by id first.
        all.sort_by_key(ChannelId::channel_type);
        Ok(all)
    }

    fn receipts_of(&mut self, channel: &ChannelId, limit: u32) -> Result<Vec<Receipt>, StoreError> {
        let mut all: Vec<Receipt> = self.0.read(|state| {
            let all = state.tables.receipts.values();
            all.filter(|receipt| receipt.channel == *channel).cloned().collect()
        });
        all.sort_by_key(|receipt| (receipt.seq, receipt.message_id));
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
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
