//! Suite: cursors.

use wk_model::{ChannelId, Cursor, Version, Written};

use super::fixtures::{group, write};
use super::full::{hostile_group, version};
use crate::{Store, StoreError};

fn all() -> Vec<Cursor> {
    let kinds: [fn(ChannelId) -> Cursor; 5] = [
        Cursor::Members,
        Cursor::MessageExtras,
        Cursor::Reactions,
        Cursor::PinnedMessages,
        Cursor::Commands,
    ];
    let channels = [group(), hostile_group(), ChannelId::person("g")];
    let mut all =
        vec![Cursor::Conversations, Cursor::ConversationExtras, Cursor::Reminders, Cursor::Contacts];
    all.extend(kinds.into_iter().flat_map(|kind| channels.clone().map(kind)));
    all
}

pub(super) fn each_has_its_own_place(store: &mut dyn Store) {
    let mut reader = store.reader().unwrap();
    all().iter().for_each(|cursor| assert_eq!(reader.cursor(cursor).unwrap(), Version::ZERO));
    write(store, |tx| {
        for (n, cursor) in (1..).zip(all()) {
            assert_eq!(tx.raise_cursor(&cursor, version(n)).unwrap(), Written::Inserted);
        }
    });
    for (n, cursor) in (1..).zip(all()) {
        assert_eq!(reader.cursor(&cursor).unwrap(), version(n), "{cursor:?}");
    }
}

pub(super) fn a_cursor_never_falls(store: &mut dyn Store) {
    let cursor = Cursor::MessageExtras(group());
    write(store, |tx| {
        assert_eq!(tx.raise_cursor(&cursor, Version::ZERO).unwrap(), Written::Unchanged);
        assert_eq!(tx.raise_cursor(&cursor, version(5)).unwrap(), Written::Inserted);
        assert_eq!(tx.raise_cursor(&cursor, version(4)).unwrap(), Written::Older);
        assert_eq!(tx.raise_cursor(&cursor, version(5)).unwrap(), Written::Unchanged);
        assert_eq!(tx.cursor(&cursor).unwrap(), version(5));
        assert_eq!(tx.raise_cursor(&cursor, version(6)).unwrap(), Written::Updated);
        match tx.raise_cursor(&cursor, Version::new(u64::MAX)) {
            Ok(written) => assert_eq!(written, Written::Updated),
            Err(StoreError::OutOfRange { value: u64::MAX, .. }) => {
                assert_eq!(tx.cursor(&cursor).unwrap(), version(6));
            }
            Err(other) => panic!("{other}"),
        }
    });
}

pub(super) fn all_are_cleared_for_another_server(store: &mut dyn Store) {
    write(store, |tx| {
        for cursor in all() {
            let _ = tx.raise_cursor(&cursor, version(1)).unwrap();
        }
    });
    write(store, |tx| tx.clear_cursors().unwrap());
    let mut reader = store.reader().unwrap();
    all().iter().for_each(|cursor| assert_eq!(reader.cursor(cursor).unwrap(), Version::ZERO));
}
