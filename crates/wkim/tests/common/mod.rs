//! Clients against the development server, and waiting for events instead of sleeping.
#![allow(dead_code, unused_imports, unused_macros, reason = "shared by several test binaries")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "shared by several test binaries"
)]

pub(crate) mod direct;
pub(crate) mod pipe;

use std::path::Path;
use std::time::Duration;

use wk_devserver::{Builder, DevServer};
use wkim::net::Tls;
use wkim::{Client, ClientBuilder, DeviceFlag, Event, Events, Message, Page, RunnerHandle, Uid};

/// Long enough for the slowest machine; reached only by a test that fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Player {
    pub(crate) client: Client,
    pub(crate) events: Events,
    pub(crate) runner: RunnerHandle,
}

impl Player {
    pub(crate) fn start(builder: ClientBuilder) -> Self {
        let (client, runner) = builder.build().unwrap();
        let events = client.events();
        Self { client, events, runner: runner.spawn() }
    }

    pub(crate) async fn login(builder: ClientBuilder) -> Self {
        let player = Self::start(builder);
        player.client.connection().login().await.unwrap();
        player
    }

    /// Waits for an event that gives a value.
    pub(crate) async fn until<T>(&mut self, wanted: impl FnMut(Event) -> Option<T>) -> T {
        until(&mut self.events, wanted).await
    }

    /// Waits for the next conversation sync; says how many messages came.
    pub(crate) async fn synced(&mut self) -> usize {
        self.until(|event| match event {
            Event::Synced { messages, .. } => Some(messages),
            _ => None,
        })
        .await
    }

    /// Waits for a text from somebody.
    pub(crate) async fn receives(&mut self, text: &str) -> Message {
        self.until(|event| match event {
            Event::Messages { messages, .. } => messages.into_iter().find(|message| text_of(message) == text),
            _ => None,
        })
        .await
    }

    /// Waits until an own message has an answer.
    pub(crate) async fn settled(&mut self, message: &Message) -> Message {
        let number = message.client_msg_no.clone();
        self.until(|event| match event {
            Event::Refreshed(message) if message.client_msg_no == number => Some(message),
            _ => None,
        })
        .await
    }
}

pub(crate) async fn until<T>(events: &mut Events, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(value) = wanted(events.next().await.unwrap()) {
                return value;
            }
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the event did not come")
}

/// How a test's clients reach its server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Over {
    Tcp,
    Tls,
    Ws,
}

/// Makes three tests of each function that takes an [`Over`].
macro_rules! over_every_transport {
    ($($test:ident),+ $(,)?) => {
        over_every_transport!(@module tcp, Tcp, $($test),+);
        over_every_transport!(@module tls, Tls, $($test),+);
        over_every_transport!(@module ws, Ws, $($test),+);
    };
    (@module $module:ident, $over:ident, $($test:ident),+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(crate::common::Over::$over).await;
                }
            )+
        }
    };
}
pub(crate) use over_every_transport;

/// A server, and how its clients reach it.
pub(crate) struct Stage {
    server: DevServer,
    over: Over,
}

impl std::ops::Deref for Stage {
    type Target = DevServer;

    fn deref(&self) -> &DevServer {
        &self.server
    }
}

pub(crate) async fn serve(builder: Builder) -> Stage {
    serve_over(Over::Tcp, builder).await
}

pub(crate) async fn serve_over(over: Over, builder: Builder) -> Stage {
    const ANY: &str = "127.0.0.1:0";
    let builder = match over {
        Over::Tcp => builder,
        Over::Tls => builder.tls(ANY),
        Over::Ws => builder.ws(ANY),
    };
    let server = builder.tcp(ANY).http(ANY).start().await.unwrap();
    for uid in ["alice", "bob", "carol"] {
        server.set_token(&Uid::from(uid), DeviceFlag::APP, &token(uid));
    }
    Stage { server, over }
}

pub(crate) fn token(uid: &str) -> String {
    format!("token-of-{uid}")
}

/// A client in memory.
pub(crate) fn client(server: &Stage, uid: &str) -> ClientBuilder {
    let builder = Client::builder(uid).token(token(uid)).api(server.api_url());
    match server.over {
        Over::Tcp => builder.server(server.tcp_addr().to_string()),
        Over::Ws => builder.server(format!("ws://{}", server.ws_addr().unwrap())),
        Over::Tls => builder
            .server(format!("tls://{}", server.tls_addr().unwrap()))
            .tls(Tls::with_roots(server.root_certificate().unwrap().as_bytes()).unwrap()),
    }
}

/// A client on a file.
pub(crate) fn client_on(server: &Stage, uid: &str, path: &Path) -> ClientBuilder {
    client(server, uid).sqlite(path)
}

pub(crate) fn text_of(message: &Message) -> String {
    message.parse().content.display_text().into_owned()
}

/// What a client would send for a text.
pub(crate) fn payload(text: &str) -> Vec<u8> {
    wkim::model::text_payload(text).to_vec()
}

/// The text in a payload.
pub(crate) fn text_in(payload: &[u8]) -> String {
    wkim::model::parse_payload(payload).content.display_text().into_owned()
}

pub(crate) fn texts(page: &Page) -> Vec<String> {
    page.messages.iter().map(text_of).collect()
}

pub(crate) fn seqs(page: &Page) -> Vec<u64> {
    page.messages.iter().map(|message| message.message_seq().get()).collect()
}

/// Requests the server answered so far, over all endpoints.
pub(crate) fn requests(server: &DevServer) -> u64 {
    server.stats().http_requests.values().sum()
}
