//! What a client counts and times, with the feature `metrics`.
#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use common::{Player, client, serve};
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use wk_devserver::DevServer;
use wkim::ChannelId;

/// Keeps what it is told.
#[derive(Debug, Default)]
struct Book {
    counters: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    histograms: Mutex<BTreeMap<String, Arc<Values>>>,
}

#[derive(Debug, Default)]
struct Values(Mutex<Vec<f64>>);

impl HistogramFn for Values {
    fn record(&self, value: f64) {
        self.0.lock().unwrap().push(value);
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.counters.lock().unwrap();
        Counter::from_arc(Arc::clone(counters.entry(key.name().to_owned()).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let mut histograms = self.histograms.lock().unwrap();
        Histogram::from_arc(Arc::clone(histograms.entry(key.name().to_owned()).or_default()))
    }
}

impl Book {
    fn counters(&self) -> Vec<(String, u64)> {
        let counters = self.counters.lock().unwrap();
        counters.iter().map(|(name, count)| (name.clone(), count.load(SeqCst))).collect()
    }

    fn values(&self, name: &str) -> Vec<f64> {
        self.histograms.lock().unwrap().get(name).unwrap().0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn every_message_and_every_login_is_counted_once() {
    let book = Book::default();
    // Of this thread, where the test and its clients in memory run.
    let guard = metrics::set_default_local_recorder(&book);
    let server = serve(DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    alice.synced().await;
    for number in 0..3 {
        let sent = alice.client.messages().send(&ChannelId::person("bob"), format!("{number}"));
        sent.await.unwrap().acked().await.unwrap();
    }
    let refused = alice.client.messages().send(&ChannelId::group("strangers"), "refused").await.unwrap();
    refused.acked().await.unwrap_err();
    alice.client.connection().disconnect().await.unwrap();
    alice.client.connection().login().await.unwrap();
    alice.synced().await;
    drop(guard);
    let expected = [
        ("wkim_connects_total", 1),
        ("wkim_messages_acked_total", 3),
        ("wkim_messages_failed_total", 1),
        ("wkim_messages_written_total", 4),
        ("wkim_reconnects_total", 1),
    ];
    assert_eq!(book.counters(), expected.map(|(name, count)| (name.to_owned(), count)));
    let (acks, commits) = (book.values("wkim_ack_seconds"), book.values("wkim_commit_seconds"));
    assert_eq!(acks.len(), 3);
    assert!(commits.len() > 4);
    assert!([acks, commits].concat().iter().all(|seconds| (0.0..60.0).contains(seconds)));

    let book = Book::default();
    let _guard = metrics::set_default_local_recorder(&book);
    let mut bob = Player::login(client(&server, "bob")).await;
    bob.receives("2").await;
    let received = ("wkim_messages_received_total".to_owned(), 3);
    assert!(book.counters().contains(&received), "{:?}", book.counters());
}
