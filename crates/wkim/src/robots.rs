//! Robots and the commands they offer.

use wk_sync::store::model::{Robot, Uid};
use wk_sync::{Change, Topic};

use crate::{Client, Error, Event, Events};

/// Robots of a client, from [`Client::robots`].
#[derive(Debug, Clone, Copy)]
pub struct Robots<'a> {
    client: &'a Client,
}

impl<'a> Robots<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The robots of which something else is known, from now on.
    pub fn events(&self) -> Events<Uid> {
        self.client.events().filter_map(|event| match event {
            Event::Robot(robot) => Some(robot),
            _ => None,
        })
    }

    /// What is known of a robot here, with the commands that it offers. See [`Robots::refresh`].
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn by_id(&self, robot: &Uid) -> Result<Option<Robot>, Error> {
        let robot = robot.clone();
        self.client.read(move |reader| reader.robot(&robot)).await
    }

    /// Fetches a robot, now or when there is a connection again; [`Event::Robot`] tells that something changed.
    ///
    /// # Errors
    /// [`Error::Query`] if the data source does not offer robots; [`Error::Stopped`].
    pub async fn refresh(&self, robot: &Uid) -> Result<(), Error> {
        self.client.change(Change::Fetch(Topic::Robot(robot.clone()))).await
    }
}
