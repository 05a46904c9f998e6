//! The task that writes a link's queue to its stream.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::outgoing::{Outgoing, Step};

/// Runs until the queue is finished and written, a write fails, or the sender is gone: dropped (at once) or closed
/// (after the time it gave).
pub(super) async fn run(
    outgoing: Outgoing,
    writer: impl AsyncWrite + Unpin,
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

async fn write_all(outgoing: &Outgoing, mut writer: impl AsyncWrite + Unpin) -> io::Result<()> {
    loop {
        match outgoing.next_step().await {
            Step::Write(batch) => {
                writer.write_all(&batch).await?;
                // Nothing may linger in the buffer of a stream that has one, such as TLS.
                writer.flush().await?;
            }
            Step::Finish => return writer.shutdown().await,
        }
    }
}
