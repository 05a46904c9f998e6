//! A session that is cut at every byte, in either direction: it is opened again, and nothing is lost or doubled.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::direct::Direct;
use common::pipe::{Cut, Pipes};
use common::{Player, text_of, texts};
use wk_devserver::DevServer;
use wkim::{ChannelId, Client, ConnectionState, Event, MessageStatus, PageQuery, Uid};

/// Longer than any answer on a connection in memory, shorter than anything that a client does by the clock.
const QUIET: Duration = Duration::from_secs(1);

/// What one run came to.
struct Outcome {
    /// Bytes to and from the server, over all connections.
    out: usize,
    back: usize,
    cut: bool,
}

/// Logs in, sends two messages, receives two, acknowledges them, and checks both sides. Each run has users of its
/// own, whose names are equally long, so that every run has the same bytes in the same places.
async fn run(server: &Arc<DevServer>, number: usize, cut: Option<Cut>) -> Outcome {
    let (alice, bob) = (Uid::from(format!("alice-{number:05}")), Uid::from(format!("bob-{number:05}")));
    let (to_bob, to_alice) = (ChannelId::person(bob.as_str()), ChannelId::person(alice.as_str()));
    let pipes = Arc::new(Pipes::new(Arc::clone(server), cut));
    let source = Direct { server: Arc::clone(server), channels: vec![to_bob.clone()] };
    let builder =
        Client::builder(alice.clone()).server("in.memory:1").connector(Arc::clone(&pipes) as Arc<_>);
    let mut player = Player::start(builder.data_source(Arc::new(source)));
    player.client.connection().connect().await.unwrap();
    for text in ["first", "second"] {
        player.client.messages().send_text(&to_bob, text).await.unwrap();
    }
    // The texts that were told, with how often; and the sessions there were.
    let mut told = HashMap::new();
    let mut sessions = 0;
    let (mut sent, mut pushed) = (0, false);
    while sent < 2 || told.len() < 2 {
        if sent == 2 && sessions > 0 && !pushed {
            // Both are answered: now the other side speaks.
            for text in ["third", "fourth"] {
                server.send(&bob, &to_alice, &format!("{text}-{number:05}"), common::payload(text));
            }
            pushed = true;
        }
        player
            .until(|event| {
                match event {
                    Event::Refreshed(message) => {
                        assert_eq!(message.status, MessageStatus::Sent, "{message:?}");
                        sent += 1;
                    }
                    Event::Messages { messages, .. } => {
                        for message in &messages {
                            *told.entry(text_of(message)).or_insert(0) += 1;
                        }
                    }
                    Event::Connection(ConnectionState::Online { .. }) => sessions += 1,
                    _ => return None,
                }
                Some(())
            })
            .await;
    }
    // The RECVACKs go out, or the cut is noticed and the next session begins.
    tokio::time::sleep(QUIET).await;
    let was_cut = pipes.seen.cuts.load(Ordering::Relaxed) > 0;
    assert_eq!(server.session_count(&alice), 1, "{cut:?}: there is one session");
    assert_eq!(told, HashMap::from([("third".to_owned(), 1), ("fourth".to_owned(), 1)]), "{cut:?}");
    let expected = ["first", "second", "third", "fourth"];
    let page = player.client.messages().history(PageQuery::newest(to_bob.clone())).await.unwrap();
    assert_eq!(texts(&page), expected, "{cut:?}: what alice has");
    assert!(page.reached_start && page.reached_end && page.incomplete.is_none(), "{cut:?}: {page:?}");
    let log = server.messages(&to_bob, &alice);
    let logged: Vec<_> = log.iter().map(|message| common::text_in(&message.payload)).collect();
    assert_eq!(logged, expected, "{cut:?}: what the server has");
    player.client.shutdown().await.unwrap();
    let (out, back) = (pipes.seen.out.load(Ordering::Relaxed), pipes.seen.back.load(Ordering::Relaxed));
    Outcome { out, back, cut: was_cut }
}

async fn start() -> Arc<DevServer> {
    Arc::new(
        DevServer::builder().quirks(|quirks| quirks.reorder_pipelined_sends = false).start().await.unwrap(),
    )
}

#[tokio::test(start_paused = true)]
async fn every_byte_of_a_session_may_be_the_last() {
    let server = start().await;
    let whole = run(&server, 0, None).await;
    assert!(!whole.cut && whole.out > 350 && whole.back > 350, "{} and {} bytes", whole.out, whole.back);
    let outward = (0..whole.out).map(Cut::Out);
    let cuts = outward.chain((0..whole.back).map(Cut::In));
    let mut runs = 0;
    for (number, cut) in cuts.enumerate() {
        let outcome = run(&server, number + 1, Some(cut)).await;
        assert!(outcome.cut, "{cut:?} did not happen");
        runs += 1;
    }
    println!("cut at {} bytes to the server and {} from it: {runs} runs", whole.out, whole.back);
}
