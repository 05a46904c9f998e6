//! Who uploads: the application's port, and what it says how far it is.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use wk_sync::{DataSource, SourceError, UploadRequest};

use super::progress::{Board, Meter, UploadProgress};

/// Where an application uploads what its messages name. Without one, [`DataSource::upload`] is asked, which says nothing of
/// how far it is.
///
/// Three uploads run at once. One that fails with [`SourceError::Unreachable`] or [`SourceError::TimedOut`] is tried again
/// after 2, 4, 8, 16 and 32 seconds; anything else, and the sixth failure, ends the message as
/// [`NotUploaded`](crate::MessageStatus::NotUploaded).
#[async_trait]
pub trait Uploader: Send + Sync {
    /// Uploads what a message names, such as the file at the `localPath` of its payload, and gives the message's final
    /// payload. No path of this device is sent, even if it is left in there.
    ///
    /// When the user pauses or cancels, the future is dropped. The same message is asked for again when the user resumes, after
    /// a failure, and after a restart. Whoever can go on in the middle of a file finds it by the message's
    /// [`client_msg_no`](crate::Message::client_msg_no), which stays the same.
    ///
    /// # Errors
    /// The upload failed.
    async fn upload(
        &self,
        request: &UploadRequest,
        progress: &ProgressReporter,
    ) -> Result<Bytes, SourceError>;
}

/// Where an [`Uploader`] says how far it is.
#[derive(Debug)]
pub struct ProgressReporter(Arc<Meter>);

impl ProgressReporter {
    /// So much of so much is done, in bytes or whatever fits. Whoever watches sees the last word.
    pub fn report(&self, done: u64, total: u64) {
        let now = UploadProgress::new(done, total);
        self.0.send_if_modified(|shown| std::mem::replace(shown, now) != now);
    }
}

/// Who uploads for a client.
#[derive(Clone)]
pub(crate) struct Uploads {
    pub(crate) uploader: Option<Arc<dyn Uploader>>,
    pub(crate) board: Arc<Board>,
}

impl Uploads {
    pub(crate) async fn upload(
        &self,
        source: &dyn DataSource,
        request: &UploadRequest,
    ) -> Result<Bytes, SourceError> {
        match &self.uploader {
            Some(uploader) => {
                let progress = ProgressReporter(self.board.meter(request.message.client_seq));
                uploader.upload(request, &progress).await
            }
            None => source.upload(request).await,
        }
    }
}
