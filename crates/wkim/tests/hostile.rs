//! Servers that mean harm: the client says what is wrong, tries again at its own pace, and its memory stays bounded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allocation_counter::measure;
use common::Player;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use wk_devserver::DevServer;
use wkim::net::{Connector, Endpoint, Opening, Stream};
use wkim::{ChannelId, Client, ConnectionState, DisconnectCause, Event};

/// How long each server is suffered, on paused time.
const LONG: Duration = Duration::from_secs(120);
/// The most that a client may take meanwhile, and a development server with it.
const MEMORY: u64 = 24 << 20;

/// What the server does with every connection.
#[derive(Clone)]
struct Script {
    /// Lets a real CONNACK pass first.
    login: bool,
    /// Said once.
    first: Vec<u8>,
    /// Said a hundred times a second from then on.
    then: Vec<u8>,
}

struct Hostile {
    server: Arc<DevServer>,
    script: Script,
    connections: AtomicUsize,
}

impl Connector for Hostile {
    fn connect(&self, _: &Endpoint) -> Opening {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let (near, far) = duplex(64 << 10);
        let (inner, attached) = duplex(64 << 10);
        self.server.attach(attached);
        tokio::spawn(act(self.script.clone(), far, inner));
        Box::pin(async { Ok(Box::new(near) as Box<dyn Stream>) })
    }
}

/// Ends when the client does.
async fn act(script: Script, client: DuplexStream, mut server: DuplexStream) -> Option<()> {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let mut connect = [0; 4096];
    let read = from_client.read(&mut connect).await.ok()?;
    if script.login {
        server.write_all(&connect[..read]).await.ok()?;
        // A CONNACK is shorter than 128 bytes.
        let mut connack = vec![0; 2];
        server.read_exact(&mut connack).await.ok()?;
        connack.resize(2 + usize::from(connack[1]), 0);
        server.read_exact(&mut connack[2..]).await.ok()?;
        to_client.write_all(&connack).await.ok()?;
    }
    to_client.write_all(&script.first).await.ok()?;
    let drain = async {
        let mut waste = [0; 4096];
        while from_client.read(&mut waste).await.is_ok_and(|read| read > 0) {}
    };
    let flood = async {
        while to_client.write_all(&script.then).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        () = drain => {}
        () = flood => {}
    }
    Some(())
}

/// What the client said of its connections, and how many there were.
struct Story {
    causes: Vec<DisconnectCause>,
    sessions: usize,
    connections: usize,
}

fn suffer(script: Script) -> Story {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let mut story = None;
    let used = measure(|| {
        story = Some(runtime.block_on(async {
            let server = Arc::new(DevServer::builder().start().await.unwrap());
            let hostile = Arc::new(Hostile { server, script, connections: AtomicUsize::new(0) });
            let builder = Client::builder("alice").server("hostile:1").random_seed(7);
            let mut player = Player::start(builder.connector(Arc::clone(&hostile) as Arc<_>));
            player.client.connection().connect().await.unwrap();
            player.client.messages().send_text(&ChannelId::person("bob"), "hello?").await.unwrap();
            let (mut causes, mut sessions) = (Vec::new(), 0);
            let listen = async {
                while let Ok(event) = player.events.next().await {
                    match event {
                        Event::Connection(ConnectionState::Waiting { cause, .. }) => causes.push(cause),
                        Event::Connection(ConnectionState::Online { .. }) => sessions += 1,
                        _ => {}
                    }
                }
            };
            tokio::time::timeout(LONG, listen).await.expect_err("the client goes on");
            player.client.shutdown().await.unwrap();
            Story { causes, sessions, connections: hostile.connections.load(Ordering::Relaxed) }
        }));
    });
    assert!(used.bytes_max < MEMORY, "{} bytes were in use", used.bytes_max);
    story.unwrap()
}

/// At most this many connections in [`LONG`]: the pauses double up to half a minute, with jitter.
const PATIENT: usize = 40;

#[track_caller]
fn never_lets_in(name: &str, first: &[u8], then: &[u8]) {
    let story = suffer(Script { login: false, first: first.to_vec(), then: then.to_vec() });
    assert_eq!(story.sessions, 0, "{name}");
    assert!((2..PATIENT).contains(&story.connections), "{name}: {} connections", story.connections);
    assert!(story.causes.len() + 1 >= story.connections, "{name}: every end is told");
}

#[test]
fn a_handshake_that_is_no_handshake_is_given_up() {
    never_lets_in("silence", b"", b"");
    never_lets_in("a length that lies", &[0x20, 0x80, 0x80, 0x40, 1, 2, 3], b"");
    never_lets_in("an endless CONNACK", &[0x20, 0x80, 0x80, 0x40], &[0; 1000]);
    never_lets_in("a length over the limit", &[0x20, 0xff, 0xff, 0xff, 0x7f], &[0; 1000]);
    never_lets_in("a CONNACK of nothing", &[0x20, 0], b"");
    never_lets_in("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"");
}

#[test]
fn types_that_do_not_exist_are_given_up() {
    for value in [0_u8, 13, 14, 15] {
        never_lets_in("an unknown type", &[value << 4, 1, 1], b"");
    }
}

#[test]
fn packets_without_end_before_the_connack_are_given_up() {
    never_lets_in("a packet in every byte", b"", &[0x80; 1000]);
    never_lets_in("tiny RECVs", b"", &[0x50, 0].repeat(500));
}

#[track_caller]
fn bears(name: &str, then: &[u8]) -> Story {
    let story = suffer(Script { login: true, first: Vec::new(), then: then.to_vec() });
    assert!(story.sessions >= 1, "{name}");
    assert!(story.connections < PATIENT, "{name}: {} connections", story.connections);
    story
}

#[test]
fn nonsense_within_a_session_is_borne_or_ends_it() {
    bears("PONGs nobody asked for", &[0x80; 200]);
    bears("RECVs of nothing", &[0x50, 0].repeat(100));
    bears("SENDACKs of nothing", &[0x40, 0].repeat(100));
    bears("SENDACKs of other messages", &[&[0x40, 17][..], &[9; 17]].concat().repeat(50));
    bears("EVENTs", &[0xc0, 0].repeat(100));
    bears(
        "packets that only clients send",
        &[&[0x70][..], &[0x30, 2, 0, 0], &[0x10, 1, 0]].concat().repeat(50),
    );
    let story = bears("a type that does not exist", &[0xf0, 1, 1]);
    assert!(story.causes.iter().any(
        |cause| matches!(cause, DisconnectCause::Lost { reason } if reason.contains("broke the protocol"))
    ));
}
