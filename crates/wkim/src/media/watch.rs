//! Watching one upload.

use std::sync::Arc;

use tokio::sync::watch;
use wk_sync::Event;
use wk_sync::store::StoreReader;
use wk_sync::store::model::{ClientSeq, OutboxState};

use super::progress::{Meter, UploadProgress};
use crate::{Client, Error, Events, EventsError};

/// How far one upload is, from [`Media::progress`](crate::Media::progress). A slow reader sees fewer steps, and always the
/// last one.
#[derive(Debug)]
pub struct UploadWatch {
    client: Client,
    row: ClientSeq,
    events: Events,
    /// Kept alive, so that what was done is still shown while the upload is paused.
    _meter: Arc<Meter>,
    steps: watch::Receiver<UploadProgress>,
    /// Something happened since it was last looked whether the message still waits.
    in_doubt: bool,
}

impl UploadWatch {
    pub(super) fn new(client: Client, row: ClientSeq) -> Self {
        let (events, meter) = (client.events(), client.board().meter(row));
        let mut steps = meter.subscribe();
        if steps.borrow_and_update().total > 0 {
            steps.mark_changed();
        }
        Self { client, row, events, _meter: meter, steps, in_doubt: true }
    }

    /// Waits for the next step. Nothing when the upload is done or given up; what became of the message is in
    /// [`SendHandle::acked`](crate::SendHandle::acked) and in its events. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn next(&mut self) -> Result<Option<UploadProgress>, Error> {
        loop {
            if self.steps.has_changed().unwrap_or_default() {
                return Ok(Some(*self.steps.borrow_and_update()));
            }
            if self.in_doubt {
                let row = self.row;
                if !self.client.read(move |reader| waits(reader, row)).await? {
                    return Ok(None);
                }
                self.in_doubt = false;
            }
            tokio::select! {
                _ = self.steps.changed() => return Ok(Some(*self.steps.borrow_and_update())),
                event = self.events.next() => match event {
                    Ok(Event::Refreshed(message)) => self.in_doubt = message.client_seq == self.row,
                    Ok(Event::Removed { .. } | Event::Cleared { .. } | Event::ChannelReset(_))
                    | Err(EventsError::Lagged { .. }) => self.in_doubt = true,
                    Ok(_) => {}
                    Err(EventsError::Ended) => return Err(Error::Stopped),
                },
            }
        }
    }
}

fn waits(reader: &mut dyn StoreReader, row: ClientSeq) -> Result<bool, wk_sync::store::StoreError> {
    let outbox = reader.outbox()?;
    Ok(outbox.iter().any(|entry| entry.client_seq == row && entry.state == OutboxState::Uploading))
}
