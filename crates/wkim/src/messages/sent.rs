//! A message that was handed over: what becomes of it.

use std::ops::Deref;

use thiserror::Error as ThisError;
use wk_sync::Event;
use wk_sync::store::model::{Message, MessageStatus, ReasonCode};

use crate::{Client, Error, EventsError};

/// A message that was handed over, as it was stored. Dropping it changes nothing: the message is sent all the same.
#[derive(Debug, Clone)]
pub struct SendHandle {
    client: Client,
    message: Message,
}

/// Why a message did not reach the server.
#[derive(Debug, Clone, ThisError)]
#[non_exhaustive]
pub enum NotSent {
    /// The server refused it, or it was given up. It stays stored.
    #[error("the message was not sent{}", reason.map(|reason| format!(": {reason}")).unwrap_or_default())]
    Failed {
        /// The server's reason, if it gave one.
        reason: Option<ReasonCode>,
    },
    /// It took too long, was cancelled, or what it names could not be uploaded. It stays stored.
    #[error("the message was given up: {status:?}")]
    GivenUp {
        /// What ended it.
        status: MessageStatus,
    },
    /// It is no longer stored.
    #[error("the message was removed before it was sent")]
    Removed,
    /// The client is not running, or its store failed.
    #[error(transparent)]
    Client(#[from] Error),
}

impl SendHandle {
    pub(super) const fn new(client: Client, message: Message) -> Self {
        Self { client, message }
    }

    /// The message as it was stored.
    pub fn into_message(self) -> Message {
        self.message
    }

    /// Takes the message back, as [`Messages::cancel`](crate::Messages::cancel).
    ///
    /// # Errors
    /// As [`Messages::cancel`](crate::Messages::cancel).
    pub async fn cancel(&self) -> Result<(), Error> {
        self.client.messages().cancel(&self.message).await
    }

    /// Sends the message again after it was given up, as [`Messages::retry`](crate::Messages::retry).
    ///
    /// # Errors
    /// As [`Messages::retry`](crate::Messages::retry).
    pub async fn retry(&self) -> Result<(), Error> {
        self.client.messages().retry(&self.message).await
    }

    /// Waits until the server has answered, however long that takes, and gives the message as it is then. Dropping the
    /// future changes nothing.
    ///
    /// # Errors
    /// Why it did not reach the server.
    pub async fn acked(&self) -> Result<Message, NotSent> {
        let mut events = self.client.events();
        loop {
            // What happened before the subscription, or was dropped from it, is in the store.
            let stored = self.stored().await?.ok_or(NotSent::Removed)?;
            if let Some(outcome) = outcome(stored) {
                return outcome;
            }
            loop {
                match events.next().await {
                    Ok(Event::Refreshed(message)) if self.is(&message) => {
                        if let Some(outcome) = outcome(message) {
                            return outcome;
                        }
                    }
                    Ok(_) => {}
                    Err(EventsError::Lagged { .. }) => break,
                    Err(EventsError::Ended) => return Err(Error::Stopped.into()),
                }
            }
        }
    }

    fn is(&self, other: &Message) -> bool {
        let ours = &self.message;
        other.client_msg_no == ours.client_msg_no
            && other.channel == ours.channel
            && other.from_uid == ours.from_uid
    }

    async fn stored(&self) -> Result<Option<Message>, Error> {
        let Message { channel, from_uid, client_msg_no, .. } = &self.message;
        self.client.messages().by_client_msg_no(channel, from_uid, client_msg_no).await
    }
}

fn outcome(message: Message) -> Option<Result<Message, NotSent>> {
    match message.status {
        MessageStatus::Sent => Some(Ok(message)),
        MessageStatus::Failed => Some(Err(NotSent::Failed { reason: message.reason_code })),
        status if status.is_given_up() => Some(Err(NotSent::GivenUp { status })),
        _ => None,
    }
}

impl Deref for SendHandle {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}
