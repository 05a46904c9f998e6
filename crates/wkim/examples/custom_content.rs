//! A content of the application's own: a poll, with its words for lists, and keys of the application beside a text.
//!
//! `cargo run -p wkim --example custom_content`

use std::borrow::Cow;
use std::error::Error;

use serde::{Deserialize, Serialize};
use wk_devserver::DevServer;
use wkim::{ChannelId, Client, ContentType, CustomContent, Event, Events, Message};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Poll {
    question: String,
    options: Vec<String>,
}

impl CustomContent for Poll {
    const TYPE: ContentType = ContentType::new(3001);

    fn display_text(&self) -> Cow<'_, str> {
        format!("[poll] {}", self.question).into()
    }

    fn searchable_text(&self) -> Cow<'_, str> {
        (&self.question).into()
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let mut clients = Vec::new();
    for uid in ["alice", "bob"] {
        // Registered, a poll has its own words in lists. Sending and reading one would work without.
        let (client, runner) =
            Client::builder(uid).server(server.tcp_addr().to_string()).content::<Poll>().build()?;
        runner.spawn();
        client.connection().login().await?;
        clients.push(client);
    }
    let [alice, bob] = &clients[..] else { return Err("two clients".into()) };
    let mut events = bob.events();
    let to_bob = ChannelId::person("bob");

    let poll = Poll { question: "tea?".into(), options: vec!["yes".into(), "no".into()] };
    alice.messages().send(&to_bob, poll).mention_all().await?;
    let message = next_message(&mut events).await?;
    println!("a list shows:  {}", bob.messages().display_text(&message));
    println!("a chat shows:  {:?}", message.decode::<Poll>()?);

    alice.messages().send(&to_bob, "see order 42").key("order", 42).await?;
    let message = next_message(&mut events).await?;
    println!("beside a text: order {:?}", message.parse().keys.integer("order"));
    Ok(())
}

async fn next_message(events: &mut Events) -> Result<Message, Box<dyn Error>> {
    loop {
        if let Event::Messages { mut messages, .. } = events.next().await? {
            return Ok(messages.remove(0));
        }
    }
}
