//! Building a client.

use std::path::PathBuf;
use std::sync::Arc;

use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _};
use tokio::sync::{mpsc, watch};
use wk_http::{Generation, HttpSource};
use wk_net::{Clock, Connector, Dialer, SystemClock, Tls, Transport};
use wk_sqlite::SqliteStore;
#[cfg(feature = "sqlcipher")]
use wk_sqlite::{Durability, EncryptionKey};
use wk_sync::store::model::{ContentError, ContentRegistry, CustomContent, DeviceFlag, Uid};
use wk_sync::store::{MemoryStore, Store};
use wk_sync::{Config, ConnectionState, DataSource};

use crate::driver::{Driver, Lookup, NoSource, Opener, Servers};
use crate::event_queue::event_queue;
use crate::media::Uploads;
use crate::{BuildError, Client, Runner, Uploader};

/// Requests that may wait for the runner before a caller has to.
const REQUEST_QUEUE: usize = 1024;
/// Events that a reader may be behind, unless the application says otherwise.
const EVENT_QUEUE: usize = 4096;

/// The settings of a client, from [`Client::builder`].
pub struct ClientBuilder {
    config: Config,
    addresses: Vec<String>,
    lookup: Option<Arc<dyn Fn() -> Lookup + Send + Sync>>,
    transport: Option<Transport>,
    dialer: Dialer,
    api: Option<String>,
    api_generation: Option<Generation>,
    api_commands: bool,
    source: Option<Arc<dyn DataSource>>,
    uploader: Option<Arc<dyn Uploader>>,
    clock: Arc<dyn Clock>,
    random_seed: Option<u64>,
    store: StoreChoice,
    contents: ContentRegistry,
    refused_content: Option<ContentError>,
    event_queue: usize,
}

enum StoreChoice {
    Memory,
    Sqlite(PathBuf),
    #[cfg(feature = "sqlcipher")]
    Encrypted(PathBuf, EncryptionKey),
    Own(Box<dyn Store>),
}

impl ClientBuilder {
    pub(crate) fn new(uid: Uid) -> Self {
        Self {
            config: Config::new(uid),
            addresses: Vec::new(),
            lookup: None,
            transport: None,
            dialer: Dialer::new(),
            api: None,
            api_generation: None,
            api_commands: false,
            source: None,
            uploader: None,
            clock: Arc::new(SystemClock::new()),
            random_seed: None,
            store: StoreChoice::Memory,
            contents: ContentRegistry::new(),
            refused_content: None,
            event_queue: EVENT_QUEUE,
        }
    }

    /// The token that the application's backend registered for this user and kind of device. Default: empty.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.config.token = token.into();
        self
    }

    /// The kind of device. Default: an app.
    #[must_use]
    pub const fn device_flag(mut self, flag: DeviceFlag) -> Self {
        self.config.device_flag = flag;
        self
    }

    /// A server's address: `im.example.com:5100` (TCP), `tls://host:port`, `ws://host:port/path`, `wss://host/path`.
    /// May be called several times: the addresses are tried in turn at each connect. Default: what the API's `/route`
    /// names at each connect.
    #[must_use]
    pub fn server(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self
    }

    /// Asks the application where the servers are, at each connect, instead of [`ClientBuilder::server`].
    #[must_use]
    pub fn servers(mut self, lookup: impl Fn() -> Lookup + Send + Sync + 'static) -> Self {
        self.lookup = Some(Arc::new(lookup));
        self
    }

    /// Which of the addresses that `/route` names to take. Default: TCP, or `wss`, or `ws`, the first it offers.
    #[must_use]
    pub const fn route_transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The base URL of the HTTP API for history and conversations: the server's own in trusted places, an application's
    /// backend elsewhere (docs/servers.md T53). Default: none, history is what is stored here.
    #[must_use]
    pub fn api(mut self, url: impl Into<String>) -> Self {
        self.api = Some(url.into());
        self
    }

    /// The generation of the server behind [`ClientBuilder::api`]. Default: found out by what its API has.
    #[must_use]
    pub const fn api_generation(mut self, generation: Generation) -> Self {
        self.api_generation = Some(generation);
        self
    }

    /// Pulls commands that were missed from [`ClientBuilder::api`] after each login
    /// ([`HttpSourceBuilder::commands`](wk_http::HttpSourceBuilder::commands)). Default: no, one request less.
    #[must_use]
    pub const fn api_commands(mut self) -> Self {
        self.api_commands = true;
        self
    }

    /// The application's own source of history and conversations, instead of [`ClientBuilder::api`].
    #[must_use]
    pub fn data_source(mut self, source: Arc<dyn DataSource>) -> Self {
        self.source = Some(source);
        self
    }

    /// Who uploads what messages name, and says how far it is. Default: the data source's
    /// [`upload`](DataSource::upload).
    #[must_use]
    pub fn uploader(mut self, uploader: Arc<dyn Uploader>) -> Self {
        self.uploader = Some(uploader);
        self
    }

    /// How long an upload may take before it is begun again, which counts as a failure. Default: 10 minutes.
    #[must_use]
    pub const fn upload_timeout(mut self, timeout: std::time::Duration) -> Self {
        self.config.upload_timeout = timeout;
        self
    }

    /// The application's own way to open byte streams, such as a proxy. TLS and WebSocket, where an address asks for
    /// them, go over what it opens.
    #[must_use]
    pub fn connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.dialer = self.dialer.connector(connector);
        self
    }

    /// Whom to trust with `tls` and `wss` addresses. Default: whom the operating system trusts.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.dialer = self.dialer.tls(tls);
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets everything random follow from this number, for simulations: whoever knows it can read the messages.
    /// Default: what the operating system gives.
    #[must_use]
    pub const fn random_seed(mut self, seed: u64) -> Self {
        self.random_seed = Some(seed);
        self
    }

    /// Keeps everything in this SQLite file, which is created if there is none. Default: in memory.
    #[must_use]
    pub fn sqlite(mut self, path: impl Into<PathBuf>) -> Self {
        self.store = StoreChoice::Sqlite(path.into());
        self
    }

    /// Keeps everything in this SQLite file, encrypted with SQLCipher; an encrypted one is created if there is none. A key that
    /// does not open the file is refused by [`ClientBuilder::build`] with
    /// [`StoreError::WrongKey`](crate::store::StoreError::WrongKey), a plain file with
    /// [`StoreError::NotEncrypted`](crate::store::StoreError::NotEncrypted); both are left as they are. Only with the feature
    /// `sqlcipher`.
    #[cfg(feature = "sqlcipher")]
    #[must_use]
    pub fn sqlite_encrypted(mut self, path: impl Into<PathBuf>, key: EncryptionKey) -> Self {
        self.store = StoreChoice::Encrypted(path.into(), key);
        self
    }

    /// Keeps everything in the application's own store, or in one of an account's files (`AccountFiles::open` of wk-sqlite).
    #[must_use]
    pub fn store(mut self, store: Box<dyn Store>) -> Self {
        self.store = StoreChoice::Own(store);
        self
    }

    /// Registers a content of the application's own, for what has to show messages without knowing their types
    /// ([`Messages::display_text`](crate::Messages::display_text)). Sending one and reading it needs no registration.
    #[must_use]
    pub fn content<T: CustomContent>(mut self) -> Self {
        if let Err(error) = self.contents.register::<T>() {
            self.refused_content.get_or_insert(error);
        }
        self
    }

    /// How many of its newest messages to fetch for each conversation with news after a connect, 1 to 10,000. Default: 20.
    #[must_use]
    pub fn sync_message_count(mut self, count: u32) -> Self {
        self.config.sync_message_count = count.clamp(1, wk_sync::store::model::PageQuery::MAX_LIMIT);
        self
    }

    /// How long after it was written a message may still be sent; then it is given up as
    /// [`Expired`](crate::MessageStatus::Expired). Default: for ever.
    #[must_use]
    pub const fn send_expiry(mut self, expiry: std::time::Duration) -> Self {
        self.config.send_expiry = Some(expiry);
        self
    }

    /// How many events a reader may be behind before the oldest are dropped and it is told so
    /// ([`EventsError::Lagged`](crate::EventsError::Lagged)), at least 1. What waits takes room, about 300 bytes an event of
    /// one message; nothing is kept that every reader has read. Default: 4096.
    #[must_use]
    pub const fn event_queue(mut self, limit: usize) -> Self {
        self.event_queue = limit;
        self
    }

    /// Opens the store and makes the client and its runner. Nothing runs, and nothing connects, before the runner is.
    ///
    /// # Errors
    /// What is wrong with the settings, or why the store cannot be opened.
    pub fn build(mut self) -> Result<(Client, Runner), BuildError> {
        self.config.uid.check()?;
        if let Some(error) = self.refused_content {
            return Err(error.into());
        }
        let http = |url: &str| {
            let mut builder = HttpSource::builder(url)?;
            if self.api_commands {
                builder = builder.commands();
            }
            match self.api_generation {
                Some(generation) => builder.generation(generation).build(),
                None => builder.build(),
            }
        };
        let http = self.api.as_deref().map(http).transpose()?.map(Arc::new);
        let servers = match (self.lookup, self.addresses.as_slice(), &http) {
            (Some(lookup), ..) => Servers::Asked(lookup),
            (None, [], Some(http)) => Servers::Route { api: Arc::clone(http), transport: self.transport },
            (None, [], None) => return Err(BuildError::NoServer),
            (None, addresses, _) => {
                Servers::Fixed(addresses.iter().map(|address| address.parse()).collect::<Result<_, _>>()?)
            }
        };
        let source: Arc<dyn DataSource> = match (self.source, http) {
            (Some(source), _) => source,
            (None, Some(http)) => http,
            (None, None) => Arc::new(NoSource),
        };
        self.config.offers = source.offers();
        let mut random = match self.random_seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => StdRng::try_from_rng(&mut SysRng)
                .map_err(|error| BuildError::Randomness(error.to_string()))?,
        };
        let (store, blocks): (Box<dyn Store>, bool) = match self.store {
            StoreChoice::Memory => (Box::new(MemoryStore::new()), false),
            StoreChoice::Sqlite(path) => (Box::new(SqliteStore::open(path)?), true),
            #[cfg(feature = "sqlcipher")]
            StoreChoice::Encrypted(path, key) => {
                (Box::new(SqliteStore::open_encrypted(path, Durability::default(), &key)?), true)
            }
            StoreChoice::Own(store) => (store, true),
        };
        let reader = store.reader()?;
        let (requests, inbox) = mpsc::channel(REQUEST_QUEUE);
        let (events, readers) = event_queue(self.event_queue);
        let (state, states) = watch::channel(ConnectionState::Offline);
        let uid = self.config.uid.clone();
        let uploads = Uploads { uploader: self.uploader, board: Arc::default() };
        let board = Arc::clone(&uploads.board);
        let client = Client::new(uid, requests, readers, reader, self.contents, board, states);
        let driver = Driver::new(crate::driver::Parts {
            config: self.config,
            store,
            source,
            uploads,
            opener: Opener { servers, dialer: self.dialer },
            clock: self.clock,
            requests: inbox,
            events,
            state,
            entropy: Box::new(move || {
                let mut rng = StdRng::from_rng(&mut random);
                Box::new(move |bytes: &mut [u8]| rng.fill_bytes(bytes))
            }),
        })?;
        Ok((client, Runner::new(driver, blocks)))
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}
