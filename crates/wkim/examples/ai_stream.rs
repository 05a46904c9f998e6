//! An answer of an AI that is shown while it is written, and is an ordinary message when it is done.
//!
//! `cargo run -p wkim --example ai_stream`

use std::error::Error;

use wk_devserver::DevServer;
use wkim::content::{Content, PayloadDraft};
use wkim::{ChannelId, Client, StreamStatus, Uid};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let (alice, runner) = Client::builder("alice").server(server.tcp_addr().to_string()).build()?;
    runner.spawn();
    alice.connection().login().await?;
    let mut streams = alice.messages().streams();
    let ai = ChannelId::person("ai");
    let question = alice.messages().send(&ai, "What is the answer?").await?.acked().await?;

    answer(&server, &["The ", "answer ", "is ", "42."])?;
    let number = loop {
        let update = streams.next().await?;
        println!("{:?}: {}", update.lane.status, update.lane.text);
        if update.lane.status == StreamStatus::Closed {
            break update.client_msg_no;
        }
    };

    // From now on it is a message as any other: in the history, in searches, after a restart.
    let stored = alice.messages().by_client_msg_no(&ai, &Uid::new("ai"), &number).await?;
    let Content::Text(text) = stored.ok_or("the answer is not stored")?.parse().content else {
        return Err("the answer is no text".into());
    };
    println!("{} -> {}", question.parse().content.display_text(), text.text);
    if text.text == "The answer is 42." { Ok(()) } else { Err("another answer".into()) }
}

/// What the AI's backend does through the server's API: a message without words, then its words as they come.
fn answer(server: &DevServer, words: &[&str]) -> Result<(), Box<dyn Error>> {
    let (ai, alice) = (Uid::new("ai"), ChannelId::person("alice"));
    server.begin_stream(&ai, &alice, "answer-1", PayloadDraft::new("").build()?);
    for word in words {
        let piece = serde_json::json!({"kind": "text", "delta": word}).to_string();
        server.append_event(&ai, &alice, "answer-1", "stream.delta", &piece)?;
    }
    server.append_event(&ai, &alice, "answer-1", "stream.close", "{}")?;
    Ok(())
}
