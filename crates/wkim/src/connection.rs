//! Connecting and disconnecting.

use thiserror::Error;
use wk_sync::store::model::ReasonCode;
use wk_sync::{ConnectionState, DisconnectCause, Event};

use crate::request::Request;
use crate::{Client, Error, Events, EventsError};

/// The connection of a client, from [`Client::connection`].
#[derive(Debug, Clone, Copy)]
pub struct Connection<'a> {
    client: &'a Client,
}

/// Why a login did not succeed at once. Except after [`LoginError::Kicked`] and [`LoginError::Refused`] the client
/// goes on trying.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The server cannot be reached.
    #[error("{reason}")]
    Unreachable {
        /// Why, for people.
        reason: String,
    },
    /// The server did not answer three handshakes in a row.
    #[error(
        "the server did not answer {in_a_row} logins in a row: the token is wrong, the user is banned, or the server is overloaded"
    )]
    Silent {
        /// How many.
        in_a_row: u32,
    },
    /// The server refused the login.
    #[error("the server refused the login: {reason}")]
    Refused {
        /// Its reason.
        reason: ReasonCode,
    },
    /// Another device took the session over.
    #[error("another device logged in ({reason}): {text}")]
    Kicked {
        /// The server's reason.
        reason: ReasonCode,
        /// The server's words.
        text: String,
    },
    /// The client is not running.
    #[error(transparent)]
    Client(#[from] Error),
}

impl<'a> Connection<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Where the connection stands now. Whoever subscribes first and asks then misses nothing.
    pub fn state(&self) -> ConnectionState {
        self.client.connection_state()
    }

    /// The states of the connection from now on.
    pub fn events(&self) -> Events<ConnectionState> {
        self.client.events().filter_map(|event| match event {
            Event::Connection(state) => Some(state),
            _ => None,
        })
    }

    /// Connects and stays connected: a lost connection is opened again for ever. Returns at once; the connection's states come
    /// as [`Event::Connection`].
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn connect(&self) -> Result<(), Error> {
        self.client.tell(Request::Connect).await
    }

    /// Closes the connection and stays offline.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn disconnect(&self) -> Result<(), Error> {
        self.client.tell(Request::Disconnect).await
    }

    /// The application came to the foreground: a wait for the next attempt ends, and an open connection is asked whether it
    /// still lives, which takes five seconds at most. Without [`Connection::connect`] before, nothing happens.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn wake(&self) -> Result<(), Error> {
        self.client.tell(Request::Wake).await
    }

    /// The device has another network: the connection on the old one is replaced at once. Without
    /// [`Connection::connect`] before, nothing happens.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub async fn network_changed(&self) -> Result<(), Error> {
        self.client.tell(Request::NetworkChanged).await
    }

    /// Connects and waits until the session is there, or until it is clear that somebody should be told.
    ///
    /// # Errors
    /// Why the session is not there yet. Dropping the future does not stop the connecting.
    pub async fn login(&self) -> Result<(), LoginError> {
        let mut events = self.client.events();
        self.connect().await?;
        loop {
            let state = match events.next().await {
                Ok(Event::Connection(state)) => state,
                Ok(_) | Err(EventsError::Lagged { .. }) => continue,
                Err(EventsError::Ended) => return Err(Error::Stopped.into()),
            };
            match state {
                ConnectionState::Online { .. } => return Ok(()),
                ConnectionState::Kicked { reason, text } => return Err(LoginError::Kicked { reason, text }),
                ConnectionState::Refused { reason } => return Err(LoginError::Refused { reason }),
                ConnectionState::Waiting { cause: DisconnectCause::Unreachable { reason }, .. } => {
                    return Err(LoginError::Unreachable { reason });
                }
                ConnectionState::Waiting {
                    cause: DisconnectCause::RefusedOrOverloaded { in_a_row }, ..
                } => return Err(LoginError::Silent { in_a_row }),
                _ => {}
            }
        }
    }
}
