//! The stream of events.

use thiserror::Error;
use tokio::sync::broadcast;
use wk_sync::Event;

/// Events of a client from the moment of the subscription on, in the order in which they became true.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

/// Why there is no next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The reader was too slow and these were dropped. Load what is shown again, then go on reading.
    #[error("{missed} events were dropped because they were not read in time")]
    Lagged {
        /// How many.
        missed: u64,
    },
    /// The client has ended.
    #[error("the client has ended")]
    Ended,
}

impl Events {
    pub(crate) const fn new(receiver: broadcast::Receiver<Event>) -> Self {
        Self { receiver }
    }

    /// Waits for the next event. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`EventsError::Lagged`] once after events were dropped; [`EventsError::Ended`] for good.
    pub async fn next(&mut self) -> Result<Event, EventsError> {
        self.receiver.recv().await.map_err(|error| match error {
            broadcast::error::RecvError::Lagged(missed) => EventsError::Lagged { missed },
            broadcast::error::RecvError::Closed => EventsError::Ended,
        })
    }
}
