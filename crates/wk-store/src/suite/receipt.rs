//! Suite: receipts.

use wk_model::{ChannelId, Receipt, Written};

use super::fixtures::{group, seq, write};
use super::full::{HOSTILE, receipt};
use crate::Store;

pub(super) fn they_are_kept_by_channel_and_seq(store: &mut dyn Store) {
    let dashed = ChannelId::group("550e8400-e29b-41d4-a716-446655440000");
    let mut all = vec![receipt(9, &dashed), receipt(i64::MAX, &dashed), receipt(2, &dashed)];
    for (n, id) in HOSTILE.into_iter().enumerate() {
        all.push(receipt(-(n as i64) - 1, &ChannelId::group(id)));
    }
    write(store, |tx| {
        for one in &all {
            assert_eq!(tx.add_receipt(one).unwrap(), Written::Inserted);
            assert_eq!(tx.add_receipt(one).unwrap(), Written::Unchanged);
        }
    });
    all.sort_by(|a, b| (&a.channel, a.seq).cmp(&(&b.channel, b.seq)));
    let mut read = store.reader().unwrap();
    let channels = read.receipt_channels().unwrap();
    let kept = channels.iter().flat_map(|channel| read.receipts_of(channel, u32::MAX).unwrap());
    let mut kept: Vec<Receipt> = kept.collect();
    kept.sort_by(|a, b| (&a.channel, a.seq).cmp(&(&b.channel, b.seq)));
    assert_eq!(kept, all);
}

pub(super) fn one_channel_is_uploaded_after_the_other(store: &mut dyn Store) {
    let person = ChannelId::person("z");
    write(store, |tx| {
        for one in [receipt(7, &group()), receipt(-3, &group()), receipt(3, &group()), receipt(5, &person)] {
            assert!(tx.add_receipt(&one).unwrap().is_change());
        }
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.receipt_channels().unwrap(), [person.clone(), group()]);
    assert_eq!(reader.receipts_of(&group(), 2).unwrap(), [receipt(-3, &group()), receipt(3, &group())]);
    assert_eq!(reader.receipts_of(&group(), 9).unwrap().len(), 3);
    assert_eq!(reader.receipts_of(&group(), 0).unwrap(), []);
    assert_eq!(reader.receipts_of(&person, 9).unwrap(), [receipt(5, &person)]);
    assert_eq!(reader.receipts_of(&ChannelId::group("unknown"), 9).unwrap(), []);
}

pub(super) fn only_what_was_uploaded_is_removed(store: &mut dyn Store) {
    write(store, |tx| {
        for id in 1..=5 {
            assert_eq!(tx.add_receipt(&receipt(id, &group())).unwrap(), Written::Inserted);
        }
    });
    let uploaded = store.reader().unwrap().receipts_of(&group(), u32::MAX).unwrap();
    write(store, |tx| {
        // Read while the upload went on.
        assert_eq!(tx.add_receipt(&receipt(6, &group())).unwrap(), Written::Inserted);
        let others = [
            receipt(6, &ChannelId::person("g")),
            receipt(6, &ChannelId::group("unknown")),
            Receipt { seq: seq(7), ..receipt(6, &group()) },
            Receipt { seq: seq(u64::MAX), ..receipt(6, &group()) },
        ];
        assert_eq!(tx.remove_receipts(&others).unwrap(), 0);
        assert_eq!(tx.remove_receipts(&uploaded).unwrap(), 5);
        assert_eq!(tx.remove_receipts(&uploaded).unwrap(), 0);
        assert_eq!(tx.receipts_of(&group(), u32::MAX).unwrap(), [receipt(6, &group())]);
    });
}
