//! What makes a client live: a future that somebody runs.

use std::thread;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Error;
use crate::driver::Driver;

/// The life of a client. Nothing happens before [`Runner::run`] is awaited or [`Runner::spawn`] called.
///
/// A client on SQLite, which blocks, runs on a thread of its own; one in memory runs where its runner is polled, so
/// that thousands fit in one process.
#[must_use = "a client does nothing without its runner"]
pub struct Runner {
    driver: Driver,
    blocks: bool,
}

impl Runner {
    pub(crate) const fn new(driver: Driver, blocks: bool) -> Self {
        Self { driver, blocks }
    }

    /// Runs the client until the application says goodbye or drops its last handle. Dropping the future stops
    /// everything at once, as a crash would: what is stored stays stored, and is sent by the next client.
    ///
    /// # Errors
    /// The store failed for good.
    pub async fn run(self) -> Result<(), Error> {
        if !self.blocks {
            return self.driver.run().await;
        }
        let (stop, stopped) = oneshot::channel();
        let _guard = StopOnDrop(Some(stop));
        self.start_thread(stopped)?.await.unwrap_or(Err(Error::Stopped))
    }

    /// Runs the client on the current tokio runtime.
    pub fn spawn(self) -> RunnerHandle {
        let (kill, killed) = oneshot::channel();
        let task = if self.blocks {
            tokio::spawn(async move { self.start_thread(killed)?.await.unwrap_or(Err(Error::Stopped)) })
        } else {
            tokio::spawn(run_until(self.driver, killed))
        };
        RunnerHandle { task, kill }
    }

    /// Starts a thread with a runtime of its own. It ends early when `stop` is sent.
    fn start_thread(
        self,
        stop: oneshot::Receiver<()>,
    ) -> Result<oneshot::Receiver<Result<(), Error>>, Error> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
                tracing::error!(%error, "no runtime for the client's thread");
                Error::Stopped
            })?;
        let (done, wait) = oneshot::channel();
        let work = move || {
            let result = runtime.block_on(run_until(self.driver, stop));
            // The sockets' tasks end here, and the store has been closed, before anybody is told.
            drop(runtime);
            done.send(result).ok();
        };
        thread::Builder::new().name("wkim".to_owned()).spawn(work).map_err(|error| {
            tracing::error!(%error, "no thread for the client");
            Error::Stopped
        })?;
        Ok(wait)
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("blocks", &self.blocks).finish_non_exhaustive()
    }
}

async fn run_until(driver: Driver, stop: oneshot::Receiver<()>) -> Result<(), Error> {
    tokio::select! {
        result = driver.run() => result,
        // A sender that was dropped is no order to stop.
        Ok(()) = stop => Err(Error::Stopped),
    }
}

struct StopOnDrop(Option<oneshot::Sender<()>>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop.send(()).ok();
        }
    }
}

/// A running client, from [`Runner::spawn`]. Dropping the handle leaves the client running.
#[derive(Debug)]
pub struct RunnerHandle {
    task: JoinHandle<Result<(), Error>>,
    kill: oneshot::Sender<()>,
}

impl RunnerHandle {
    /// Waits until the client has ended.
    ///
    /// # Errors
    /// The store failed for good, or the client was stopped.
    pub async fn join(self) -> Result<(), Error> {
        let Self { task, kill } = self;
        let result = task.await.unwrap_or(Err(Error::Stopped));
        drop(kill);
        result
    }

    /// Stops the client at once, as a crash would, and waits until its store is closed.
    pub async fn kill(self) {
        let Self { task, kill } = self;
        kill.send(()).ok();
        task.await.ok();
    }
}
