//! A store that fails: nothing of a failed transaction leaves the process, and the client goes on by itself.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use common::{Player, client, serve, texts};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use wk_devserver::DevServer;
use wkim::store::{MemoryStore, Store, StoreError, StoreReader, StoreTx};
use wkim::{ChannelId, Error, PageQuery};

/// A store whose next transactions do not begin, as often as the counter says.
struct Failing {
    inner: MemoryStore,
    failures: Arc<AtomicU32>,
}

impl Store for Failing {
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError> {
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
        {
            return Err(StoreError::backend(
                "begins a transaction",
                std::io::Error::other("the disk is full"),
            ));
        }
        self.inner.begin()
    }

    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError> {
        self.inner.reader()
    }
}

#[tokio::test]
async fn a_failed_transaction_is_told_and_the_client_goes_on() {
    let server = serve(DevServer::builder()).await;
    let failures = Arc::new(AtomicU32::new(0));
    let store = Failing { inner: MemoryStore::new(), failures: Arc::clone(&failures) };
    let mut alice = Player::login(client(&server, "alice").store(Box::new(store))).await;
    alice.synced().await;
    let mut bob = Player::login(client(&server, "bob")).await;

    failures.store(1, Ordering::SeqCst);
    let refused = alice.client.messages().send_text(&ChannelId::person("bob"), "lost?").await;
    assert!(
        matches!(&refused, Err(Error::Store(error)) if error.to_string().contains("disk is full")),
        "{refused:?}"
    );
    alice.synced().await;

    // A message that arrives while the store fails is not acknowledged, and comes with the next sync.
    failures.store(1, Ordering::SeqCst);
    let stored =
        bob.client.messages().send_text(&ChannelId::person("alice"), "are you there?").await.unwrap();
    bob.settled(&stored).await;
    alice.receives("are you there?").await;
    let again = alice.client.messages().send_text(&ChannelId::person("bob"), "now I am").await.unwrap();
    alice.settled(&again).await;
    bob.receives("now I am").await;
    let page = bob.client.messages().history(PageQuery::newest(ChannelId::person("alice"))).await.unwrap();
    assert_eq!(texts(&page), ["are you there?", "now I am"]);
}

#[tokio::test]
async fn nothing_of_a_transaction_whose_commit_fails_is_told() {
    let server = serve(DevServer::builder()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wk.db");
    let mut alice = Player::login(client(&server, "alice").sqlite(&path)).await;
    alice.synced().await;
    // What changes of a conversation is written last, when the engine has said all that follows from it.
    let mut file = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let fail = "PRAGMA busy_timeout = 60000; CREATE TRIGGER full BEFORE INSERT ON conversation \
                BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    file.batch_execute(fail).unwrap();
    let bob = ChannelId::person("bob");
    let refused = alice.client.messages().send_text(&bob, "lost").await;
    assert!(matches!(refused, Err(Error::Store(_))), "{refused:?}");
    file.batch_execute("DROP TRIGGER full").unwrap();
    let kept = alice.client.messages().send_text(&bob, "kept").await.unwrap();
    alice.settled(&kept).await;
    let page = alice.client.messages().history(PageQuery::newest(bob)).await.unwrap();
    assert_eq!(texts(&page), ["kept"]);
}
