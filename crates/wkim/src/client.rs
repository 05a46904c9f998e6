//! The handle that an application keeps.

use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, oneshot, watch};
use wk_sync::store::model::{ContentRegistry, Uid};
use wk_sync::store::{StoreError, StoreReader, StoreTx};
use wk_sync::{Change, ConnectionState};

use crate::event_queue::EventSource;
use crate::listeners::Listeners;
use crate::media::Board;
use crate::request::{Answer, Request};
use crate::{
    Channels, ClientBuilder, Commands, Connection, Conversations, Error, Events, Media, Members, Messages,
    Reminders, Robots, Search,
};

/// A client of one account: a cheap handle, to be cloned at will. It works as long as its
/// [`Runner`](crate::Runner) runs; when the last handle is dropped, the runner says goodbye and ends.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    uid: Uid,
    requests: mpsc::Sender<Request>,
    events: EventSource,
    reader: Mutex<Box<dyn StoreReader>>,
    contents: ContentRegistry,
    listeners: Listeners,
    board: Arc<Board>,
    state: watch::Receiver<ConnectionState>,
}

impl Client {
    /// Begins a client for a user.
    pub fn builder(uid: impl Into<Uid>) -> ClientBuilder {
        ClientBuilder::new(uid.into())
    }

    pub(crate) fn new(
        uid: Uid,
        requests: mpsc::Sender<Request>,
        events: EventSource,
        reader: Box<dyn StoreReader>,
        contents: ContentRegistry,
        board: Arc<Board>,
        state: watch::Receiver<ConnectionState>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                uid,
                requests,
                events,
                reader: Mutex::new(reader),
                contents,
                listeners: Listeners::default(),
                board,
                state,
            }),
        }
    }

    /// Whose client this is.
    pub fn uid(&self) -> &Uid {
        &self.inner.uid
    }

    /// The application's own contents, as they were registered.
    pub fn contents(&self) -> &ContentRegistry {
        &self.inner.contents
    }

    /// Connecting and disconnecting.
    pub const fn connection(&self) -> Connection<'_> {
        Connection::new(self)
    }

    /// Sending messages and reading history.
    pub const fn messages(&self) -> Messages<'_> {
        Messages::new(self)
    }

    /// The list of conversations.
    pub const fn conversations(&self) -> Conversations<'_> {
        Conversations::new(self)
    }

    /// Searching what is stored.
    pub const fn search(&self) -> Search<'_> {
        Search::new(self)
    }

    /// Commands to the application.
    pub const fn commands(&self) -> Commands<'_> {
        Commands::new(self)
    }

    /// What asks for the user's attention.
    pub const fn reminders(&self) -> Reminders<'_> {
        Reminders::new(self)
    }

    /// Names, settings and presence of channels.
    pub const fn channels(&self) -> Channels<'_> {
        Channels::new(self)
    }

    /// The members of channels.
    pub const fn members(&self) -> Members<'_> {
        Members::new(self)
    }

    /// Robots and the commands they offer.
    pub const fn robots(&self) -> Robots<'_> {
        Robots::new(self)
    }

    /// Uploads: how far they are, and pausing them.
    pub const fn media(&self) -> Media<'_> {
        Media::new(self)
    }

    /// Subscribes to everything that happens from now on.
    pub fn events(&self) -> Events {
        Events::new(self.inner.events.subscribe())
    }

    /// Ends the runner: queued bytes are written, the connection is closed. Messages not yet sent stay stored and are sent by
    /// the next client on the same store.
    ///
    /// # Errors
    /// [`Error::Stopped`] if the runner has already ended.
    pub async fn shutdown(&self) -> Result<(), Error> {
        self.ask(Request::Shutdown).await
    }

    pub(crate) async fn tell(&self, request: Request) -> Result<(), Error> {
        self.inner.requests.send(request).await.map_err(|_| Error::Stopped)
    }

    pub(crate) async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, Error> {
        let (answer, wait) = oneshot::channel();
        self.tell(request(answer)).await?;
        wait.await.unwrap_or(Err(Error::Stopped))
    }

    pub(crate) fn connection_state(&self) -> ConnectionState {
        self.inner.state.borrow().clone()
    }

    pub(crate) fn board(&self) -> &Board {
        &self.inner.board
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.inner.listeners
    }

    /// Reads committed data, and subscribes to all that is committed after it.
    pub(crate) async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn StoreTx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<(T, Events), Error> {
        let (answer, wait) = oneshot::channel();
        let snapshot = Box::new(move |tx: Result<&mut dyn StoreTx, StoreError>, events| {
            let read = tx.and_then(read).map(|value| (value, Events::new(events)));
            answer.send(read.map_err(Error::Store)).ok();
        });
        self.tell(Request::Snapshot(snapshot)).await?;
        wait.await.unwrap_or(Err(Error::Stopped))
    }

    pub(crate) async fn change(&self, change: Change) -> Result<(), Error> {
        self.ask(|answer| Request::Change(change, answer)).await
    }

    /// Reads committed data without disturbing the engine.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn StoreReader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        let task = tokio::task::spawn_blocking(move || {
            // A panic under the lock cannot leave a reader half-way: it holds no state of ours.
            let mut reader = inner.reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            read(&mut **reader)
        });
        match task.await {
            Ok(result) => result.map_err(Error::Store),
            Err(_) => Err(Error::Stopped),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("uid", &self.inner.uid).finish_non_exhaustive()
    }
}
