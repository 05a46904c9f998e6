//! The client on the wire: what it costs beside a bare socket and a bare store, all on this machine.
//!
//! Each figure is measured beside the one it is compared with, in the same run: machines differ, ratios do not.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wk_devserver::DevServer;
use wk_sqlite::SqliteStore;
use wk_store::Store;
use wk_testing::{MessageFactory, bob};
use wkim::{ChannelId, Client, Event, Events, MessageStatus, PageQuery, Uid};

const TEXT: &str = "the usual length of a message, which is some sixty letters long";
const ROUND_TRIPS: usize = 2_000;
const SUSTAINED: usize = 100_000;
const CHANNELS: usize = 64;
const RECEIVED: usize = 50_000;
/// How many messages share a transaction in the bare store; what the client takes at once at most.
const BATCH: u64 = 512;

fn main() {
    // `cargo test` runs benchmarks too, and wants to know only whether they start.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let server = ServerThread::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        latency(&server).await;
        sustained(&server).await;
        receive(&server).await;
    });
}

/// The other side, on a thread of its own: a development server and a socket that sends everything back.
struct ServerThread {
    server: DevServer,
    echo: std::net::SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl ServerThread {
    fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (server, echo) = runtime.block_on(async {
            let server = DevServer::builder().start().await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let echo = listener.local_addr().unwrap();
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    stream.set_nodelay(true).unwrap();
                    let (mut reader, mut writer) = stream.split();
                    tokio::io::copy(&mut reader, &mut writer).await.ok();
                }
            });
            (server, echo)
        });
        Self { server, echo, _runtime: runtime }
    }

    async fn login(
        &self,
        uid: &str,
        builder: impl FnOnce(wkim::ClientBuilder) -> wkim::ClientBuilder,
    ) -> Client {
        let address = self.server.tcp_addr().to_string();
        let (client, runner) =
            builder(Client::builder(uid).server(address).api(self.server.api_url())).build().unwrap();
        runner.spawn();
        let mut events = client.events();
        client.connection().connect().await.unwrap();
        while !matches!(events.next().await.unwrap(), Event::Synced { .. }) {}
        client
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn settled(events: &mut Events) -> wkim::Message {
    loop {
        match events.next().await.unwrap() {
            Event::Refreshed(message) if message.status == MessageStatus::Sent => return message,
            _ => {}
        }
    }
}

/// From `send` to its SENDACK, beside the same number of bytes through a bare socket.
async fn latency(thread: &ServerThread) {
    let client = thread.login("alice", |builder| builder).await;
    let mut events = client.events();
    let before = thread.server.stats();
    let mut times = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let start = Instant::now();
        client.messages().send_text(&ChannelId::person("bob"), TEXT).await.unwrap();
        settled(&mut events).await;
        times.push(start.elapsed());
    }
    let after = thread.server.stats();
    let bytes = (after.tcp_bytes_in - before.tcp_bytes_in) as usize / ROUND_TRIPS;
    let client = median(times);

    let mut stream = TcpStream::connect(thread.echo).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![7; bytes];
    let mut times = Vec::new();
    for _ in 0..ROUND_TRIPS {
        let start = Instant::now();
        stream.write_all(&buffer).await.unwrap();
        stream.read_exact(&mut buffer).await.unwrap();
        times.push(start.elapsed());
    }
    let echo = median(times);
    println!(
        "send to SENDACK, p50      {client:>9.1?}   bare echo of {bytes} bytes {echo:>9.1?}   ratio {:.2}",
        client.as_secs_f64() / echo.as_secs_f64()
    );
}

/// Sends to many channels at once. Channels have one in flight each; together they fill the window.
async fn sustained(thread: &ServerThread) {
    let client = thread.login("carol", |builder| builder).await;
    let mut events = client.events();
    let channels: Vec<_> =
        (0..CHANNELS).map(|number| ChannelId::person(format!("friend-{number}"))).collect();
    let (processor, start) = (processor_time(), Instant::now());
    for number in 0..SUSTAINED {
        client.messages().send_text(&channels[number % CHANNELS], TEXT).await.unwrap();
    }
    // Each channel is sent in order: when its last message has its answer, all have.
    for channel in &channels {
        loop {
            let query = PageQuery::newest(channel.clone()).limit(1);
            let page = client.messages().history(query).await.unwrap();
            if page.messages.last().is_some_and(|last| last.status == MessageStatus::Sent) {
                break;
            }
            // Some may have been dropped: the page tells.
            events.next().await.ok();
        }
    }
    let took = start.elapsed();
    let processor = processor_time() - processor;
    println!(
        "sustained send            {:>9.0}/s   {:.0} per second of the client's processor",
        SUSTAINED as f64 / took.as_secs_f64(),
        SUSTAINED as f64 / processor.as_secs_f64(),
    );
}

/// Received into a durable file, beside the same messages put into such a file without a client.
async fn receive(thread: &ServerThread) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path().join("bare.db")).unwrap();
    let factory = MessageFactory::new(ChannelId::person("bob"), bob());
    let messages: Vec<_> = (1..=RECEIVED as u64).map(|seq| factory.server(seq)).collect();
    let start = Instant::now();
    for chunk in messages.chunks(usize::try_from(BATCH).unwrap()) {
        let mut tx = store.begin().unwrap();
        for message in chunk {
            tx.insert_message(message).unwrap();
        }
        tx.commit().unwrap();
    }
    let bare = RECEIVED as f64 / start.elapsed().as_secs_f64();

    let file = folder.path().join("dave.db");
    let client = thread.login("dave", |builder| builder.sqlite(file)).await;
    let payload = messages[0].payload.clone();
    let (dave, erin) = (ChannelId::person("dave"), Uid::from("erin"));
    let mut events = client.events();
    let start = Instant::now();
    for number in 0..RECEIVED {
        thread.server.send(&erin, &dave, &number.to_string(), payload.clone());
    }
    let mut received = 0;
    while received < RECEIVED {
        // Told after they are stored.
        if let Event::Messages { messages, .. } = events.next().await.unwrap() {
            received += messages.len();
        }
    }
    let client = RECEIVED as f64 / start.elapsed().as_secs_f64();
    println!(
        "receive, durable          {client:>9.0}/s  bare inserts of {BATCH} in a transaction {bare:.0}/s   {:.0} %",
        100.0 * client / bare
    );
}

/// What this thread, which is the client's, has used of a processor so far, as Linux tells it; nothing elsewhere.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    // User and system time, in hundredths of a second.
    Duration::from_millis(10 * fields.get(11..13).map_or(0, |times| times.iter().sum()))
}
