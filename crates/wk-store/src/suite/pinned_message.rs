//! Suite: pinned messages.

use wk_model::{ChannelId, MessageId, PinnedMessage, Written};

use super::fixtures::{group, seq, write};
use super::full::{hostile_group, pinned, version};
use crate::Store;

pub(super) fn every_field_is_kept(store: &mut dyn Store) {
    let all = [
        pinned(i64::MAX, &hostile_group()),
        PinnedMessage { deleted: true, ..pinned(-5, &group()) },
        pinned(3, &group()),
    ];
    write(store, |tx| all.iter().for_each(|one| tx.put_pinned_message(one).unwrap()));
    let mut reader = store.reader().unwrap();
    for one in &all {
        assert_eq!(reader.pinned_message(one.message_id).unwrap().as_ref(), Some(one));
    }
    assert_eq!(reader.pinned_message(MessageId::new(99)).unwrap(), None);
}

pub(super) fn they_are_listed_from_the_end_of_the_channel(store: &mut dyn Store) {
    let at = |id, n| PinnedMessage { seq: seq(n), ..pinned(id, &group()) };
    write(store, |tx| {
        for one in [at(1, 5), at(2, 9), at(3, 7), at(4, 7), PinnedMessage { deleted: true, ..at(5, 8) }] {
            assert_eq!(tx.save_pinned_message(&one).unwrap(), Written::Inserted);
        }
        let _ = tx.save_pinned_message(&pinned(6, &hostile_group())).unwrap();
    });
    let mut reader = store.reader().unwrap();
    assert_eq!(reader.pinned_messages(&group()).unwrap(), [at(2, 9), at(4, 7), at(3, 7), at(1, 5)]);
    assert_eq!(reader.pinned_messages(&ChannelId::person("g")).unwrap(), []);
}

pub(super) fn an_unpinned_message_stays_unpinned(store: &mut dyn Store) {
    let of = |n, deleted| PinnedMessage { version: version(n), deleted, ..pinned(1, &group()) };
    write(store, |tx| {
        assert_eq!(tx.save_pinned_message(&of(1, false)).unwrap(), Written::Inserted);
        assert_eq!(tx.save_pinned_message(&of(3, true)).unwrap(), Written::Updated);
        assert_eq!(tx.save_pinned_message(&of(2, false)).unwrap(), Written::Older);
        assert_eq!(tx.save_pinned_message(&of(3, false)).unwrap(), Written::Unchanged);
        assert_eq!(tx.pinned_messages(&group()).unwrap(), []);
        assert_eq!(tx.save_pinned_message(&of(4, false)).unwrap(), Written::Updated);
        assert_eq!(tx.pinned_messages(&group()).unwrap(), [of(4, false)]);
    });
}
