//! The client on the wire: what it costs beside a bare socket and a bare store, all on this machine.
//!
//! Each figure is measured beside the one it is compared with, in the same run: machines differ, ratios do not.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::path::{Path, PathBuf};
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
/// How often receiving is measured.
const ROUNDS: usize = 7;
/// How many messages share a transaction in the bare store; what the client takes at once at most.
const BATCH: u64 = 512;

fn main() {
    // `cargo test` runs benchmarks too, and wants to know only whether they start.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let server = ServerThread::start();
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|part| name.contains(part.as_str()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if wanted("latency") {
            latency(&server).await;
        }
        if wanted("sustained") {
            sustained(&server).await;
        }
        if wanted("receive") {
            receive(&server).await;
        }
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
    let (processor, start) = (processor_time(OWN_THREAD), Instant::now());
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
    let processor = processor_time(OWN_THREAD) - processor;
    println!(
        "sustained send            {:>9.0}/s   {:.0} per second of the client's processor",
        SUSTAINED as f64 / took.as_secs_f64(),
        SUSTAINED as f64 / processor.as_secs_f64(),
    );
}

/// Received into a durable file, beside the same number of messages put into such a file without a client: in turns, because
/// others use the machine too.
async fn receive(thread: &ServerThread) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: String| folder.path().join(name);
    let (mut clock, mut processor) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let bare = inserted(&file(format!("bare-{round}.db")));
        let client = received(thread, &format!("dave-{round}"), file(format!("dave-{round}.db"))).await;
        clock.push((client.0, bare.0));
        processor.push((client.1, bare.1));
    }
    for (name, mut rounds) in [("receive, durable", clock), ("  by the processor", processor)] {
        // The round in the middle stands for all.
        rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let percent = |(client, bare): (f64, f64)| 100.0 * client / bare;
        let (client, bare) = rounds[ROUNDS / 2];
        println!(
            "{name:<25} {client:>9.0}/s  bare inserts of {BATCH} in a transaction {bare:.0}/s   {:.0} % \
             ({ROUNDS} rounds, {:.0} to {:.0} %)",
            percent((client, bare)),
            percent(rounds[0]),
            percent(rounds[ROUNDS - 1]),
        );
    }
}

/// How many messages a second go into a file: by the clock, and by the processor's time of the thread that writes.
type Rates = (f64, f64);

fn rates(start: (Instant, Duration), processor: Duration) -> Rates {
    let (took, used) = (start.0.elapsed(), processor - start.1);
    (RECEIVED as f64 / took.as_secs_f64(), RECEIVED as f64 / used.as_secs_f64())
}

fn inserted(file: &Path) -> Rates {
    let mut store = SqliteStore::open(file).unwrap();
    let messages = messages();
    let start = (Instant::now(), processor_time(OWN_THREAD));
    for chunk in messages.chunks(usize::try_from(BATCH).unwrap()) {
        let mut tx = store.begin().unwrap();
        for message in chunk {
            tx.insert_message(message).unwrap();
        }
        tx.commit().unwrap();
    }
    rates(start, processor_time(OWN_THREAD))
}

async fn received(thread: &ServerThread, uid: &str, file: PathBuf) -> Rates {
    let client = thread.login(uid, |builder| builder.sqlite(file)).await;
    let writer = client_thread();
    let payload = messages()[0].payload.clone();
    let (own, erin) = (ChannelId::person(uid), Uid::from("erin"));
    let mut events = client.events();
    let start = (Instant::now(), processor_time(&writer));
    for number in 0..RECEIVED {
        thread.server.send(&erin, &own, &number.to_string(), payload.clone());
    }
    let mut received = 0;
    while received < RECEIVED {
        // Told after they are stored.
        if let Event::Messages { messages, .. } = events.next().await.unwrap() {
            received += messages.len();
        }
    }
    rates(start, processor_time(&writer))
}

fn messages() -> Vec<wkim::Message> {
    let factory = MessageFactory::new(ChannelId::person("bob"), bob());
    (1..=RECEIVED as u64).map(|seq| factory.server(seq)).collect()
}

/// Where Linux tells of the thread that asks.
const OWN_THREAD: &str = "/proc/thread-self";

/// The same of the thread that the newest client on SQLite has for itself.
fn client_thread() -> String {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let tasks = tasks.filter_map(|task| task.file_name().to_str()?.parse::<u64>().ok());
    let path = |task| format!("/proc/self/task/{task}");
    let is_client = |task: &u64| std::fs::read(path(*task) + "/comm").is_ok_and(|name| name == b"wkim\n");
    tasks.filter(is_client).max().map(path).unwrap_or_default()
}

/// What a thread has used of a processor so far, as Linux tells it; nothing elsewhere.
fn processor_time(thread: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("{thread}/schedstat")).unwrap_or_default();
    let used = stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(used.unwrap_or_default())
}
