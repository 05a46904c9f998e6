//! Callbacks for those who prefer them to streams: a task for each key, over a stream of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use wk_sync::store::model::{ChannelId, Message, MessageSeq};

use crate::{Error, Events, EventsError, MessageEvent};

/// A callback and who calls it: only the task of its key, so the lock is never waited for.
type Callback<T> = Arc<Mutex<dyn FnMut(T) + Send>>;

pub(crate) fn callback<T: 'static>(call: impl FnMut(T) + Send + 'static) -> Callback<T> {
    Arc::new(Mutex::new(call))
}

/// What is called under one key.
#[derive(Default)]
pub(crate) struct Callbacks {
    pub(crate) inserted: Option<Callback<Message>>,
    pub(crate) new: Option<Callback<Vec<Message>>>,
    pub(crate) refreshed: Option<Callback<Message>>,
    pub(crate) removed: Option<Callback<Vec<Message>>>,
    pub(crate) cleared: Option<Callback<(ChannelId, MessageSeq)>>,
    pub(crate) reload: Option<Callback<u64>>,
}

impl Callbacks {
    const fn is_empty(&self) -> bool {
        self.inserted.is_none()
            && self.new.is_none()
            && self.refreshed.is_none()
            && self.removed.is_none()
            && self.cleared.is_none()
            && self.reload.is_none()
    }
}

/// The listeners of a client by their keys.
#[derive(Default)]
pub(crate) struct Listeners(Mutex<HashMap<String, Listener>>);

struct Listener {
    callbacks: Arc<Mutex<Callbacks>>,
    task: AbortHandle,
}

impl Listeners {
    /// Changes what is called under a key. The first callback of a key subscribes, the last one that goes ends the
    /// subscription.
    pub(crate) fn change(
        &self,
        key: &str,
        events: impl FnOnce() -> Events<MessageEvent>,
        change: impl FnOnce(&mut Callbacks),
    ) -> Result<(), Error> {
        let mut by_key = lock(&self.0);
        if let Some(listener) = by_key.get(key) {
            let mut callbacks = lock(&listener.callbacks);
            change(&mut callbacks);
            let unused = callbacks.is_empty();
            drop(callbacks);
            if unused {
                by_key.remove(key);
            }
            return Ok(());
        }
        let mut callbacks = Callbacks::default();
        change(&mut callbacks);
        if callbacks.is_empty() {
            return Ok(());
        }
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let callbacks = Arc::new(Mutex::new(callbacks));
        let task = runtime.spawn(listen(events(), Arc::clone(&callbacks))).abort_handle();
        by_key.insert(key.to_owned(), Listener { callbacks, task });
        Ok(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(mut events: Events<MessageEvent>, callbacks: Arc<Mutex<Callbacks>>) {
    loop {
        match events.next().await {
            Ok(MessageEvent::Inserted(message)) => call(&callbacks, |all| &all.inserted, message),
            Ok(MessageEvent::New { messages, .. }) => call(&callbacks, |all| &all.new, messages),
            Ok(MessageEvent::Refreshed(message)) => call(&callbacks, |all| &all.refreshed, message),
            Ok(MessageEvent::Changed(messages)) => {
                messages.into_iter().for_each(|it| call(&callbacks, |all| &all.refreshed, it.message));
            }
            Ok(MessageEvent::Removed { messages, .. }) => call(&callbacks, |all| &all.removed, messages),
            Ok(MessageEvent::Cleared { channel, up_to }) => {
                call(&callbacks, |all| &all.cleared, (channel, up_to));
            }
            Ok(MessageEvent::Reset(_)) => call(&callbacks, |all| &all.reload, 0),
            // What is pinned is asked for, and a page that waits is waited for: neither is a list's.
            Ok(MessageEvent::Pinned(_) | MessageEvent::Pulling(_)) => {}
            Err(EventsError::Lagged { missed }) => call(&callbacks, |all| &all.reload, missed),
            Err(EventsError::Ended) => return,
        }
    }
}

/// No lock but the callback's own is held while it runs, so it may add and remove listeners, itself too.
fn call<T: 'static>(
    callbacks: &Mutex<Callbacks>,
    which: impl FnOnce(&Callbacks) -> &Option<Callback<T>>,
    value: T,
) {
    let callback = which(&lock(callbacks)).clone();
    if let Some(callback) = callback {
        lock(&callback)(value);
    }
}

/// A callback that panicked is called again with the next event, as a stream would go on.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
