//! What thousands of clients in memory take in one process: built, and connected to a server in another process.
//!
//! `cargo bench --bench clients` starts 10,000 of them, which needs as many file descriptors here and in the server.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use allocation_counter::measure;
use tokio::runtime::{Builder, Runtime};
use wk_devserver::DevServer;
use wkim::{Client, DataSource, Event, HttpSource};

/// The most a client may take, in KiB.
const BAR: f64 = 100.0;
/// The argument that makes this program the server.
const SERVE: &str = "serve";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    if asked(SERVE) {
        serve();
        return;
    }
    let count = if asked("--bench") { 10_000 } else { 20 };
    let mut server = Server::start();
    // One thread, whose allocations are counted.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let source: Arc<dyn DataSource> = Arc::new(HttpSource::builder(&server.api).unwrap().build().unwrap());
    let start = |names, connect| clients(&runtime, &server.tcp, &source, names, connect);
    // What all share is made by the first.
    let mut kept = start(0..5, true);
    for (what, connect, base) in
        [("built and idle", false, 1_000_000), ("connected and idle", true, 2_000_000)]
    {
        let resident = resident();
        let allocated = measure(|| kept.extend(start(base..base + count, connect))).bytes_current;
        let resident = self::resident() - resident;
        let each = |kib: f64| kib / f64::from(count);
        let (allocated, resident) = (each(allocated as f64 / 1024.0), each(resident));
        let verdict = if resident <= BAR { "ok" } else { "MISSED" };
        println!(
            "{count} clients, {what:<20} {allocated:>6.1} KiB allocated, {resident:>6.1} KiB resident each   <= {BAR} KiB {verdict}"
        );
    }
    server.process.kill().ok();
    server.process.wait().ok();
}

fn clients(
    runtime: &Runtime,
    address: &str,
    source: &Arc<dyn DataSource>,
    names: std::ops::Range<u32>,
    connect: bool,
) -> Vec<Client> {
    runtime.block_on(async {
        let mut clients = Vec::new();
        for number in names {
            let builder =
                Client::builder(format!("bot-{number}")).server(address).data_source(Arc::clone(source));
            let (client, runner) = builder.build().unwrap();
            runner.spawn();
            if connect {
                let mut events = client.events();
                client.connection().connect().await.unwrap();
                while !matches!(events.next().await.unwrap(), Event::Synced { .. }) {}
            }
            clients.push(client);
        }
        clients
    })
}

/// The server, in a process of its own.
struct Server {
    process: Child,
    tcp: String,
    api: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let (tcp, api) = (lines.next().unwrap(), lines.next().unwrap());
        Self { process, tcp, api }
    }
}

/// Serves until the standard input ends.
fn serve() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(DevServer::builder().start()).unwrap();
    println!("{}\n{}", server.tcp_addr(), server.api_url());
    std::io::stdout().flush().unwrap();
    std::io::stdin().lines().for_each(drop);
}

/// What this process has in memory, in KiB, as Linux tells it; nothing elsewhere.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
