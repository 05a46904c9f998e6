//! A channel's whole history as lines of JSON, in pages, with an error where a hole cannot be filled.
//!
//! `cargo run -p wkim --example history_export`

use std::error::Error;
use std::io::{self, Write};

use wk_devserver::{DevServer, Seed};
use wkim::{Anchor, ChannelId, Client, Direction, PageQuery, Uid};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let members = ["alice", "bob"].map(Uid::new);
    let server = DevServer::builder().seed(Seed::group("team", members, 1_000)).start().await?;
    let builder = Client::builder("alice").server(server.tcp_addr().to_string()).api(server.api_url());
    let (client, runner) = builder.build()?;
    runner.spawn();
    client.connection().login().await?;

    let mut lines = Vec::new();
    let count = export(&client, &ChannelId::group("team"), &mut lines).await?;
    let last = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).unwrap_or_default();
    println!("{count} messages in {} bytes, the last of them:", lines.len());
    io::stdout().write_all(last)?;
    println!();
    if count == 1_000 { Ok(()) } else { Err("not all of the history".into()) }
}

/// Writes one line for each message, from the first to the last.
async fn export(client: &Client, channel: &ChannelId, to: &mut impl Write) -> Result<usize, Box<dyn Error>> {
    let mut query = PageQuery::newest(channel.clone()).limit(200);
    (query.anchor, query.direction) = (Anchor::Edge, Direction::Newer);
    let mut count = 0;
    loop {
        let page = client.messages().history(query).await?;
        for message in &page.messages {
            let line = serde_json::json!({
                "seq": message.message_seq().get(),
                "from": message.from_uid.as_str(),
                "ms": message.timestamp.get(),
                "type": message.content_type.value(),
                // The payload as it was sent; not every payload is JSON.
                "payload": String::from_utf8_lossy(&message.payload),
            });
            writeln!(to, "{line}")?;
        }
        count += page.messages.len();
        if let Some(gap) = &page.incomplete {
            return Err(format!("the source could not give all of the history: {gap:?}").into());
        }
        match page.newer(channel) {
            Some(next) if !page.reached_end => query = next.limit(200),
            _ => return Ok(count),
        }
    }
}
