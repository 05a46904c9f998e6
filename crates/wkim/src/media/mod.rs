//! Uploads of what messages name: which are waiting, how far they are, and how they are paused.

mod progress;
mod uploader;
mod watch;

use wk_sync::store::StoreReader;
use wk_sync::store::model::{Message, OutboxState};

pub(crate) use self::progress::Board;
pub use self::progress::UploadProgress;
pub(crate) use self::uploader::Uploads;
pub use self::uploader::{ProgressReporter, Uploader};
pub use self::watch::UploadWatch;
use crate::request::Request;
use crate::{Client, Error};

/// Uploads of a client, from [`Client::media`]: of messages that were sent with
/// [`SendBuilder::upload`](crate::SendBuilder::upload) or [`SendBuilder::needs_upload`](crate::SendBuilder::needs_upload).
/// [`Messages::cancel`](crate::Messages::cancel) gives one up, and [`Messages::retry`](crate::Messages::retry) begins one
/// anew that was given up.
#[derive(Debug, Clone, Copy)]
pub struct Media<'a> {
    client: &'a Client,
}

/// An upload that is not done.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Upload {
    /// The message, with its draft as its payload.
    pub message: Message,
    /// How far it is; nothing where it does not run: it waits for others, for its next attempt, or is paused.
    pub progress: Option<UploadProgress>,
}

impl<'a> Media<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// The uploads that are not done, the oldest message first. After a restart they go on by themselves.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Stopped`].
    pub async fn uploads(&self) -> Result<Vec<Upload>, Error> {
        let read = |reader: &mut dyn StoreReader| {
            let uploading =
                reader.outbox()?.into_iter().filter(|entry| entry.state == OutboxState::Uploading);
            let mut messages = Vec::new();
            for entry in uploading {
                messages.extend(reader.message(entry.client_seq)?);
            }
            Ok(messages)
        };
        let board = self.client.board();
        let upload = |message: Message| Upload { progress: board.current(message.client_seq), message };
        Ok(self.client.read(read).await?.into_iter().map(upload).collect())
    }

    /// How far the upload of a message is, from now on.
    pub fn progress(&self, message: &Message) -> UploadWatch {
        UploadWatch::new(self.client.clone(), message.client_seq)
    }

    /// Stops an upload where it is. It holds up no other, and is not given up however long it takes; messages of its
    /// channel that keep their order wait behind it. A restart lets it go on.
    ///
    /// # Errors
    /// [`Error::Query`] if the message does not wait for an upload; [`Error::Store`], [`Error::Stopped`].
    pub async fn pause(&self, message: &Message) -> Result<(), Error> {
        self.pause_or_resume(message, true).await
    }

    /// Lets a paused upload go on; [`Uploader::upload`] is called anew.
    ///
    /// # Errors
    /// As [`Media::pause`].
    pub async fn resume(&self, message: &Message) -> Result<(), Error> {
        self.pause_or_resume(message, false).await
    }

    async fn pause_or_resume(&self, message: &Message, paused: bool) -> Result<(), Error> {
        self.client.ask(|answer| Request::PauseUpload { row: message.client_seq, paused, answer }).await
    }
}
