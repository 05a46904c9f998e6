//! What asks for the user's attention.

use wk_sync::store::model::{ChannelId, Reminder, ReminderFilter, ReminderId};
use wk_sync::{Change, Topic};

use crate::{Client, Error, Event, Events};

/// Reminders of a client, from [`Client::reminders`].
#[derive(Debug, Clone, Copy)]
pub struct Reminders<'a> {
    client: &'a Client,
}

impl<'a> Reminders<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The channels whose reminders change from now on, or are new.
    pub fn events(&self) -> Events<Vec<ChannelId>> {
        self.client.events().filter_map(|event| match event {
            Event::Reminders(channels) => Some(channels),
            _ => None,
        })
    }

    /// The reminders that a filter matches, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn list(&self, filter: &ReminderFilter) -> Result<Vec<Reminder>, Error> {
        let filter = filter.clone();
        self.client.read(move |reader| reader.reminders(&filter)).await
    }

    /// The user did what a reminder asks for. The server is told, now or when there is a connection again.
    ///
    /// # Errors
    /// [`Error::Query`] if there is no such reminder; [`Error::Store`], [`Error::Stopped`].
    pub async fn done(&self, id: ReminderId) -> Result<(), Error> {
        self.client.change(Change::ReminderDone(id)).await
    }

    /// Fetches what changed, now or when there is a connection again; [`Event::Reminders`] tells
    /// what did. It happens by itself after each connect.
    ///
    /// # Errors
    /// [`Error::Query`] if the data source does not offer reminders; [`Error::Stopped`].
    pub async fn refresh(&self) -> Result<(), Error> {
        self.client.change(Change::Fetch(Topic::Reminders)).await
    }
}
