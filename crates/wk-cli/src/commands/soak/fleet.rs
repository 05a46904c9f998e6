//! The clients of a soak: who they are, what they send, what they count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use wkim::{
    ChannelId, Client, ConnectionState, DataSource, Event, HttpSource, Message, MessageStatus, RunnerHandle,
};

use super::scissors::{Cuttable, Scissors};
use super::server::Server;
use super::tally::Tally;
use crate::args::SoakArgs;
use crate::failure::Failure;

pub(super) struct Fleet {
    clients: Vec<(Client, RunnerHandle)>,
    tally: Arc<Tally>,
    quiet: AtomicBool,
}

impl Fleet {
    /// Starts the clients and waits until all are online.
    pub(super) async fn start(
        args: &SoakArgs,
        server: &Server,
        scissors: &Arc<Scissors>,
        tally: &Arc<Tally>,
    ) -> Result<Self, Failure> {
        let source =
            HttpSource::builder(&server.api).and_then(|builder| builder.build()).map_err(Failure::input)?;
        let source: Arc<dyn DataSource> = Arc::new(source);
        let (online, mut seen) = mpsc::unbounded_channel();
        let mut clients = Vec::new();
        for number in 0..args.clients {
            let address = if args.ws { &server.ws } else { &server.tcp };
            let (client, runner) = Client::builder(name(number as usize))
                .server(address)
                .connector(Arc::new(Cuttable(Arc::clone(scissors))))
                .data_source(Arc::clone(&source))
                .build()
                .map_err(Failure::input)?;
            tokio::spawn(listen(client.events(), Arc::clone(tally), online.clone()));
            let runner = runner.spawn();
            client.connection().connect().await?;
            clients.push((client, runner));
        }
        drop(online);
        for _ in 0..args.clients {
            seen.recv().await;
        }
        Ok(Self { clients, tally: Arc::clone(tally), quiet: AtomicBool::new(false) })
    }

    /// Sends so many messages a second, in turns, until it shall be quiet.
    pub(super) async fn chatter(&self, rate: u32) -> Result<(), Failure> {
        let mut ticks = interval(Duration::from_secs(1) / rate.max(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for (sender, (client, _)) in self.clients.iter().enumerate().cycle() {
            ticks.tick().await;
            if self.quiet.load(Ordering::Relaxed) {
                break;
            }
            let peer = ChannelId::person(name((sender + 1) % self.clients.len()));
            let number = self.tally.next_number(sender);
            client.messages().send_text(&peer, &format!("{sender}:{number}")).await?;
        }
        Ok(())
    }

    /// Ends the chatter.
    pub(super) fn be_quiet(&self) {
        self.quiet.store(true, Ordering::Relaxed);
    }

    pub(super) async fn stop(self) {
        for (client, runner) in self.clients {
            client.shutdown().await.ok();
            runner.join().await.ok();
        }
    }
}

fn name(number: usize) -> String {
    format!("soak-{number}")
}

/// Counts what a client is told.
async fn listen(mut events: wkim::Events, tally: Arc<Tally>, online: mpsc::UnboundedSender<()>) {
    let mut online = Some(online);
    loop {
        match events.next().await {
            Ok(Event::Messages { messages, .. }) => {
                for (sender, number) in messages.iter().filter_map(place) {
                    tally.arrived(sender, number);
                }
            }
            Ok(Event::Refreshed(message)) if message.status == MessageStatus::Failed => tally.refused(),
            Ok(Event::Connection(ConnectionState::Online { .. })) => {
                // The first time only.
                if let Some(online) = online.take() {
                    online.send(()).ok();
                }
            }
            Err(wkim::EventsError::Ended) => return,
            Ok(_) | Err(_) => {}
        }
    }
}

/// Whose message this is, and its number. Own messages come back to nobody.
fn place(message: &Message) -> Option<(usize, usize)> {
    let parsed = message.parse();
    let text = parsed.content.display_text();
    let (sender, number) = text.split_once(':')?;
    let sender: usize = sender.parse().ok()?;
    (message.from_uid.as_str() == name(sender)).then_some((sender, number.parse().ok()?))
}
