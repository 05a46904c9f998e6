//! A bot in a group: it counts the votes, and answers whoever calls it with how they stand.
//!
//! `cargo run -p wkim --example group_bot`

use std::collections::BTreeMap;
use std::error::Error;

use wk_devserver::DevServer;
use wkim::{ChannelId, Client, Events, EventsError, MessageEvent, Uid};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let server = DevServer::builder().start().await?;
    let team = ChannelId::group("team");
    server.channel(&team).add_subscribers(&["alice", "bob", "counter"].map(Uid::new));

    let (bot, events) = start(&server, "counter").await?;
    let bot_task = tokio::spawn(count(bot.clone(), events, team.clone()));
    let (alice, mut events) = start(&server, "alice").await?;
    let (bob, _) = start(&server, "bob").await?;

    for (client, vote) in [(&alice, "tea"), (&bob, "coffee"), (&alice, "tea"), (&bob, "tea")] {
        let vote = client.messages().send(&team, format!("vote {vote}")).await?;
        vote.acked().await?;
    }
    let call = alice.messages().send(&team, "@counter who wins?").mention([Uid::new("counter")]).await?;
    println!("alice asks:  {}", call.parse().content.display_text());
    let answer = loop {
        let MessageEvent::New { messages, .. } = events.next().await? else { continue };
        if let Some(answer) = messages.into_iter().find(|message| message.from_uid == *bot.uid()) {
            break answer;
        }
    };
    let text = answer.parse().content.display_text().into_owned();
    println!("the bot says: {text}");
    bot.shutdown().await?;
    bot_task.await??;
    if text == "tea 3, coffee 1" { Ok(()) } else { Err("the bot cannot count".into()) }
}

/// The bot itself: it ends with its client.
async fn count(bot: Client, mut events: Events<MessageEvent>, team: ChannelId) -> Result<(), wkim::Error> {
    let mut votes: BTreeMap<String, u32> = BTreeMap::new();
    loop {
        let messages = match events.next().await {
            Ok(MessageEvent::New { messages, .. }) => messages,
            // What was missed is in the store; a bot that must count every vote reads the channel's history here.
            Ok(_) | Err(EventsError::Lagged { .. }) => continue,
            Err(_) => return Ok(()),
        };
        let others = messages.iter().filter(|it| it.channel == team && it.from_uid != *bot.uid());
        for message in others {
            let parsed = message.parse();
            if let Some(vote) = parsed.content.display_text().strip_prefix("vote ") {
                *votes.entry(vote.to_owned()).or_default() += 1;
            }
            if parsed.calls(bot.uid()) {
                let mut standing: Vec<_> = votes.iter().collect();
                standing.sort_by(|a, b| b.1.cmp(a.1));
                let standing = standing.iter().map(|(what, votes)| format!("{what} {votes}"));
                let text = standing.collect::<Vec<_>>().join(", ");
                bot.messages()
                    .send(&team, text)
                    .reply_to(message)
                    .mention([message.from_uid.clone()])
                    .await?;
            }
        }
    }
}

async fn start(server: &DevServer, uid: &str) -> Result<(Client, Events<MessageEvent>), Box<dyn Error>> {
    let (client, runner) = Client::builder(uid).server(server.tcp_addr().to_string()).build()?;
    runner.spawn();
    let events = client.messages().events();
    client.connection().login().await?;
    Ok((client, events))
}
