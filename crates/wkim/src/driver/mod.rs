//! The loop that joins store, engine, sockets and data source. It decides nothing.

mod carry_out;
mod connect;
mod link;
#[cfg(feature = "metrics")]
mod metrics;
mod source;
mod tickets;
mod upkeep;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tracing::Instrument as _;
use wk_net::{Clock, Link};
use wk_sync::store::model::{Instant, Now, UnixMillis};
use wk_sync::store::{Store, StoreError};
use wk_sync::{Config, ConnectionState, DataSource, Engine, EngineError, Entropy, Input, JobId, LinkId};

pub use self::connect::Lookup;
pub(crate) use self::connect::{Opener, Servers};
use self::link::Current;
pub(crate) use self::source::NoSource;
use self::tickets::Tickets;
use self::upkeep::Upkeep;
use crate::Error;
use crate::event_queue::EventSender;
use crate::media::Uploads;
use crate::request::{Request, Snapshot};

/// The most inputs that share one transaction.
const BATCH: usize = 512;
/// How many inputs the driver keeps room for between two transactions.
const KEPT: usize = 16;
/// How often a failing store is loaded anew before the runner gives up, and the wait before each attempt.
const RELOADS: u32 = 5;
const RELOAD_DELAY: Duration = Duration::from_secs(1);
/// How long closing a connection may take to write what is queued on it.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// What a driver is made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) store: Box<dyn Store>,
    pub(crate) source: Arc<dyn DataSource>,
    pub(crate) uploads: Uploads,
    pub(crate) opener: Opener,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) events: EventSender,
    pub(crate) state: watch::Sender<ConnectionState>,
    pub(crate) entropy: Box<dyn FnMut() -> Box<dyn Entropy> + Send>,
}

pub(crate) struct Driver {
    parts: Parts,
    engine: Engine,
    tickets: Tickets,
    link: Current,
    dialing: JoinSet<(LinkId, Result<Link, String>)>,
    jobs: JoinSet<(JobId, wk_sync::Answer)>,
    job_handles: HashMap<JobId, AbortHandle>,
    /// Connections that are writing what is queued on them.
    closing: JoinSet<()>,
    /// What carrying out an output led to.
    late: Vec<Input>,
    /// Whether the application wants a connection: a reloaded engine has to be told.
    wanted: bool,
    upkeep: Upkeep,
    goodbye: Option<Goodbye>,
    #[cfg(feature = "metrics")]
    metrics: metrics::Metrics,
}

/// The runner is to end, and who wants to know.
struct Goodbye(Option<oneshot::Sender<Result<(), Error>>>);

/// What woke the driver.
enum Woken {
    Input(Input),
    Request(Option<Request>),
    Dialed(LinkId, Result<Link, String>),
    Upkeep,
    Nothing,
}

impl Driver {
    pub(crate) fn new(mut parts: Parts) -> Result<Self, StoreError> {
        let engine = load(&mut parts).map_err(|EngineFailure(error)| error)?;
        let mut upkeep = Upkeep::default();
        upkeep.wanted(&*parts.clock);
        Ok(Self {
            parts,
            engine,
            tickets: Tickets::default(),
            link: Current::default(),
            dialing: JoinSet::new(),
            jobs: JoinSet::new(),
            job_handles: HashMap::new(),
            closing: JoinSet::new(),
            late: Vec::new(),
            wanted: false,
            upkeep,
            goodbye: None,
            #[cfg(feature = "metrics")]
            metrics: metrics::Metrics::default(),
        })
    }

    /// Runs until the application says goodbye, drops its last handle, or the store fails for good.
    pub(crate) fn run(self) -> impl Future<Output = Result<(), Error>> {
        let span = tracing::info_span!("client", uid = %self.parts.config.uid);
        self.live().instrument(span)
    }

    async fn live(mut self) -> Result<(), Error> {
        let mut batch = Vec::new();
        while self.goodbye.is_none() {
            batch.append(&mut self.late);
            if batch.is_empty() {
                let woken = self.wait().await;
                self.take(woken, &mut batch);
            }
            self.gather(&mut batch);
            self.step(&mut batch).await?;
            batch.shrink_to(KEPT);
        }
        batch.push(Input::Disconnect);
        self.step(&mut batch).await?;
        while self.closing.join_next().await.is_some() {}
        if let Some(Goodbye(Some(answer))) = self.goodbye.take() {
            answer.send(Ok(())).ok();
        }
        Ok(())
    }

    async fn step(&mut self, batch: &mut Vec<Input>) -> Result<(), Error> {
        match self.commit(batch) {
            Ok(()) => {
                self.carry_out();
                Ok(())
            }
            Err(EngineFailure(error)) => self.reload(error).await,
        }
    }

    /// Lets the engine handle the inputs in one transaction. None is left, whether that fails or not.
    fn commit(&mut self, batch: &mut Vec<Input>) -> Result<(), EngineFailure> {
        if batch.is_empty() {
            return Ok(());
        }
        let inputs = batch.drain(..);
        let now = now(&*self.parts.clock);
        let mut tx = self.parts.store.begin()?;
        for input in inputs {
            self.engine.handle(now, input, &mut *tx)?;
        }
        tx.commit()?;
        #[cfg(feature = "metrics")]
        metrics::Metrics::committed(self.parts.clock.elapsed().saturating_sub(now.instant.since_zero()));
        self.upkeep.wanted(&*self.parts.clock);
        Ok(())
    }

    /// Waits for one thing to happen.
    async fn wait(&mut self) -> Woken {
        let timeout = match self.engine.poll_timeout() {
            Some(at) => self.parts.clock.sleep_until(at.since_zero()),
            None => Box::pin(std::future::pending()),
        };
        tokio::select! {
            input = self.link.recv() => Woken::Input(input),
            request = self.parts.requests.recv() => Woken::Request(request),
            Some(done) = self.dialing.join_next() => match done {
                Ok((link, result)) => Woken::Dialed(link, result),
                // Aborted or panicked: the engine's own deadline takes over.
                Err(_) => Woken::Nothing,
            },
            Some(done) = self.jobs.join_next() => match done {
                Ok((job, answer)) => Woken::Input(Input::Answer { job, answer }),
                Err(_) => Woken::Nothing,
            },
            Some(_) = self.closing.join_next() => Woken::Nothing,
            () = timeout => Woken::Input(Input::Timeout),
            () = self.upkeep.due(&*self.parts.clock) => Woken::Upkeep,
        }
    }

    fn take(&mut self, woken: Woken, batch: &mut Vec<Input>) {
        match woken {
            Woken::Nothing => {}
            Woken::Upkeep => self.upkeep.step(&mut *self.parts.store, &*self.parts.clock),
            Woken::Input(input) => {
                if let Input::Answer { job, .. } = &input {
                    self.job_handles.remove(job);
                }
                batch.push(input);
            }
            Woken::Request(request) => self.take_request(request, batch),
            Woken::Dialed(link, Ok(open)) => {
                if self.link.is_wanted(link) {
                    self.link.set(open);
                    batch.push(Input::LinkUp(link));
                }
            }
            Woken::Dialed(link, Err(reason)) => batch.push(Input::LinkDown { link, reason }),
        }
    }

    fn take_request(&mut self, request: Option<Request>, batch: &mut Vec<Input>) {
        match request {
            None => self.goodbye = Some(Goodbye(None)),
            Some(Request::Shutdown(answer)) => self.goodbye = Some(Goodbye(Some(answer))),
            Some(Request::Connect) => {
                self.wanted = true;
                batch.push(Input::Connect);
            }
            Some(Request::Disconnect) => {
                self.wanted = false;
                batch.push(Input::Disconnect);
            }
            Some(Request::Snapshot(read)) => self.snapshot(read),
            Some(request) => batch.extend(self.tickets.open(request)),
        }
    }

    /// Between two transactions, so that an event is either of something that was read or comes after it.
    fn snapshot(&mut self, read: Snapshot) {
        let events = self.parts.events.subscribe();
        match self.parts.store.begin() {
            Ok(mut tx) => read(Ok(&mut *tx), events),
            Err(error) => read(Err(error), events),
        }
    }

    /// Adds what else has happened already, to share the transaction.
    fn gather(&mut self, batch: &mut Vec<Input>) {
        while batch.len() < BATCH {
            let Some(input) = self.link.try_recv() else { break };
            batch.push(input);
        }
        while batch.len() < BATCH && self.goodbye.is_none() {
            let Ok(request) = self.parts.requests.try_recv() else { break };
            self.take_request(Some(request), batch);
        }
        while let Some(done) = self.jobs.try_join_next() {
            if let Ok((job, answer)) = done {
                self.take(Woken::Input(Input::Answer { job, answer }), batch);
            }
        }
    }

    /// The store failed: what the engine holds may be wrong. Everything under way is dropped and loaded anew; nothing
    /// that was not committed has left this process.
    async fn reload(&mut self, mut error: StoreError) -> Result<(), Error> {
        self.tickets.fail_all(&error);
        self.link = Current::default();
        self.dialing.abort_all();
        self.jobs.abort_all();
        self.job_handles.clear();
        self.late.clear();
        for _ in 0..RELOADS {
            tracing::error!(%error, "the store failed and is loaded anew");
            self.parts.clock.sleep_until(self.parts.clock.elapsed() + RELOAD_DELAY).await;
            match load(&mut self.parts) {
                Ok(engine) => {
                    self.engine = engine;
                    if self.wanted {
                        self.late.push(Input::Connect);
                    }
                    return Ok(());
                }
                Err(EngineFailure(again)) => error = again,
            }
        }
        Err(Error::Store(error))
    }
}

/// A failed transaction.
struct EngineFailure(StoreError);

impl From<StoreError> for EngineFailure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<EngineError> for EngineFailure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => Self(error),
            other => Self(StoreError::backend("handled an input", other)),
        }
    }
}

fn load(parts: &mut Parts) -> Result<Engine, EngineFailure> {
    let mut tx = parts.store.begin()?;
    let engine = Engine::load(parts.config.clone(), (parts.entropy)(), &mut *tx)?;
    tx.commit()?;
    Ok(engine)
}

fn now(clock: &dyn Clock) -> Now {
    Now { instant: Instant::from_zero(clock.elapsed()), unix: UnixMillis::new(clock.unix_ms()) }
}
