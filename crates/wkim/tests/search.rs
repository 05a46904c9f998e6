//! Searching: everything is found at once, and indexed soon without being asked.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Player, client, client_on, serve};
use wk_devserver::DevServer;
use wk_sqlite::SqliteStore;
use wk_sqlite::store::{Store, StoreError, StoreReader, StoreTx};
use wkim::{ChannelId, SearchQuery, UnixMillis};

/// A store that says when there is nothing left to index.
struct Telling {
    inner: SqliteStore,
    indexed: tokio::sync::mpsc::UnboundedSender<()>,
}

impl Store for Telling {
    fn begin(&mut self) -> Result<Box<dyn StoreTx + '_>, StoreError> {
        self.inner.begin()
    }

    fn reader(&self) -> Result<Box<dyn StoreReader>, StoreError> {
        self.inner.reader()
    }

    fn maintain(&mut self) -> Result<bool, StoreError> {
        let more = self.inner.maintain()?;
        if !more {
            self.indexed.send(()).ok();
        }
        Ok(more)
    }
}

#[tokio::test]
async fn what_arrives_is_found_at_once_and_indexed_soon() {
    let server = serve(DevServer::builder()).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("alice.db");
    let (indexed, mut told) = tokio::sync::mpsc::unbounded_channel();
    let store = Telling { inner: SqliteStore::open(&path).unwrap(), indexed };
    let mut alice = Player::login(client(&server, "alice").store(Box::new(store))).await;
    alice.synced().await;
    let mut bob = Player::login(client_on(&server, "bob", &directory.path().join("bob.db"))).await;
    let to_alice = ChannelId::person("alice");
    let stored = bob.client.messages().send_text(&to_alice, "明天天气怎么样").await.unwrap();
    bob.settled(&stored).await;
    alice.receives("明天天气怎么样").await;

    let query = SearchQuery::new("天气", UnixMillis::new(0));
    let found = alice.client.search().messages(query.clone()).await.unwrap();
    assert_eq!(found.hits.len(), 1);
    assert_eq!(alice.client.search().counts(query.clone()).await.unwrap().channels.len(), 1);
    assert_eq!(bob.client.search().messages(query.clone()).await.unwrap().hits.len(), 1);

    // Nothing asks for it. What was committed before is indexed when this is told for the second time at the latest.
    for _ in 0..2 {
        let more = alice.client.messages().send_text(&ChannelId::person("bob"), "好天气").await.unwrap();
        alice.settled(&more).await;
        while told.try_recv().is_ok() {}
        told.recv().await.unwrap();
    }
    let mut other = SqliteStore::open(&path).unwrap();
    assert_eq!(other.begin().unwrap().index_messages(0).unwrap(), 0);
    assert_eq!(other.reader().unwrap().search_messages(&query).unwrap().hits.len(), 3);
}
