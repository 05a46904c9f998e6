//! Suite: messages whose life is over.

use std::slice;

use wk_model::{Message, UnixMillis};

use super::fixtures::{group, hidden, insert_all, local_message, rows, server_message, write, write_and_drop};
use crate::Store;

const BORN: i64 = 1_700_000_000;

/// A message that expires so many seconds after [`BORN`].
fn mortal(seq: u64, seconds: u32) -> Message {
    Message { timestamp: UnixMillis::from_secs(BORN), expire: seconds, ..server_message(&group(), seq) }
}

fn after(seconds: i64) -> UnixMillis {
    UnixMillis::from_secs(BORN + seconds)
}

fn sweep(store: &mut dyn Store, now: UnixMillis, limit: u32) -> Vec<Message> {
    write(store, |tx| tx.remove_expired(now, limit).unwrap())
}

pub(super) fn what_has_expired_is_removed_and_given_back(store: &mut dyn Store) {
    let local = Message { expire: 10, timestamp: after(0), ..local_message(&group(), 2, 1) };
    let messages = [mortal(1, 10), mortal(2, 0), hidden(mortal(3, 10)), mortal(4, 11), local];
    let stored = insert_all(store, &messages);
    assert_eq!(sweep(store, after(10).offset(-1), 100), []);
    let [one, two, three, four, local] = <[Message; 5]>::try_from(stored).unwrap();
    assert_eq!(sweep(store, after(10), 100), [one.clone(), three, local]);
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [two.clone(), four.clone()]);
    assert_eq!(store.reader().unwrap().message_by_id(one.message_id).unwrap(), None);
    assert_eq!(sweep(store, after(1000), 100), [four]);
    assert_eq!(sweep(store, UnixMillis::new(i64::MAX), 100), []);
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), [two]);
}

pub(super) fn the_limit_takes_what_expired_first(store: &mut dyn Store) {
    let stored = insert_all(store, &[mortal(1, 30), mortal(2, 10), mortal(3, 20), mortal(4, 10)]);
    assert_eq!(sweep(store, after(100), 0), []);
    assert_eq!(sweep(store, after(100), 1), slice::from_ref(&stored[1]));
    assert_eq!(sweep(store, after(100), 2), [stored[3].clone(), stored[2].clone()]);
    assert_eq!(sweep(store, after(100), u32::MAX), slice::from_ref(&stored[0]));
}

pub(super) fn the_next_end_of_a_life_is_known(store: &mut dyn Store) {
    let next = |store: &dyn Store| store.reader().unwrap().next_expiry().unwrap();
    assert_eq!(next(store), None);
    insert_all(store, &[mortal(1, 0), mortal(2, 30), mortal(3, 10), hidden(mortal(4, 20))]);
    assert_eq!(next(store), Some(after(10)));
    sweep(store, after(15), 100);
    assert_eq!(next(store), Some(after(20)));
    sweep(store, after(30), 100);
    assert_eq!(next(store), None);
}

pub(super) fn no_life_is_ever_over_by_overflow(store: &mut dyn Store) {
    let end = UnixMillis::new(i64::MAX);
    let eternal = [
        Message { timestamp: end, ..mortal(1, u32::MAX) },
        Message { timestamp: end, ..mortal(2, 1) },
        Message { timestamp: UnixMillis::new(i64::MAX - 999), ..mortal(3, 1) },
    ];
    let last = Message { timestamp: UnixMillis::new(i64::MAX - 1000), ..mortal(4, 1) };
    let long_gone = Message { timestamp: UnixMillis::new(i64::MIN), ..mortal(5, 1) };
    let eternal = insert_all(store, &eternal);
    let mortal = insert_all(store, &[last, long_gone]);
    assert_eq!(sweep(store, end.offset(-1), 100), slice::from_ref(&mortal[1]));
    assert_eq!(sweep(store, end, 100), slice::from_ref(&mortal[0]));
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), eternal);
}

pub(super) fn dropping_undoes_the_sweep(store: &mut dyn Store) {
    let stored = insert_all(store, &[mortal(1, 10), mortal(2, 10)]);
    write_and_drop(store, |tx| assert_eq!(tx.remove_expired(after(10), 1).unwrap().len(), 1));
    assert_eq!(rows(&mut *store.reader().unwrap(), &group()), stored);
    assert_eq!(sweep(store, after(10), 100), stored);
}
