//! A client on an encrypted file, with the feature `sqlcipher`.
#![cfg(feature = "sqlcipher")]
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;

use common::{Player, texts};
use wkim::store::StoreError;
use wkim::{BuildError, ChannelId, Client, ClientBuilder, EncryptionKey, PageQuery};

fn builder() -> ClientBuilder {
    Client::builder("alice").server("127.0.0.1:1").token("the token")
}

fn refused(builder: ClientBuilder) -> StoreError {
    match builder.build() {
        Err(BuildError::Store(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_readable_with_the_key_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice.db");
    let key = EncryptionKey::new([7; 32]);
    let team = ChannelId::group("climbers");
    let alice = Player::start(builder().sqlite_encrypted(&path, key.clone()));
    alice.client.messages().send(&team, "meet at the summit").await.unwrap();
    // Before the end, and after it: the log of the file too.
    let is_on_disk = |needle: &str| {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        let files: Vec<Vec<u8>> = files.collect();
        assert!(files.iter().map(Vec::len).sum::<usize>() > 4096);
        files.iter().any(|bytes| bytes.windows(needle.len()).any(|part| part == needle.as_bytes()))
    };
    for needle in ["summit", "climbers", "SQLite format 3"] {
        assert!(!is_on_disk(needle), "{needle}");
    }
    alice.client.shutdown().await.unwrap();
    alice.runner.join().await.unwrap();
    for needle in ["summit", "climbers", "SQLite format 3"] {
        assert!(!is_on_disk(needle), "{needle}");
    }
    let other = EncryptionKey::new([8; 32]);
    assert!(matches!(refused(builder().sqlite_encrypted(&path, other)), StoreError::WrongKey { .. }));
    assert!(matches!(refused(builder().sqlite(&path)), StoreError::Foreign { .. }));
    let plain = folder.path().join("plain.db");
    drop(builder().sqlite(&plain).build().unwrap());
    let refused = refused(builder().sqlite_encrypted(&plain, key.clone()));
    assert!(matches!(refused, StoreError::NotEncrypted { .. }), "{refused}");
    let again = Player::start(builder().sqlite_encrypted(&path, key));
    let page = again.client.messages().history(PageQuery::newest(team)).await.unwrap();
    assert_eq!(texts(&page), ["meet at the summit"]);
}

#[test]
fn nothing_shows_the_key() {
    let key = EncryptionKey::new(*b"0123456789abcdef0123456789abcdef");
    let shown = format!("{key:?} {:?}", builder().sqlite_encrypted("alice.db", key.clone()));
    assert!(shown.contains("EncryptionKey(..)"), "{shown}");
    // As text, in hexadecimal digits and as numbers; and the token beside it.
    for secret in ["0123456789", "30313233", "48, 49, 50", "the token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
