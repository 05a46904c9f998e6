//! Two accounts in one process, each with a file of its own; what is written offline leaves after a restart.
//!
//! `cargo run -p wkim --example two_accounts`

use std::error::Error;
use std::path::Path;

use wk_devserver::DevServer;
use wkim::{ChannelId, Client, Event, PageQuery, RunnerHandle};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let folder = tempfile::tempdir()?;
    let work = folder.path().join("work.db");
    let home = folder.path().join("home.db");

    // Written without a connection: it stays in the file.
    let (alice, runner) = open(&server, "alice-at-work", &work)?;
    alice.messages().send(&ChannelId::person("alice-at-home"), "buy milk").await?;
    alice.shutdown().await?;
    runner.join().await?;

    // The next process sends it. Both accounts live side by side and know nothing of each other.
    let (at_home, _home) = open(&server, "alice-at-home", &home)?;
    let mut events = at_home.events();
    at_home.connection().login().await?;
    let (at_work, _work) = open(&server, "alice-at-work", &work)?;
    at_work.connection().login().await?;
    let arrived = loop {
        if let Event::Messages { mut messages, .. } = events.next().await? {
            break messages.remove(0);
        }
    };
    println!("{} hears from {}: {}", at_home.uid(), arrived.from_uid, arrived.parse().content.display_text());

    for client in [&at_home, &at_work] {
        for conversation in client.conversations().list().await? {
            let page = client.messages().history(PageQuery::newest(conversation.channel.clone())).await?;
            println!("{} and {}: {} message", client.uid(), conversation.channel, page.messages.len());
        }
    }
    Ok(())
}

fn open(server: &DevServer, uid: &str, file: &Path) -> Result<(Client, RunnerHandle), Box<dyn Error>> {
    let builder = Client::builder(uid).server(server.tcp_addr().to_string()).api(server.api_url());
    let (client, runner) = builder.sqlite(file).build()?;
    Ok((client, runner.spawn()))
}
