//! The demo's server, its users and their conversations.

use std::path::PathBuf;

use tempfile::TempDir;
use wk_devserver::{DevServer, Seed};
use wkim::model::text_payload;
use wkim::{ChannelId, Client, DeviceFlag, Event, Events, EventsError, RunnerHandle, Uid};

use super::report::{Report, thousands};
use crate::args::DemoArgs;
use crate::failure::Failure;

pub(super) const ALICE: &str = "alice";
pub(super) const BOB: &str = "bob";

pub(super) struct Stage {
    pub(super) server: DevServer,
    pub(super) conversations: u64,
    pub(super) messages: u64,
    folder: TempDir,
}

/// A running client.
pub(super) struct Player {
    pub(super) client: Client,
    pub(super) runner: RunnerHandle,
    pub(super) events: Events,
}

impl Stage {
    pub(super) async fn set(args: &DemoArgs, report: &mut Report) -> Result<Self, Failure> {
        let (conversations, messages) = (u64::from(args.conversations), args.messages);
        report.heading("1. A server with more history than anybody wants to download")?;
        let alice = Uid::from(ALICE);
        let mut builder = DevServer::builder().tcp("127.0.0.1:0").http("127.0.0.1:0").token_auth(true);
        for number in 1..=conversations {
            let seed = match number {
                1 => Seed::person(&alice, &Uid::from(BOB), messages),
                even if even.is_multiple_of(2) => {
                    let members = [alice.clone(), Uid::from(BOB), Uid::from("carol")];
                    Seed::group(format!("group-{number}"), members, messages)
                }
                _ => Seed::person(&alice, &Uid::from(format!("friend-{number}")), messages),
            };
            builder = builder.seed(seed.payload(|seq| text_payload(&note(seq)).to_vec()));
        }
        let server = report.during("seeding the server", builder.start()).await?.map_err(Failure::broken)?;
        for uid in [ALICE, BOB] {
            server.set_token(&Uid::from(uid), DeviceFlag::APP, &token(uid));
        }
        let total = conversations.saturating_mul(messages);
        report.say(format!(
            "  {} listens for clients, {} serves its API",
            server.tcp_addr(),
            server.api_url()
        ))?;
        report.say(format!(
            "  {conversations} conversations of {} messages wait for alice: {} in all",
            thousands(messages),
            thousands(total)
        ))?;
        report.figure("conversations_existing", conversations);
        report.figure("messages_existing", total);
        Ok(Self { server, conversations, messages, folder: TempDir::new()? })
    }

    pub(super) fn alices_file(&self) -> PathBuf {
        self.folder.path().join("alice.db")
    }

    /// Alice keeps everything in a file, bob keeps nothing.
    pub(super) async fn enter(&self, uid: &str) -> Result<Player, Failure> {
        let mut builder = Client::builder(uid)
            .token(token(uid))
            .server(self.server.tcp_addr().to_string())
            .api(self.server.api_url());
        if uid == ALICE {
            builder = builder.sqlite(self.alices_file());
        }
        let (client, runner) = builder.build().map_err(Failure::broken)?;
        let runner = runner.spawn();
        let events = client.events();
        client.connection().login().await.map_err(Failure::broken)?;
        Ok(Player { client, runner, events })
    }
}

/// What the message with a seq says, in every conversation.
pub(super) fn note(seq: u64) -> String {
    format!("This is message {seq} of a long conversation.")
}

/// The conversation that the demo looks into.
pub(super) fn with_bob() -> ChannelId {
    ChannelId::person(BOB)
}

/// Reads events until one gives a value.
pub(super) async fn until<T>(
    events: &mut Events,
    mut wanted: impl FnMut(Event) -> Option<T>,
) -> Result<T, Failure> {
    loop {
        match events.next().await {
            Ok(event) => {
                if let Some(value) = wanted(event) {
                    return Ok(value);
                }
            }
            Err(error @ EventsError::Lagged { .. }) => return Err(Failure::broken(error)),
            Err(error) => return Err(Failure::broken(error)),
        }
    }
}

fn token(uid: &str) -> String {
    format!("token-of-{uid}")
}
