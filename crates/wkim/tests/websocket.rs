//! WebSocket to a v2 server, which loses what follows when two messages reach it in one read (docs/servers.md T58).
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::{Over, Player, client, serve_over};
use tokio::task::JoinSet;
use wk_devserver::DevServer;
use wkim::{ChannelId, Event, MessageStatus};

const CHANNELS: usize = 100;
const ROUNDS: usize = 2;

#[tokio::test]
async fn a_burst_of_large_messages_costs_no_connection() {
    let server = serve_over(Over::Ws, DevServer::builder()).await;
    let mut alice = Player::login(client(&server, "alice")).await;
    // Handed over at once, so that much more waits than a message or a read of the server holds.
    let mut sends = JoinSet::new();
    for round in 0..ROUNDS {
        for number in 0..CHANNELS {
            let client = alice.client.clone();
            sends.spawn(async move {
                let channel = ChannelId::person(format!("friend-{number}"));
                let text = format!("{}{round}", "x".repeat(15_000));
                client.messages().send_text(&channel, &text).await.unwrap().client_msg_no.clone()
            });
        }
    }
    let mut open: HashSet<_> = sends.join_all().await.into_iter().collect();
    alice
        .until(|event| match event {
            Event::Refreshed(message) if message.status == MessageStatus::Sent => {
                open.remove(&message.client_msg_no);
                open.is_empty().then_some(())
            }
            _ => None,
        })
        .await;
    let stats = server.stats();
    assert_eq!(
        (stats.connections_accepted, stats.sends),
        (1, (CHANNELS * ROUNDS) as u64),
        "nothing was sent twice"
    );
}
