//! Suite: clearing channels, and what goes with messages that are removed.

use wk_model::{ChannelId, Message, MessageId, MessageSeq, OutboxEntry, UnixMillis};

use super::fixtures::{
    at, entry, group, hidden, insert_all, local_message, rows, seq, server_message, write, write_and_drop,
};
use super::full::{message_extra, pinned, reaction, receipt};
use crate::{Store, StoreRead, StoreTx};

pub(super) fn clearing_takes_the_messages_up_to_a_seq_and_the_local_ones_among_them(store: &mut dyn Store) {
    let messages = [
        local_message(&group(), 0, 1),
        server_message(&group(), 3),
        hidden(server_message(&group(), 4)),
        local_message(&group(), 4, 1),
        Message { position: at(4, u32::MAX), ..local_message(&group(), 4, 2) },
        server_message(&group(), 5),
        local_message(&group(), 5, 1),
    ];
    let stored = insert_all(store, &messages);
    let other = ChannelId::person("g");
    let elsewhere = insert_all(store, &[Message { message_id: MessageId::new(1), ..server_message(&other, 2) }]);
    write(store, |tx| {
        assert_eq!(tx.remove_messages_to(&ChannelId::group("unknown"), seq(9)).unwrap(), 0);
        assert_eq!(tx.remove_messages_to(&group(), seq(4)).unwrap(), 5);
        assert_eq!(tx.remove_messages_to(&group(), seq(4)).unwrap(), 0);
        assert_eq!(rows(tx, &group()), stored[5..]);
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), stored[5..]);
    assert_eq!(rows(&mut *reader, &other), elsewhere);
    assert_eq!(reader.message_by_id(stored[1].message_id).unwrap(), None);
    drop(reader);
    // Their names are free.
    insert_all(store, &messages[..5]);
}

pub(super) fn clearing_takes_any_seq(store: &mut dyn Store) {
    let edge = i64::MAX as u64;
    let last = Message { position: at(edge, u32::MAX), ..local_message(&group(), 0, 2) };
    insert_all(store, &[local_message(&group(), 0, 1), last]);
    write(store, |tx| {
        assert_eq!(tx.remove_messages_to(&group(), MessageSeq::ZERO).unwrap(), 1);
        assert_eq!(tx.remove_messages_to(&group(), seq(edge - 1)).unwrap(), 0);
        assert_eq!(tx.remove_messages_to(&group(), seq(u64::MAX)).unwrap(), 1);
    });
}

pub(super) fn what_hangs_on_cleared_messages_goes_with_them(store: &mut dyn Store) {
    let stored = hang_on_all(store);
    write(store, |tx| assert_eq!(tx.remove_messages_to(&group(), seq(2)).unwrap(), 3));
    assert_left(&mut *store.reader().unwrap(), &stored[3..]);
}

pub(super) fn what_hangs_on_expired_messages_goes_with_them(store: &mut dyn Store) {
    let stored = hang_on_all(store);
    let now = UnixMillis::new(i64::MAX);
    let expired = write(store, |tx| tx.remove_expired(now, 3).unwrap());
    assert_eq!(expired, stored[..3]);
    assert_left(&mut *store.reader().unwrap(), &stored[3..]);
}

pub(super) fn dropping_undoes_a_clear(store: &mut dyn Store) {
    let stored = hang_on_all(store);
    write_and_drop(store, |tx| {
        assert_eq!(tx.remove_messages_to(&group(), seq(9)).unwrap(), 5);
        assert_left(tx, &[]);
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(rows(&mut *reader, &group()), stored);
    assert_left(&mut *reader, &stored);
}

/// Five messages that expire one after the other, with something of everything on each.
fn hang_on_all(store: &mut dyn Store) -> Vec<Message> {
    let mortal = |message: Message, seconds| Message { expire: seconds, timestamp: UnixMillis::new(0), ..message };
    let stored = insert_all(
        store,
        &[
            mortal(server_message(&group(), 1), 1),
            mortal(local_message(&group(), 1, 1), 2),
            mortal(server_message(&group(), 2), 3),
            mortal(server_message(&group(), 3), 4),
            mortal(local_message(&group(), 3, 1), 5),
        ],
    );
    write(store, |tx| stored.iter().for_each(|message| hang_on(tx, message)));
    assert_left(&mut *store.reader().unwrap(), &stored);
    stored
}

fn hang_on(tx: &mut dyn StoreTx, message: &Message) {
    tx.put_outbox(&OutboxEntry { client_seq: message.client_seq, ..entry(1) }).unwrap();
    if message.message_id.is_zero() {
        return;
    }
    let id = message.message_id.get();
    tx.put_message_extra(&message_extra(id, &group())).unwrap();
    tx.put_reaction(&reaction(id, "alice", &group())).unwrap();
    tx.put_reaction(&reaction(id, "bob", &group())).unwrap();
    tx.put_pinned_message(&pinned(id, &group())).unwrap();
    assert!(tx.add_receipt(&receipt(id, &group())).unwrap().is_change());
}

/// Exactly these messages have what [`hang_on`] wrote; receipts stay.
fn assert_left<R: StoreRead + ?Sized>(read: &mut R, left: &[Message]) {
    let outbox: Vec<_> = read.outbox().unwrap().into_iter().map(|entry| entry.client_seq).collect();
    assert_eq!(outbox, left.iter().map(|message| message.client_seq).collect::<Vec<_>>());
    let ids: Vec<MessageId> = (1..=3).map(|n| server_message(&group(), n).message_id).collect();
    let left: Vec<MessageId> =
        ids.iter().copied().filter(|id| left.iter().any(|message| message.message_id == *id)).collect();
    let extras: Vec<_> = read.message_extras(&ids).unwrap().into_iter().map(|extra| extra.message_id).collect();
    assert_eq!(extras, left);
    let reactions = read.reactions(&ids).unwrap();
    assert_eq!(reactions.len(), left.len() * 2);
    assert!(reactions.iter().all(|reaction| left.contains(&reaction.message_id)));
    let pins = read.pinned_messages(&group()).unwrap();
    assert_eq!(pins.iter().rev().map(|pin| pin.message_id).collect::<Vec<_>>(), left);
    assert_eq!(read.receipts_of(&group(), u32::MAX).unwrap().len(), 3);
}
