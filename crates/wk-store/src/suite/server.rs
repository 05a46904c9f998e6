//! Suite: which server the data came from.

use wk_model::Written;

use super::fixtures::write;
use super::full::server;
use crate::Store;

pub(super) fn another_server_is_said(store: &mut dyn Store) {
    assert_eq!(store.reader().unwrap().server().unwrap(), None);
    write(store, |tx| {
        assert_eq!(tx.set_server(&server(u64::MAX)).unwrap(), Written::Inserted);
        assert_eq!(tx.set_server(&server(u64::MAX)).unwrap(), Written::Unchanged);
        assert_eq!(tx.server().unwrap(), Some(server(u64::MAX)));
        assert_eq!(tx.set_server(&server(1)).unwrap(), Written::Updated);
    });
    assert_eq!(store.reader().unwrap().server().unwrap(), Some(server(1)));
}
