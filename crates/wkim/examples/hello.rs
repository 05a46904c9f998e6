//! Hello: alice writes to bob, waits until the server has it, and bob reads it.
//!
//! `cargo run -p wkim --example hello`

use std::error::Error;

use wk_devserver::DevServer;
use wkim::{ChannelId, Client, Event};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?; // or the address of a real server
    let (alice, runner) = Client::builder("alice").server(server.tcp_addr().to_string()).build()?;
    runner.spawn(); // a client lives as long as its runner
    let (bob, runner) = Client::builder("bob").server(server.tcp_addr().to_string()).build()?;
    runner.spawn();
    let mut events = bob.events();
    alice.connection().login().await?;
    bob.connection().login().await?;

    let message = alice.messages().send(&ChannelId::person("bob"), "hello").await?; // stored, and sent from now on
    let message = message.acked().await?; // the server has it
    println!("alice's message is number {} of the conversation", message.message_seq());

    loop {
        if let Event::Messages { messages, .. } = events.next().await? {
            for message in &messages {
                println!("{} says: {}", message.from_uid, bob.messages().display_text(message));
            }
            return Ok(());
        }
    }
}
