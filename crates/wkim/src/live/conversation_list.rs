//! The list of conversations as a user interface shows it.

use std::sync::{Arc, OnceLock, Weak};

use tokio::sync::{Mutex, watch};
use tokio::task::AbortHandle;
use wk_sync::Event;
use wk_sync::store::model::ChannelId;
use wk_sync::store::{ConversationItem, ConversationOrder};

use super::changes::{ListChanges, show};
use super::diff::Keyed;
use crate::{Client, Error, Events, EventsError};

/// The list of conversations with their newest messages, drafts and names, which keeps itself up to date. From
/// [`Conversations::live`](crate::Conversations::live). A clone is the same list; it ends with its last clone.
#[derive(Debug, Clone)]
pub struct ConversationList {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    order: ConversationOrder,
    /// Held while the list is read, so that no older reading follows a newer one.
    reading: Mutex<()>,
    list: watch::Sender<Arc<Vec<ConversationItem>>>,
    task: OnceLock<AbortHandle>,
}

impl Keyed for ConversationItem {
    type Key = ChannelId;

    fn key(&self) -> ChannelId {
        self.conversation.channel.clone()
    }
}

impl ConversationList {
    pub(crate) async fn open(client: Client, order: ConversationOrder) -> Result<Self, Error> {
        let events = client.events();
        let (list, task, reading) = (watch::Sender::new(Arc::default()), OnceLock::new(), Mutex::new(()));
        let list = Self { inner: Arc::new(Inner { client, order, reading, list, task }) };
        list.inner.refresh().await?;
        let task = tokio::spawn(follow(Arc::downgrade(&list.inner), events)).abort_handle();
        list.inner.task.set(task).ok();
        Ok(list)
    }

    /// What stands in it now.
    pub fn items(&self) -> Vec<ConversationItem> {
        self.inner.list.borrow().to_vec()
    }

    /// What stands in it now, and every change from then on.
    pub fn subscribe(&self) -> (Vec<ConversationItem>, ListChanges<ConversationItem>) {
        ListChanges::of(&self.inner.list)
    }
}

impl Inner {
    async fn refresh(&self) -> Result<(), Error> {
        let _reading = self.reading.lock().await;
        let items = self.client.conversations().items(self.order).await?;
        show(&self.list, items);
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

async fn follow(list: Weak<Inner>, mut events: Events) {
    loop {
        let event = events.next().await;
        let Some(list) = list.upgrade() else { return };
        match event {
            Ok(Event::Connection(_) | Event::Command(_) | Event::Synced { .. }) => continue,
            Ok(_) | Err(EventsError::Lagged { .. }) => {}
            Err(EventsError::Ended) => return,
        }
        // What else has happened is read along.
        events.skip_waiting();
        if let Err(error) = list.refresh().await {
            tracing::warn!(%error, "the list of conversations could not be read");
        }
    }
}
