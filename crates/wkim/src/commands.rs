//! Commands to the application: read those that wait, and say that one is done.

use wk_sync::Change;
use wk_sync::store::model::{ActionId, ActionKind, ReceivedCommand};

use crate::{Client, Error, Event, Events};

/// Commands of a client, from [`Client::commands`].
#[derive(Debug, Clone, Copy)]
pub struct Commands<'a> {
    client: &'a Client,
}

impl<'a> Commands<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The commands from now on. Those that wait from before are told again after each start; [`Commands::waiting`] has them too.
    pub fn events(&self) -> Events<ReceivedCommand> {
        self.client.events().filter_map(|event| match event {
            Event::Command(command) => Some(command),
            _ => None,
        })
    }

    /// The commands that the application has not said it is done with, the oldest first. The newest 1,000 of the last seven
    /// days wait; one that nobody keeps ([`ReceivedCommand::id`] is nothing) is only in its event.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn waiting(&self) -> Result<Vec<ReceivedCommand>, Error> {
        let actions = self.client.read(|reader| reader.pending_actions()).await?;
        let commands = actions.into_iter().filter(|(_, action)| action.kind == ActionKind::Command);
        Ok(commands.map(|(id, action)| ReceivedCommand::waiting(id, action)).collect())
    }

    /// The application is done with a command: it is not told again. Saying so twice does no harm.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn done(&self, id: ActionId) -> Result<(), Error> {
        self.client.change(Change::CommandDone(id)).await
    }
}
