//! The server that a test runs against, and users and groups that no other test has.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wk_devserver::{DevServer, Generation};
use wkim::http::TokenRequest;
use wkim::model::proto::DeviceLevel;
use wkim::net::{Connector, Endpoint, Opening, Stream};
use wkim::{ChannelId, Client, ClientBuilder, DeviceFlag, HttpSource, Uid};

use crate::common::{self, Over, Stage};

/// A running server.
pub(crate) struct Target {
    server: Server,
    over: Over,
    generation: Generation,
    /// Behind every id of this test.
    suffix: String,
}

enum Server {
    Dev(Stage),
    Real { address: String, api: String },
}

/// What a test runs against: each runs on both generations of the development server, or on the server that the
/// environment names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) over: Over,
    pub(crate) generation: Generation,
}

/// Makes a test for each transport and generation of each function that takes a [`Place`].
macro_rules! everywhere {
    ($($test:ident),+ $(,)?) => {
        everywhere!(@generation v2, V2, $($test),+);
        everywhere!(@generation v3, V3, $($test),+);
    };
    (@generation $module:ident, $generation:ident, $($test:ident),+) => {
        mod $module {
            crate::target::everywhere!(@transport tcp, Tcp, $generation, $($test),+);
            crate::target::everywhere!(@transport tls, Tls, $generation, $($test),+);
            crate::target::everywhere!(@transport ws, Ws, $generation, $($test),+);
        }
    };
    (@transport $module:ident, $over:ident, $generation:ident, $($test:ident),+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    let over = crate::common::Over::$over;
                    let generation = wk_devserver::Generation::$generation;
                    super::super::$test(crate::target::Place { over, generation }).await;
                }
            )+
        }
    };
}
pub(crate) use everywhere;

/// A number that the environment names.
pub(crate) fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// The generation of the real server under test, 2 unless `WKIM_E2E_GENERATION` says 3.
fn real_generation() -> Generation {
    let is_v3 = std::env::var("WKIM_E2E_GENERATION").is_ok_and(|value| value.ends_with('3'));
    if is_v3 { Generation::V3 } else { Generation::V2 }
}

impl Target {
    /// The server, or nothing if the environment names one that is not this.
    pub(crate) async fn start(Place { over, generation }: Place) -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let server = match variable("WKIM_E2E_API") {
            None => {
                let builder = DevServer::builder().token_auth(true).generation(generation);
                Server::Dev(common::serve_over(over, builder).await)
            }
            Some(_) if generation != real_generation() => {
                println!("skipped: the server under test is of generation {:?}", real_generation());
                return None;
            }
            Some(api) => {
                let address = match over {
                    Over::Tcp => variable("WKIM_E2E_TCP"),
                    Over::Ws => variable("WKIM_E2E_WS"),
                    // Real servers have none on this port; a proxy may.
                    Over::Tls => variable("WKIM_E2E_TLS"),
                };
                let Some(address) = address else {
                    println!("skipped: the server under test is not named for {over:?}");
                    return None;
                };
                Server::Real { address, api }
            }
        };
        static STARTED: OnceLock<u128> = OnceLock::new();
        static TARGETS: AtomicU32 = AtomicU32::new(0);
        #[allow(clippy::disallowed_methods, reason = "ids that no earlier run has used")]
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let suffix = format!("{}-{}", STARTED.get_or_init(now), TARGETS.fetch_add(1, Ordering::Relaxed));
        Some(Self { server, over, generation, suffix })
    }

    fn api(&self) -> String {
        match &self.server {
            Server::Dev(stage) => stage.api_url(),
            Server::Real { api, .. } => api.clone(),
        }
    }

    /// Where a bare client, which knows no TLS, can connect.
    pub(crate) fn bare_address(&self) -> Option<String> {
        match (&self.server, self.over) {
            (_, Over::Tls) => None,
            (Server::Dev(stage), Over::Tcp) => Some(stage.tcp_addr().to_string()),
            (Server::Dev(stage), Over::Ws) => Some(format!("ws://{}", stage.ws_addr().unwrap())),
            (Server::Real { address, .. }, _) => Some(address.clone()),
        }
    }

    /// This test's user of a name.
    pub(crate) fn uid(&self, name: &str) -> Uid {
        Uid::from(format!("{name}-{}", self.suffix))
    }

    /// The channel to this test's user of a name.
    pub(crate) fn person(&self, name: &str) -> ChannelId {
        ChannelId::person(self.uid(name).as_str())
    }

    /// A client of this test's user of a name, with a token that the server knows.
    pub(crate) async fn client(&self, name: &str) -> ClientBuilder {
        self.client_of(name, DeviceFlag::APP, DeviceLevel::SLAVE).await
    }

    /// The same on another kind of device.
    pub(crate) async fn client_of(&self, name: &str, flag: DeviceFlag, level: DeviceLevel) -> ClientBuilder {
        self.register(name, flag, level).await;
        let uid = self.uid(name);
        let token = common::token(uid.as_str());
        let builder = match &self.server {
            Server::Dev(stage) => common::client(stage, uid.as_str()),
            Server::Real { address, api } => {
                let address = match self.over {
                    Over::Tls if !address.contains("://") => format!("tls://{address}"),
                    _ => address.clone(),
                };
                Client::builder(uid).server(address).api(api)
            }
        };
        builder.token(token).device_flag(flag).api_commands()
    }

    /// Waits until v3 knows the members of channels in which somebody has just written for the first time. It does not say
    /// when it does (docs/servers.md T65).
    pub(crate) async fn let_channels_begin(&self) {
        if self.generation == Generation::V3 {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    /// Tells the server a user's token.
    pub(crate) async fn register(&self, name: &str, device_flag: DeviceFlag, device_level: DeviceLevel) {
        let uid = self.uid(name);
        let token = common::token(uid.as_str());
        let api = HttpSource::builder(&self.api()).unwrap().build().unwrap();
        api.register_token(&TokenRequest { uid, token, device_flag, device_level }).await.unwrap();
    }

    /// Makes a group of this test.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> ChannelId {
        let id = format!("{name}-{}", self.suffix);
        let members: Vec<_> = members.iter().map(|name| format!("{:?}", self.uid(name).as_str())).collect();
        let members = members.join(",");
        let body = format!(r#"{{"channel_id":{id:?},"channel_type":2,"subscribers":[{members}]}}"#);
        let status = post(&self.api(), "/channel", &body).await;
        assert!(status.contains(" 200 "), "the group was not made: {status}");
        ChannelId::group(id)
    }
}

impl Target {
    /// Lets a user pull the commands of a channel, as an application's backend does on v3. v2 gives them to all members.
    pub(crate) async fn bind_commands(&self, name: &str, channel: &ChannelId) {
        if self.generation == Generation::V3 {
            let (uid, id) = (self.uid(name), channel.id());
            let body = format!(r#"{{"uid":{:?},"channel_id":{id:?},"channel_type":2}}"#, uid.as_str());
            let status = post(&self.api(), "/message/cmd/bind", &body).await;
            assert!(status.contains(" 200 "), "the commands were not bound: {status}");
        }
    }

    /// Sends a command to a group over HTTP; the payload is in base64.
    pub(crate) async fn command(&self, from: &str, channel: &ChannelId, payload: &str) {
        let (from, id) = (self.uid(from), channel.id());
        let body = format!(
            r#"{{"from_uid":{:?},"channel_id":{id:?},"channel_type":2,"header":{{"sync_once":1}},"payload":{payload:?}}}"#,
            from.as_str()
        );
        let status = post(&self.api(), "/message/send", &body).await;
        assert!(status.contains(" 200 "), "the command was not sent: {status}");
    }
}

impl Target {
    /// Sends a message to a group whose text is written afterwards; the payload is in base64. v2 wants to be told by
    /// `is_stream`, v3 by `setting`.
    pub(crate) async fn begin_stream(&self, from: &str, channel: &ChannelId, number: &str, payload: &str) {
        let (from, id) = (self.uid(from), channel.id());
        let body = format!(
            r#"{{"from_uid":{:?},"channel_id":{id:?},"channel_type":2,"is_stream":1,"setting":2,"client_msg_no":{number:?},"payload":{payload:?}}}"#,
            from.as_str()
        );
        let status = post(&self.api(), "/message/send", &body).await;
        assert!(status.contains(" 200 "), "the stream did not begin: {status}");
    }

    /// Writes a piece of it: the piece's id, its kind and its JSON.
    pub(crate) async fn write_stream(
        &self,
        from: &str,
        channel: &ChannelId,
        number: &str,
        (event_id, kind, payload): (&str, &str, &str),
    ) {
        let (from, id) = (self.uid(from), channel.id());
        let body = format!(
            r#"{{"from_uid":{:?},"channel_id":{id:?},"channel_type":2,"client_msg_no":{number:?},"event_id":{event_id:?},"event_type":"stream.{kind}","payload":{payload}}}"#,
            from.as_str()
        );
        let status = post(&self.api(), "/message/event", &body).await;
        assert!(status.contains(" 200 "), "the stream did not go on: {status}");
    }
}

/// The first line of the answer, which has the status, and the last, which says why.
async fn post(api: &str, path: &str, body: &str) -> String {
    let host = api.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    format!("{} {}", answer.lines().next().unwrap_or_default(), answer.lines().last().unwrap_or_default())
}

/// Opens TCP connections that a test can cut, whatever server is behind them.
#[derive(Default)]
pub(crate) struct Scissors {
    open: Mutex<Vec<tokio::task::AbortHandle>>,
    connections: AtomicU32,
}

impl Scissors {
    /// Cuts every connection that is open.
    pub(crate) fn cut(&self) {
        self.open.lock().unwrap().drain(..).for_each(|relay| relay.abort());
    }

    /// How many connections there have been.
    pub(crate) fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// [`Scissors`] as a connector.
pub(crate) struct Cuttable(pub(crate) Arc<Scissors>);

impl Connector for Cuttable {
    fn connect(&self, endpoint: &Endpoint) -> Opening {
        let (scissors, target) = (Arc::clone(&self.0), (endpoint.host().to_owned(), endpoint.port()));
        Box::pin(async move {
            let mut stream = TcpStream::connect(target).await?;
            stream.set_nodelay(true)?;
            let (near, mut far) = tokio::io::duplex(64 << 10);
            // Aborting the relay drops both of its ends.
            let relay = tokio::spawn(async move {
                tokio::io::copy_bidirectional(&mut far, &mut stream).await.ok();
            });
            scissors.open.lock().unwrap().push(relay.abort_handle());
            scissors.connections.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(near) as Box<dyn Stream>)
        })
    }
}
