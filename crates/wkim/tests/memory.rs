//! What an idle client takes, so that thousands of bots fit in one process.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use allocation_counter::measure;
use common::Player;
use tokio::runtime::Builder;
use wk_devserver::DevServer;
use wkim::{Client, DataSource, HttpSource};

/// The most an idle client may take, in bytes: twice what it does.
const BAR: i64 = 74 << 10;
const CLIENTS: u32 = 50;

#[test]
fn an_idle_client_in_memory_is_small() {
    // The server works on a thread of its own, whose memory is not counted.
    let elsewhere = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = elsewhere.block_on(DevServer::builder().start()).unwrap();
    let source: Arc<dyn DataSource> =
        Arc::new(HttpSource::builder(&server.api_url()).unwrap().build().unwrap());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut players = Vec::new();
    let mut login = |names: std::ops::Range<u32>| {
        runtime.block_on(async {
            for number in names {
                let builder = Client::builder(format!("bot-{number}"))
                    .server(server.tcp_addr().to_string())
                    .data_source(Arc::clone(&source));
                let mut player = Player::login(builder).await;
                player.synced().await;
                players.push(player);
            }
        });
    };
    // What all share is made by the first.
    login(0..5);
    let taken = measure(|| login(5..5 + CLIENTS)).bytes_current / i64::from(CLIENTS);
    assert!((1 << 10..BAR).contains(&taken), "{taken} bytes a client");
}
