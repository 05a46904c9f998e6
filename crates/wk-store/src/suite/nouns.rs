//! Suite: transactions and readers keep their promises for every noun.

use wk_model::{
    ChannelFilter, ConversationExtraState, Cursor, MemberQuery, MessageId, ReminderFilter, ReminderId, Uid,
    UnixMillis, Version,
};

use super::fixtures::{group, write, write_and_drop};
use super::full;
use crate::{Store, StoreRead, StoreTx};

/// Something of every noun.
fn fill(tx: &mut dyn StoreTx) {
    let g = &full::hostile_group();
    tx.put_channel(&full::channel(g)).unwrap();
    tx.put_member(&full::member(g, "bob")).unwrap();
    tx.put_conversation_extra(&full::conversation_extra(g)).unwrap();
    tx.put_message_extra(&full::message_extra(1, g)).unwrap();
    tx.put_reaction(&full::reaction(1, "bob", g)).unwrap();
    tx.put_pinned_message(&full::pinned(1, g)).unwrap();
    tx.put_reminder(&full::reminder(1, g)).unwrap();
    let _ = tx.add_receipt(&full::receipt(1, g)).unwrap();
    tx.add_pending_action(&full::pending_action(1, g)).unwrap();
    tx.put_command_seen(&full::command(1, 11, 5)).unwrap();
    tx.put_robot(&full::robot("r")).unwrap();
    tx.put_cursor(&Cursor::Reactions(g.clone()), full::version(1)).unwrap();
    tx.put_server(&full::server(1)).unwrap();
}

/// Another something at the same places, and what is removed.
fn change(tx: &mut dyn StoreTx) {
    let g = &full::hostile_group();
    let _ = tx.save_channel_info(g, &full::channel_info(9)).unwrap();
    let _ = tx.save_member(g, &Uid::new("bob"), &full::member_info(9)).unwrap();
    let _ = tx.edit_conversation_extra(g, &ConversationExtraState::default()).unwrap();
    let _ = tx.edit_message(MessageId::new(1), g, &full::edit(8)).unwrap();
    assert_eq!(tx.remove_reactions(g).unwrap(), 1);
    let gone = wk_model::PinnedMessage { deleted: true, ..full::pinned(1, g) };
    tx.put_pinned_message(&gone).unwrap();
    let _ = tx.reminder_done_uploaded(ReminderId::new(1)).unwrap();
    assert_eq!(tx.remove_receipts(&[full::receipt(1, g)]).unwrap(), 1);
    tx.add_pending_action(&full::pending_action(1, g)).unwrap();
    assert_eq!(tx.forget_commands(UnixMillis::new(100)).unwrap(), 2);
    let bare = wk_model::Robot { menus: Vec::new(), ..full::robot("r") };
    tx.put_robot(&bare).unwrap();
    tx.clear_cursors().unwrap();
    tx.put_server(&full::server(2)).unwrap();
}

/// All of it, as text.
fn dump(read: &mut dyn StoreRead) -> Vec<String> {
    let g = &full::hostile_group();
    let query = MemberQuery { channel: g, role: None, after: None, limit: 100 };
    vec![
        format!("{:?}", read.channels(&ChannelFilter::default()).unwrap()),
        format!("{:?}", read.members(&query).unwrap()),
        format!("{:?}", read.conversation_extra(g).unwrap()),
        format!("{:?}", read.message_extra(MessageId::new(1)).unwrap()),
        format!("{:?}", read.reactions(&[MessageId::new(1)]).unwrap()),
        format!("{:?}", read.pinned_messages(g).unwrap()),
        format!("{:?}", read.reminders(&ReminderFilter::default()).unwrap()),
        format!("{:?}", read.receipts_of(g, u32::MAX).unwrap()),
        format!("{:?}", read.pending_actions().unwrap()),
        format!("{:?}", read.is_command_seen(&full::command(0, 11, 5)).unwrap()),
        format!("{:?}", read.robot(&Uid::new("r")).unwrap()),
        format!("{:?}", read.cursor(&Cursor::Reactions(g.clone())).unwrap()),
        format!("{:?}", read.server().unwrap()),
    ]
}

pub(super) fn a_transaction_sees_its_own_writes(store: &mut dyn Store) {
    let empty = dump(&mut *store.reader().unwrap());
    write_and_drop(store, |tx| {
        fill(tx);
        let filled = dump(tx);
        for (filled, empty) in filled.iter().zip(&empty) {
            assert_ne!(filled, empty);
        }
        change(tx);
        for (changed, filled) in dump(tx).iter().zip(&filled) {
            assert_ne!(changed, filled);
        }
    });
}

pub(super) fn dropping_undoes_what_was_new(store: &mut dyn Store) {
    let empty = dump(&mut *store.reader().unwrap());
    write_and_drop(store, fill);
    assert_eq!(dump(&mut *store.reader().unwrap()), empty);
    write(store, fill);
    assert_ne!(dump(&mut *store.reader().unwrap()), empty);
}

pub(super) fn dropping_undoes_changes_and_removals(store: &mut dyn Store) {
    write(store, fill);
    let filled = dump(&mut *store.reader().unwrap());
    write_and_drop(store, change);
    assert_eq!(dump(&mut *store.reader().unwrap()), filled);
    write(store, change);
    let changed = dump(&mut *store.reader().unwrap());
    for (changed, filled) in changed.iter().zip(&filled) {
        assert_ne!(changed, filled);
    }
}

pub(super) fn a_refused_number_leaves_the_transaction_whole(store: &mut dyn Store) {
    write(store, |tx| {
        fill(tx);
        let cursor = Cursor::Members(group());
        // A backend may be able to hold it; then this says nothing.
        let refused = tx.put_cursor(&cursor, Version::new(u64::MAX)).is_err();
        assert_eq!(tx.cursor(&cursor).unwrap() == Version::ZERO, refused);
    });
    assert!(store.reader().unwrap().server().unwrap().is_some());
}
