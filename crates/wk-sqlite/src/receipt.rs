//! Receipts in SQLite.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use wk_store::model::{ChannelId, MessageId, MessageSeq, Receipt, Written};
use wk_store::{ReceiptRead, ReceiptWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> ReceiptRead for View<A> {
    fn receipt_channels(&mut self) -> Result<Vec<ChannelId>, StoreError> {
        self.0.with(|link| {
            let numbers: Vec<i64> =
                Fetch::new(Channels, []).load(&mut link.connection).map_err(failed("reads receipts"))?;
            let all: Result<Vec<ChannelId>, _> =
                numbers.into_iter().map(|number| link.channel(number)).collect();
            let mut all = all?;
            all.sort_by(|a, b| (a.channel_type(), a.id()).cmp(&(b.channel_type(), b.id())));
            Ok(all)
        })
    }

    fn receipts_of(&mut self, channel: &ChannelId, limit: u32) -> Result<Vec<Receipt>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(Vec::new()) };
            let rows: Vec<(i64, i64)> = Fetch::new(OfChannel, [number.into()])
                .load_iter(&mut link.connection)
                .and_then(|rows| rows.take(limit).collect())
                .map_err(failed("reads receipts"))?;
            rows.into_iter().map(|(message_id, seq)| receipt(channel.clone(), seq, message_id)).collect()
        })
    }
}

fn receipt(channel: ChannelId, seq: i64, message_id: i64) -> Result<Receipt, StoreError> {
    let seq = MessageSeq::new(from_db("seq of a receipt", seq)?);
    Ok(Receipt { channel, seq, message_id: MessageId::new(message_id) })
}

impl ReceiptWrite for View<Writing<'_>> {
    fn add_receipt(&mut self, receipt: &Receipt) -> Result<Written, StoreError> {
        self.0.with(|link| {
            let seq = to_db("seq of a receipt", receipt.seq.get())?;
            let channel = link.intern_channel(&receipt.channel)?;
            let values = [receipt.message_id.get().into(), channel.into(), seq.into()];
            let added =
                Fixed::new(Add, values).execute(&mut link.connection).map_err(failed("adds a receipt"))?;
            Ok(if added == 0 { Written::Unchanged } else { Written::Inserted })
        })
    }

    fn remove_receipts(&mut self, uploaded: &[Receipt]) -> Result<u64, StoreError> {
        self.0.with(|link| {
            let mut removed = 0;
            for receipt in uploaded {
                // A seq beyond the column's range was never written.
                let Ok(seq) = i64::try_from(receipt.seq.get()) else { continue };
                let Some(channel) = link.find_channel(&receipt.channel)? else { continue };
                let values = [receipt.message_id.get().into(), channel.into(), seq.into()];
                removed += Fixed::new(Remove, values)
                    .execute(&mut link.connection)
                    .map_err(failed("removes a receipt"))? as u64;
            }
            Ok(removed)
        })
    }
}

sql!(Channels -> BigInt, "SELECT DISTINCT channel FROM receipt");
sql!(
    OfChannel -> (BigInt, BigInt),
    "SELECT message_id, seq FROM receipt WHERE channel = ? ORDER BY seq, message_id"
);
sql!(Add, "INSERT INTO receipt (message_id, channel, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
sql!(Remove, "DELETE FROM receipt WHERE message_id = ? AND channel = ? AND seq = ?");
