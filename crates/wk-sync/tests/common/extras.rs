//! What the tests of extras, commands and lists do to a world.

use std::time::Duration;

use wk_sync::store::MemoryStore;
use wk_sync::store::model::{ReceivedCommand, Uid};
use wk_sync::{Change, Config, Event, Input, Offers};

use super::rig::{ALICE, Rig};
use super::server::{Flavour, Server};
use super::world::{Pending, World};

impl World {
    /// A world whose data source offers every topic.
    pub fn offering(seed: u64, flavour: Flavour) -> Self {
        let mut config = Config::new(Uid::new(ALICE));
        config.offers = Offers::ALL;
        let rig = Rig::with(seed, config, MemoryStore::new()).unwrap();
        Self::with(rig, Server::new(seed, flavour, ALICE))
    }

    /// The application changes something, and everything that leads to arrives.
    pub fn change(&mut self, change: Change) {
        let (done, ticket) = (self.done, self.ticket());
        self.act(Input::Change { ticket, change });
        self.settle();
        assert_eq!(self.done, done + 1, "{:?}", self.refused);
    }

    pub fn commands(&self) -> Vec<&ReceivedCommand> {
        let commands = self.events[self.past..].iter().filter_map(|event| match event {
            Event::Command(command) => Some(command),
            _ => None,
        });
        commands.collect()
    }

    /// Things arrive until a question to the data source is on its way.
    pub fn settle_until_asked(&mut self) {
        for _ in 0..1000 {
            if self.pending.iter().any(|pending| matches!(pending, Pending::Question(..))) {
                return;
            }
            if self.pending.is_empty() {
                self.rig.sleep(Duration::from_secs(1));
                self.act(Input::Timeout);
            } else {
                self.deliver(0);
            }
        }
        panic!("nothing was asked");
    }
}
