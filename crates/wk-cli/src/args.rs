//! The command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use wkim::ChannelId;

/// A WuKongIM client and development server.
///
/// Start with `wkim demo`, which needs nothing and shows everything. WKIM_LOG=debug writes a log to stderr.
#[derive(Debug, Parser)]
#[command(name = "wkim", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what the SDK does, against a server of its own on the loopback interface
    Demo(DemoArgs),
    /// Chat line by line with a user or a group
    Chat(ChatArgs),
    /// Print the history of a channel from its start
    History(HistoryArgs),
    /// Run a WuKongIM-compatible development server
    Devserver(DevserverArgs),
    /// Let many clients lose their connections all the time, and count what is lost, doubled or leaked
    Soak(SoakArgs),
}

/// Ten conversations of 100,000 messages are opened on demand, two users chat, and one of them is dropped and comes
/// back. Every step checks itself: the exit code is 0 only if all of them hold.
#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Print the figures as one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// How many conversations alice has, 1 to 1,000
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) conversations: u32,
    /// How many messages each of them has, 40 to 10,000,000
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(40..=10_000_000))]
    pub(crate) messages: u64,
}

/// How to reach a server and who to be there.
#[derive(Debug, ClapArgs)]
pub(crate) struct AccountArgs {
    /// The server's TCP address; without any address the API is asked for one
    #[arg(long, value_name = "HOST:PORT", group = "address")]
    pub(crate) tcp: Option<String>,
    /// The server's address with TLS
    #[arg(long, value_name = "HOST:PORT", group = "address")]
    pub(crate) tls: Option<String>,
    /// The server's WebSocket address, such as ws://127.0.0.1:5200 or wss://im.example.com/im
    #[arg(long, value_name = "URL", group = "address")]
    pub(crate) ws: Option<String>,
    /// Trust the root certificates in this PEM file instead of the system's, with --tls and wss
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_root: Option<PathBuf>,
    /// The base URL of the server's HTTP API, for history and conversations, such as http://127.0.0.1:5001
    #[arg(long, value_name = "URL")]
    pub(crate) api: Option<String>,
    /// The generation of the server behind the API; without it, found out by what the API has
    #[arg(long, value_enum, requires = "api")]
    pub(crate) generation: Option<Generation>,
    /// The user to be
    #[arg(long, short, value_name = "UID")]
    pub(crate) uid: String,
    /// The user's token; servers without token check take any
    #[arg(long, short, value_name = "TOKEN", default_value = "", env = "WKIM_TOKEN", hide_env_values = true)]
    pub(crate) token: String,
    /// Keep messages in this SQLite file, to go on from there next time; without it nothing is kept
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// First register the token over the API, as an application's backend would (for test servers)
    #[arg(long, requires = "api")]
    pub(crate) register: bool,
}

/// A generation of WuKongIM servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// WuKongIM 2
    V2,
    /// WuKongIM 3
    V3,
}

/// Whom to talk to.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct ChannelArgs {
    /// The user to talk to
    #[arg(long, short, value_name = "UID")]
    peer: Option<String>,
    /// The group to talk in
    #[arg(long, short, value_name = "ID")]
    group: Option<String>,
}

impl ChannelArgs {
    pub(crate) fn channel(&self) -> ChannelId {
        match (&self.peer, &self.group) {
            (Some(peer), _) => ChannelId::person(peer.as_str()),
            (None, group) => ChannelId::group(group.as_deref().unwrap_or_default()),
        }
    }
}

/// Lines you type are sent. Lines that begin with a slash are commands; /help lists them. At the end of the input the
/// command waits until what was typed is sent.
#[derive(Debug, ClapArgs)]
pub(crate) struct ChatArgs {
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    #[command(flatten)]
    pub(crate) channel: ChannelArgs,
    /// How many of the newest messages to show at the start
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) last: u32,
}

/// One line per message: its seq, its sender and its text.
#[derive(Debug, ClapArgs)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    #[command(flatten)]
    pub(crate) channel: ChannelArgs,
    /// Print one JSON object per message instead
    #[arg(long)]
    pub(crate) json: bool,
    /// How many messages to ask for at a time
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) page: u32,
}

/// It behaves as a real WuKongIM server does, keeps everything in memory and ends with Ctrl-C.
#[derive(Debug, ClapArgs)]
pub(crate) struct DevserverArgs {
    /// Where to listen for clients; port 0 chooses a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5100")]
    pub(crate) tcp: String,
    /// Where to listen for WebSocket clients; port 0 chooses a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5200")]
    pub(crate) ws: String,
    /// Where to listen for clients with TLS too, such as 127.0.0.1:5110; needs --tls-root
    #[arg(long, value_name = "ADDRESS", requires = "tls_root")]
    pub(crate) tls: Option<String>,
    /// Where to listen for WebSocket clients with TLS too, such as 127.0.0.1:5210; needs --tls-root
    #[arg(long, value_name = "ADDRESS", requires = "tls_root")]
    pub(crate) wss: Option<String>,
    /// Write the certificate, new at each start, into this PEM file, for clients to trust
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_root: Option<PathBuf>,
    /// Take bursts of WebSocket messages, which the real server loses
    #[arg(long)]
    pub(crate) no_burst_loss: bool,
    /// Answer the first message of a channel at once, for which the real v3 server takes half a second
    #[arg(long)]
    pub(crate) no_slow_first_send: bool,
    /// The generation to behave as
    #[arg(long, value_enum, default_value_t = Generation::V2)]
    pub(crate) generation: Generation,
    /// Where to serve the HTTP API; port 0 chooses a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5001")]
    pub(crate) http: String,
    /// Refuse users whose token was not registered over the API
    #[arg(long)]
    pub(crate) token_auth: bool,
    /// Give a pair of users, or the members of a group, a history: alice,bob=100000 or team:alice,bob,carol=500
    #[arg(long = "seed", value_name = "CHANNEL=COUNT")]
    pub(crate) seeds: Vec<String>,
    /// Keep channels, messages and users in this file: read at the start if it is there, written when Ctrl-C ends the
    /// server
    #[arg(long, value_name = "FILE", conflicts_with = "seeds")]
    pub(crate) state: Option<PathBuf>,
}

/// Each client sends to the next one, over a development server in a process of its own, while connections are cut. At
/// the end everything must have arrived, once: only then is the exit code 0.
///
/// Resident memory and open descriptors of both processes are shown for the start, after a minute, in the middle and at the
/// end. Both keep every message, the clients once as sent and once as received, so both grow with the messages: how much for
/// each, in a soak of more than a minute, is shown too. What grows with the cuts beside that would be a leak.
#[derive(Debug, ClapArgs)]
pub(crate) struct SoakArgs {
    /// How many clients, 2 to 10,000; each needs a file descriptor here and one in the server
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub(crate) clients: u32,
    /// How many minutes the connections are cut for
    #[arg(long, default_value_t = 5.0)]
    pub(crate) minutes: f64,
    /// How many messages are sent each second, by all clients together, 1 to 10,000
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,
    /// How many per cent of the connections are cut each second
    #[arg(long, default_value_t = 2.0, value_name = "PERCENT")]
    pub(crate) cut: f64,
    /// Connect by WebSocket instead of TCP
    #[arg(long)]
    pub(crate) ws: bool,
}
