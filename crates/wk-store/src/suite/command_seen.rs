//! Suite: commands that were handled.

use wk_model::{ChannelId, CommandSeen, UnixMillis, Written};

use super::fixtures::write;
use super::full::{HOSTILE, command};
use crate::Store;

pub(super) fn a_command_is_new_once(store: &mut dyn Store) {
    write(store, |tx| {
        assert!(!tx.is_command_seen(&command(1, 11, 5)).unwrap());
        assert_eq!(tx.note_command(&command(1, 11, 5)).unwrap(), Written::Inserted);
        assert_eq!(tx.note_command(&command(1, 11, 6)).unwrap(), Written::Unchanged);
        assert_eq!(tx.note_command(&command(2, 12, 5)).unwrap(), Written::Inserted);
    });
    let mut reader = store.reader().unwrap();
    assert!(reader.is_command_seen(&command(1, 11, 0)).unwrap());
    assert!(!reader.is_command_seen(&command(3, 13, 0)).unwrap());
}

pub(super) fn any_of_its_names_is_enough(store: &mut dyn Store) {
    write(store, |tx| {
        // Live without a seq, then from the log with both, then from a log without ids.
        assert_eq!(tx.note_command(&command(0, 11, 5)).unwrap(), Written::Inserted);
        assert_eq!(tx.note_command(&command(4, 11, 5)).unwrap(), Written::Unchanged);
        assert_eq!(tx.note_command(&command(4, 0, 5)).unwrap(), Written::Unchanged);
        assert_eq!(tx.note_command(&command(4, 99, 5)).unwrap(), Written::Unchanged);
        assert_eq!(tx.note_command(&command(0, 99, 5)).unwrap(), Written::Unchanged);
    });
}

pub(super) fn logs_do_not_mix(store: &mut dyn Store) {
    write(store, |tx| {
        for id in HOSTILE {
            let one = CommandSeen { channel: ChannelId::group(id), ..command(7, 0, 5) };
            assert_eq!(tx.note_command(&one).unwrap(), Written::Inserted);
            assert_eq!(tx.note_command(&one).unwrap(), Written::Unchanged);
            let person = CommandSeen { channel: ChannelId::person(id), ..one };
            assert_eq!(tx.note_command(&person).unwrap(), Written::Inserted);
        }
        // A message id is no seq.
        assert_eq!(tx.note_command(&command(0, 7, 5)).unwrap(), Written::Inserted);
    });
}

pub(super) fn a_command_without_a_name_is_always_new(store: &mut dyn Store) {
    write(store, |tx| {
        assert_eq!(tx.note_command(&command(0, 0, 5)).unwrap(), Written::Inserted);
        assert_eq!(tx.note_command(&command(0, 0, 5)).unwrap(), Written::Inserted);
        assert_eq!(tx.forget_commands(UnixMillis::new(i64::MAX)).unwrap(), 0);
    });
}

pub(super) fn old_ones_are_forgotten(store: &mut dyn Store) {
    write(store, |tx| {
        for (seq, seen_at) in [(1, -10), (2, 0), (3, 10)] {
            let _ = tx.note_command(&command(seq, seq as i64 + 10, seen_at)).unwrap();
        }
        // Hearing of it again does not make it younger.
        let _ = tx.note_command(&command(1, 11, 99)).unwrap();
        assert_eq!(tx.forget_commands(UnixMillis::new(10)).unwrap(), 4);
        assert_eq!(tx.forget_commands(UnixMillis::new(10)).unwrap(), 0);
        let mut seen = |seq| tx.is_command_seen(&command(seq, 0, 0)).unwrap();
        assert_eq!([seen(1), seen(2), seen(3)], [false, false, true]);
    });
}
