//! An echo bot: it answers every text with the same text, and quotes what it answers.
//!
//! `cargo run -p wkim --example echo_bot`

use std::error::Error;

use wk_devserver::DevServer;
use wkim::content::Content;
use wkim::{ChannelId, Client, Event, Events, EventsError};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let (bot, _) = start(&server, "bot").await?;
    let events = bot.events();
    let bot_task = tokio::spawn(echo(bot.clone(), events));

    let (alice, mut events) = start(&server, "alice").await?;
    for text in ["one", "two", "three"] {
        alice.messages().send(&ChannelId::person("bot"), text).await?;
        let answer = loop {
            if let Event::Messages { mut messages, .. } = events.next().await? {
                break messages.remove(0);
            }
        };
        let quoted = alice.messages().quoted(&answer).await?.ok_or("the bot quotes nothing")?;
        println!("the bot answers {:?} with {:?}", quoted.to_string(), answer.parse().content.display_text());
    }
    bot.shutdown().await?;
    bot_task.await??;
    Ok(())
}

/// The bot itself: it ends with its client.
async fn echo(bot: Client, mut events: Events) -> Result<(), wkim::Error> {
    loop {
        let messages = match events.next().await {
            Ok(Event::Messages { messages, .. }) => messages,
            // What was missed is in the store; a bot that must answer everything pages through its conversations here.
            Ok(_) | Err(EventsError::Lagged { .. }) => continue,
            Err(_) => return Ok(()),
        };
        for message in messages.iter().filter(|message| message.from_uid != *bot.uid()) {
            if let Content::Text(text) = message.parse().content {
                bot.messages().send(&message.channel, text).reply_to(message).await?;
            }
        }
    }
}

async fn start(server: &DevServer, uid: &str) -> Result<(Client, Events), Box<dyn Error>> {
    let (client, runner) = Client::builder(uid).server(server.tcp_addr().to_string()).build()?;
    runner.spawn();
    let events = client.events();
    client.connection().login().await?;
    Ok((client, events))
}
