//! Clients in a simulated network: partitions, half-open connections, a storm of reconnects, a slow reader, a restart.
//!
//! The network's seed and epoch are fixed and printed, and the clients' random numbers follow from the seed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, UNIX_EPOCH};

use common::direct::Direct;
use common::{Player, text_of, texts};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};
use wk_devserver::DevServer;
use wkim::net::{Connector, Endpoint, Opening, Stream};
use wkim::{ChannelId, Client, ClientBuilder, ConnectionState, Event, Message, PageQuery, Uid};

const PORT: u16 = 5100;
const SERVER: &str = "server";

/// The server, once its host has started it.
type Shared = Rc<RefCell<Option<Arc<DevServer>>>>;

/// A network with a server in it. A failure names the seed, and the same seed fails again.
fn network(duration: Duration) -> (turmoil::Sim<'static>, Shared, u64) {
    let seed: u64 = std::env::var("WKIM_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_126);
    let epoch = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    println!("WKIM_SEED={seed} epoch={epoch:?}");
    let mut sim = turmoil::Builder::new()
        .rng_seed(seed)
        .epoch(epoch)
        .simulation_duration(duration)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(40))
        .tcp_capacity(1 << 16)
        .enable_tokio_io()
        .build();
    let shared = Shared::default();
    let place = Rc::clone(&shared);
    sim.host(SERVER, move || {
        let place = Rc::clone(&place);
        async move {
            let server = DevServer::builder().random_seed(seed).start().await?;
            let server = Arc::clone(place.borrow_mut().insert(Arc::new(server)));
            let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
            loop {
                server.attach(listener.accept().await?.0);
            }
        }
    });
    (sim, shared, seed)
}

async fn server(shared: &Shared) -> Arc<DevServer> {
    loop {
        if let Some(server) = &*shared.borrow() {
            return Arc::clone(server);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Opens simulated connections, which deliver at most so many bytes in a read and wait after each.
struct Simulated(Option<(usize, Duration)>);

impl Connector for Simulated {
    fn connect(&self, endpoint: &Endpoint) -> Opening {
        let (target, slow) = ((endpoint.host().to_owned(), endpoint.port()), self.0);
        Box::pin(async move {
            let stream = TcpStream::connect(target).await?;
            Ok(match slow {
                None => Box::new(stream) as Box<dyn Stream>,
                Some((bytes, pause)) => Box::new(Slow { stream, bytes, pause, wait: None }),
            })
        })
    }
}

struct Slow {
    stream: TcpStream,
    bytes: usize,
    pause: Duration,
    wait: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl AsyncRead for Slow {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(wait) = &mut this.wait {
            ready!(wait.as_mut().poll(cx));
        }
        this.wait = None;
        let room = buffer.remaining().min(this.bytes);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut this.stream).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        this.wait = Some(Box::pin(tokio::time::sleep(this.pause)));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Slow {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A client that knows one channel.
fn client(server: &Arc<DevServer>, uid: &str, peer: &str, seed: u64) -> ClientBuilder {
    let source = Direct { server: Arc::clone(server), channels: vec![ChannelId::person(peer)] };
    let own = uid.bytes().fold(seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Client::builder(uid)
        .server(format!("{SERVER}:{PORT}"))
        .connector(Arc::new(Simulated(None)))
        .data_source(Arc::new(source))
        .random_seed(own)
}

/// Waits until so many messages of others were told; each only once.
async fn receive(player: &mut Player, count: usize) -> Vec<String> {
    let mut told: Vec<Message> = Vec::new();
    while told.len() < count {
        let more = player
            .events
            .next()
            .await
            .map(|event| match event {
                Event::Messages { messages, .. } => messages,
                _ => Vec::new(),
            })
            .unwrap();
        told.extend(more);
    }
    assert_eq!(told.len(), count);
    let ids: BTreeSet<_> = told.iter().map(|message| message.message_id).collect();
    assert_eq!(ids.len(), count, "a message was told twice");
    told.sort_by_key(Message::message_seq);
    told.iter().map(text_of).collect()
}

/// Alice and bob, each of whom sends ten messages while something is wrong between alice and the server. What that is
/// begins and ends with `wrong(true)` and `wrong(false)`, `lasting` apart.
fn ten_each_way(wrong: fn(&DevServer, bool), lasting: Duration) {
    let (mut sim, shared, seed) = network(Duration::from_secs(600));
    let alices = Rc::clone(&shared);
    sim.client("alice", async move {
        let server = server(&alices).await;
        let mut alice = Player::login(client(&server, "alice", "bob", seed)).await;
        alice.synced().await;
        wrong(&server, true);
        for number in 0..10 {
            let text = format!("alice {number}");
            alice.client.messages().send_text(&ChannelId::person("bob"), &text).await?;
        }
        tokio::time::sleep(lasting).await;
        wrong(&server, false);
        let expected: Vec<_> = (0..10).map(|number| format!("bob {number}")).collect();
        assert_eq!(receive(&mut alice, 10).await, expected);
        while !all_sent(&alice).await {
            alice.events.next().await?;
        }
        check(&server, &alice).await;
        Ok(())
    });
    sim.client("bob", async move {
        let server = server(&shared).await;
        let mut bob = Player::login(client(&server, "bob", "alice", seed)).await;
        for number in 0..10 {
            let text = format!("bob {number}");
            bob.client.messages().send_text(&ChannelId::person("alice"), &text).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let expected: Vec<_> = (0..10).map(|number| format!("alice {number}")).collect();
        assert_eq!(receive(&mut bob, 10).await, expected);
        Ok(())
    });
    sim.run().unwrap();
}

async fn page(player: &Player) -> Vec<String> {
    let query = PageQuery::newest(ChannelId::person("bob")).limit(100);
    texts(&player.client.messages().history(query).await.unwrap())
}

async fn all_sent(player: &Player) -> bool {
    let query = PageQuery::newest(ChannelId::person("bob")).limit(100);
    let page = player.client.messages().history(query).await.unwrap();
    page.messages.iter().all(|message| message.status == wkim::MessageStatus::Sent)
}

/// What alice has is what the server has, and each side's messages are there once and in order. A SEND that the network
/// delivers after it was given up and repeated is stored twice, as v2 does it (docs/servers.md T14): both copies carry
/// one number, and are one message.
async fn check(server: &DevServer, alice: &Player) {
    let mut log = server.messages(&ChannelId::person("bob"), &Uid::from("alice"));
    let mut numbers = BTreeSet::new();
    log.retain(|message| numbers.insert(message.client_msg_no.clone()));
    let logged: Vec<_> = log.iter().map(|message| common::text_in(&message.payload)).collect();
    assert_eq!(page(alice).await, logged);
    for whose in ["alice", "bob"] {
        let expected: Vec<_> = (0..10).map(|number| format!("{whose} {number}")).collect();
        let of_one: Vec<_> = logged.iter().filter(|text| text.starts_with(whose)).cloned().collect();
        assert_eq!(of_one, expected, "{logged:?}");
    }
}

#[test]
fn a_partition_of_two_minutes_costs_nothing() {
    fn partition(_: &DevServer, begins: bool) {
        if begins { turmoil::partition("alice", SERVER) } else { turmoil::repair("alice", SERVER) }
    }
    ten_each_way(partition, Duration::from_secs(120));
}

#[test]
fn a_short_partition_costs_nothing() {
    fn partition(_: &DevServer, begins: bool) {
        if begins { turmoil::partition("alice", SERVER) } else { turmoil::repair("alice", SERVER) }
    }
    ten_each_way(partition, Duration::from_secs(5));
}

#[test]
fn a_connection_whose_packets_are_held_is_given_up_and_costs_nothing() {
    fn hold(_: &DevServer, begins: bool) {
        if begins { turmoil::hold("alice", SERVER) } else { turmoil::release("alice", SERVER) }
    }
    ten_each_way(hold, Duration::from_secs(60));
}

#[test]
fn a_connection_that_the_server_has_forgotten_is_given_up_and_costs_nothing() {
    fn silence(server: &DevServer, begins: bool) {
        if begins {
            server.silence_sessions(&Uid::from("alice"));
        }
    }
    ten_each_way(silence, Duration::from_secs(1));
}

#[test]
fn a_server_that_is_away_for_half_a_minute_costs_nothing() {
    fn restart(server: &DevServer, begins: bool) {
        server.faults().refuse_connections(begins);
        if begins {
            server.drop_all_sessions();
        }
    }
    ten_each_way(restart, Duration::from_secs(30));
}

#[test]
fn a_thousand_clients_come_back_without_trampling_the_server() {
    const CLIENTS: usize = 1_000;
    let (mut sim, shared, seed) = network(Duration::from_secs(300));
    sim.client("clients", async move {
        let server = server(&shared).await;
        let (online, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let builder = client(&server, &format!("user-{number}"), "nobody", seed);
            let Player { client, mut events, runner } = Player::start(builder);
            client.connection().connect().await?;
            let online = online.clone();
            tokio::spawn(async move {
                while let Ok(event) = events.next().await {
                    if let Event::Connection(ConnectionState::Online { .. }) = event {
                        online.send(number).ok();
                    }
                }
            });
            clients.push((client, runner));
        }
        for _ in 0..CLIENTS {
            seen.recv().await;
        }
        assert_eq!(server.stats().connections, CLIENTS as u64);

        // Everybody is thrown out, and for ten seconds nobody gets in.
        server.faults().refuse_connections(true);
        server.drop_all_sessions();
        tokio::time::sleep(Duration::from_secs(10)).await;
        let accepted = server.stats().connections_accepted;
        server.faults().refuse_connections(false);
        let (mut back, mut per_second, mut seconds) = (BTreeSet::new(), Vec::new(), 0);
        while back.len() < CLIENTS {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let before = back.len();
            while let Ok(number) = seen.try_recv() {
                back.insert(number);
            }
            per_second.push(back.len() - before);
            seconds += 1;
            assert!(seconds < 60, "after a minute {} of {CLIENTS} are back", back.len());
        }
        println!("back per second: {per_second:?}");
        let peak = per_second.iter().max().unwrap();
        assert!(*peak < CLIENTS / 2, "{peak} came in one second: {per_second:?}");
        // Nobody had to try twice once the server was there.
        let tries = server.stats().connections_accepted - accepted;
        assert!(tries < 2 * CLIENTS as u64, "{tries} connections for {CLIENTS} clients");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_slow_reader_gets_everything_and_holds_nobody_up() {
    const MESSAGES: usize = 300;
    let (mut sim, shared, seed) = network(Duration::from_secs(900));
    let others = Rc::clone(&shared);
    sim.client("bob", async move {
        let server = server(&shared).await;
        // 10 kB a second.
        let slow = Simulated(Some((1_000, Duration::from_millis(100))));
        let builder = client(&server, "bob", "alice", seed).connector(Arc::new(slow));
        let mut bob = Player::login(builder).await;
        bob.synced().await;
        let received = receive(&mut bob, MESSAGES).await;
        let numbers: Vec<_> = received.iter().map(|text| text.trim_start_matches('x').to_owned()).collect();
        assert_eq!(numbers, (0..MESSAGES).map(|number| number.to_string()).collect::<Vec<_>>());
        Ok(())
    });
    sim.client("alice", async move {
        let server = server(&others).await;
        let mut alice = Player::login(client(&server, "alice", "bob", seed)).await;
        // Bob is there when it begins.
        while server.session_count(&Uid::from("bob")) == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let start = turmoil::elapsed();
        let mut open = BTreeSet::new();
        for number in 0..MESSAGES {
            let text = format!("{}{number}", "x".repeat(1_000));
            let stored = alice.client.messages().send_text(&ChannelId::person("bob"), &text).await?;
            open.insert(stored.client_msg_no.clone());
        }
        while !open.is_empty() {
            if let Event::Refreshed(message) = alice.events.next().await? {
                open.remove(&message.client_msg_no);
            }
        }
        let took = turmoil::elapsed() - start;
        // One in flight, 80 ms at most each way and back: bob's pace is not alice's.
        assert!(took < Duration::from_secs(30), "{took:?}");
        Ok(())
    });
    sim.run().unwrap();
}
