//! The task that writes a link's queue to its stream.

use std::future::Future;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::outgoing::{Outgoing, Step};

/// Where batches of whole packets go.
pub(crate) trait BatchWriter: Send {
    /// Writes a batch and flushes it.
    fn write(&mut self, batch: Bytes) -> impl Future<Output = io::Result<()>> + Send;

    /// Ends the stream in this direction.
    fn finish(&mut self) -> impl Future<Output = io::Result<()>> + Send;
}

/// A byte stream, where batches lie one behind the other.
pub(super) struct StreamWriter<W>(pub(super) W);

impl<W: AsyncWrite + Send + Unpin> BatchWriter for StreamWriter<W> {
    async fn write(&mut self, batch: Bytes) -> io::Result<()> {
        self.0.write_all(&batch).await?;
        // Nothing may linger in the buffer of a stream that has one, such as TLS.
        self.0.flush().await
    }

    async fn finish(&mut self) -> io::Result<()> {
        self.0.shutdown().await
    }
}

/// Runs until the queue is finished and written, a write fails, or the sender is gone: dropped (at once) or closed
/// (after the time it gave).
pub(super) async fn run(
    outgoing: Outgoing,
    writer: impl BatchWriter,
    closed: oneshot::Receiver<Duration>,
    broken: oneshot::Sender<io::Error>,
) {
    let deadline = async {
        if let Ok(within) = closed.await {
            sleep(within).await;
        }
    };
    let result = tokio::select! {
        // The end of the sender comes first: nothing may be written after it.
        biased;
        () = deadline => Ok(()),
        result = write_all(&outgoing, writer) => result,
    };
    outgoing.finish();
    if let Err(error) = result {
        tracing::debug!(%error, "writing failed");
        // Nobody to tell if the receiver is gone.
        drop(broken.send(error));
    }
}

async fn write_all(outgoing: &Outgoing, mut writer: impl BatchWriter) -> io::Result<()> {
    loop {
        match outgoing.next_step().await {
            Step::Write(batch) => writer.write(batch).await?,
            Step::Finish => return writer.finish().await,
        }
    }
}
