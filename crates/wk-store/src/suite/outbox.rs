//! Suite: the outbox.

use wk_model::{ChannelId, ClientSeq, Ordering, OutboxEntry, OutboxState, UnixMillis};

use super::fixtures::{entry, group, insert_all, local_message, rows, write};
use crate::Store;

pub(super) fn entries_come_in_the_order_of_rows(store: &mut dyn Store) {
    assert_eq!(store.reader().unwrap().outbox().unwrap(), []);
    let entries = [1, 2, 9, 10, 1_000_000_007].map(|client_seq| OutboxEntry {
        channel: ChannelId::group(format!("group {}", 100 - client_seq % 100)),
        state: match client_seq {
            9 => OutboxState::Uploading,
            10 => OutboxState::Cancelling(3),
            other => OutboxState::from_attempts(other as u32 % 3),
        },
        ordering: if client_seq == 2 { Ordering::Relaxed } else { Ordering::InOrder },
        queued_at: UnixMillis::new(-client_seq),
        failures: client_seq as u32 % 7,
        ..entry(client_seq)
    });
    write(store, |tx| {
        for index in [3, 0, 4, 2, 1] {
            tx.put_outbox(&entries[index]).unwrap();
        }
        assert_eq!(tx.outbox().unwrap(), entries);
    });
    assert_eq!(store.reader().unwrap().outbox().unwrap(), entries);
}

pub(super) fn the_last_put_counts(store: &mut dyn Store) {
    let changed = OutboxEntry {
        state: OutboxState::Cancelling(u32::MAX),
        ordering: Ordering::Relaxed,
        queued_at: UnixMillis::new(7),
        failures: u32::MAX,
        ..entry(1)
    };
    write(store, |tx| {
        tx.put_outbox(&entry(1)).unwrap();
        tx.put_outbox(&entry(2)).unwrap();
    });
    write(store, |tx| tx.put_outbox(&changed).unwrap());
    assert_eq!(store.reader().unwrap().outbox().unwrap(), [changed, entry(2)]);
}

pub(super) fn a_removed_entry_is_gone(store: &mut dyn Store) {
    write(store, |tx| {
        tx.put_outbox(&entry(1)).unwrap();
        tx.put_outbox(&entry(2)).unwrap();
    });
    write(store, |tx| {
        assert!(tx.remove_outbox(ClientSeq::new(1)).unwrap());
        assert!(!tx.remove_outbox(ClientSeq::new(1)).unwrap());
        assert!(!tx.remove_outbox(ClientSeq::new(99)).unwrap());
    });
    assert_eq!(store.reader().unwrap().outbox().unwrap(), [entry(2)]);
}

pub(super) fn entries_and_rows_are_independent(store: &mut dyn Store) {
    let row = insert_all(store, &[local_message(&group(), 3, 1)]).remove(0);
    let entry = OutboxEntry { client_seq: row.client_seq, ..entry(0) };
    write(store, |tx| {
        tx.put_outbox(&entry).unwrap();
        assert!(tx.remove_message(row.client_seq).unwrap());
        assert_eq!(tx.outbox().unwrap(), [entry]);
        assert!(tx.remove_outbox(row.client_seq).unwrap());
    });
    let row = insert_all(store, &[row]).remove(0);
    write(store, |tx| assert!(!tx.remove_outbox(row.client_seq).unwrap()));
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [row]);
}
