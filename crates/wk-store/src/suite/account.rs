//! Suite: the account.

use wk_model::{Account, Uid};

use super::fixtures::write;
use crate::{Store, StoreError};

pub(super) fn a_fresh_store_belongs_to_nobody(store: &mut dyn Store) {
    assert_eq!(store.reader().unwrap().account().unwrap(), None);
    assert_eq!(store.begin().unwrap().account().unwrap(), None);
}

pub(super) fn the_first_account_stays(store: &mut dyn Store) {
    let first = account("alice", "phone");
    write(store, |tx| tx.set_account(&first).unwrap());
    assert_eq!(store.reader().unwrap().account().unwrap(), Some(first.clone()));
    write(store, |tx| tx.set_account(&account("alice", "other")).unwrap());
    assert_eq!(store.reader().unwrap().account().unwrap(), Some(first));
}

pub(super) fn another_uid_is_refused(store: &mut dyn Store) {
    let first = account("alice", "it's a \"phone\" %");
    write(store, |tx| {
        tx.set_account(&first).unwrap();
        let refused = tx.set_account(&account("bob", "phone"));
        let Err(StoreError::WrongAccount { owner, uid }) = refused else { panic!("{refused:?}") };
        assert_eq!((owner.as_str(), uid.as_str()), ("alice", "bob"));
    });
    assert_eq!(store.reader().unwrap().account().unwrap(), Some(first));
}

fn account(uid: &str, device_id: &str) -> Account {
    Account { uid: Uid::new(uid), device_id: device_id.to_owned() }
}
