//! What is told through `tracing` in a session in which everything goes wrong: nothing that is secret.
#![allow(clippy::unwrap_used)]

mod common;

use std::io;
use std::sync::{Arc, Mutex};

use common::{Player, client, serve, text_of};
use tracing::Level;
use wk_devserver::DevServer;
use wkim::{ChannelId, ConnectionState, Event, PageQuery, Uid};

const PAYLOAD: &str = "meet at the summit";

/// Everything that is written.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<u8>>>);

impl io::Write for Book {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Book {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs of letters that are long enough for a key, as keys are on the wire: Base64 of 32 bytes.
fn keys(text: &str) -> Vec<&str> {
    let runs = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter));
    runs.filter(|run| run.len() >= 40).collect()
}

#[test]
fn no_payload_no_token_and_no_key_is_in_the_logs() {
    // The server tells what it likes, on a thread of its own.
    let elsewhere =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = elsewhere.block_on(serve(DevServer::builder()));
    let book = Book::default();
    let writer = book.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let here = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    here.block_on(async {
        let mut wrong = Player::start(client(&server, "alice").token("a wrong token"));
        wrong.client.connection().connect().await.unwrap();
        // A v2 server does not answer it.
        let connecting =
            |event| matches!(event, Event::Connection(ConnectionState::Connecting)).then_some(());
        wrong.until(connecting).await;
        let mut alice = Player::login(client(&server, "alice")).await;
        let mut bob = Player::login(client(&server, "bob")).await;
        let to_bob = ChannelId::person("bob");
        alice.client.messages().send(&to_bob, PAYLOAD).await.unwrap().acked().await.unwrap();
        bob.receives(PAYLOAD).await;
        let refused = alice.client.messages().send(&ChannelId::group("strangers"), PAYLOAD).await.unwrap();
        refused.acked().await.unwrap_err();
        // From the HTTP API, and what is no content at all.
        server.send(&Uid::new("bob"), &ChannelId::person("alice"), "", format!("{{{PAYLOAD}").into_bytes());
        alice
            .until(|event| match event {
                Event::Messages { messages, .. } => messages.iter().map(text_of).next(),
                _ => None,
            })
            .await;
        alice.client.messages().history(PageQuery::newest(to_bob)).await.unwrap();
        server.drop_all_sessions();
        alice.until(|event| matches!(event, Event::Connection(_)).then_some(())).await;
        alice.client.shutdown().await.unwrap();
    });
    let told = book.text();
    assert!(told.contains("uid=alice") && told.contains("link closed"), "{told}");
    for secret in [PAYLOAD, "a wrong token", "token-of-"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert_eq!(keys(&told), [""; 0], "{told}");
    // As keys look on the wire.
    assert_eq!(keys("key=WGmv9FBUlzLLqu1eXfmzCm2jHLDldCutWtShp2jxpns=, salt").len(), 1);
}
