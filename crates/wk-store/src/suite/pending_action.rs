//! Suite: what has still to be done.

use wk_model::{ActionId, ActionKind, ChannelId, MessageId, PendingAction};

use super::fixtures::{group, write, write_and_drop};
use super::full::{HOSTILE, pending_action};
use crate::Store;

fn all(store: &dyn Store) -> Vec<PendingAction> {
    store.reader().unwrap().pending_actions().unwrap().into_iter().map(|(_, action)| action).collect()
}

pub(super) fn every_field_is_kept_in_the_order_of_adding(store: &mut dyn Store) {
    let kinds = (0..=u8::MAX).filter_map(ActionKind::from_code);
    let mut actions: Vec<_> =
        kinds.map(|kind| PendingAction { kind, ..pending_action(i64::MAX, &group()) }).collect();
    for (n, id) in HOSTILE.into_iter().enumerate() {
        actions.insert(0, pending_action(-(n as i64) - 1, &ChannelId::group(id)));
    }
    let ids: Vec<ActionId> = write(store, |tx| {
        actions.iter().map(|action| tx.add_pending_action(action).unwrap()).collect()
    });
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    assert_eq!(all(store), actions);
    let mut reader = store.reader().unwrap();
    for (id, action) in ids.iter().zip(&actions) {
        assert_eq!(reader.pending_action(*id).unwrap().as_ref(), Some(action));
    }
}

pub(super) fn the_last_word_replaces_the_one_before(store: &mut dyn Store) {
    let first = pending_action(1, &group());
    let last = PendingAction { text: String::new(), ..first.clone() };
    let others = [
        PendingAction { kind: ActionKind::Burn, ..first.clone() },
        PendingAction { channel: ChannelId::person("g"), ..first.clone() },
        PendingAction { message_id: MessageId::ZERO, ..first.clone() },
    ];
    write(store, |tx| {
        let id = tx.add_pending_action(&first).unwrap();
        for other in &others {
            tx.add_pending_action(other).unwrap();
        }
        let again = tx.add_pending_action(&last).unwrap();
        assert!(again > id);
        // The answer to the first is no answer to the last.
        assert!(!tx.remove_pending_action(id).unwrap());
        assert_eq!(tx.pending_action(id).unwrap(), None);
        let PendingAction { kind, channel, message_id, .. } = last.clone();
        assert_eq!(
            tx.pending_action_for(kind, &channel, message_id).unwrap(),
            Some((again, last.clone()))
        );
    });
    for other in &others {
        let found = store.reader().unwrap().pending_action_for(other.kind, &other.channel, other.message_id);
        assert_eq!(found.unwrap().map(|(_, action)| action).as_ref(), Some(other));
    }
    let mut read = store.reader().unwrap();
    assert_eq!(read.pending_action_for(ActionKind::Burn, &ChannelId::person("g"), last.message_id).unwrap(), None);
    let [a, b, c] = others;
    assert_eq!(all(store), [a, b, c, last]);
}

pub(super) fn a_number_is_never_used_twice(store: &mut dyn Store) {
    let action = pending_action(1, &group());
    let first = write(store, |tx| tx.add_pending_action(&action).unwrap());
    assert!(write(store, |tx| tx.remove_pending_action(first).unwrap()));
    assert!(!write(store, |tx| tx.remove_pending_action(first).unwrap()));
    let PendingAction { kind, channel, message_id, .. } = &action;
    assert_eq!(store.reader().unwrap().pending_action_for(*kind, channel, *message_id).unwrap(), None);
    write_and_drop(store, |tx| {
        tx.add_pending_action(&action).unwrap();
    });
    assert_eq!(all(store), []);
    assert!(write(store, |tx| tx.add_pending_action(&action).unwrap()) > first);
}
