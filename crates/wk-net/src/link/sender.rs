//! The sending half of a link.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Unflushed, outgoing::Outgoing};

/// Why a packet was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// The peer does not read: what is queued and this packet would exceed the limit.
    #[error("cannot queue a packet of {packet} bytes: {queued} of {limit} bytes are waiting to be written")]
    Full {
        /// How many bytes wait.
        queued: usize,
        /// How many bytes the packet has.
        packet: usize,
        /// How many bytes may wait.
        limit: usize,
    },
    /// Writing has ended: it failed, or the link was closed.
    #[error("cannot queue a packet: the link is closed")]
    Closed,
}

/// The sending half. Dropping it stops writing at once, whatever is queued.
pub struct LinkSender {
    outgoing: Outgoing,
    closing: oneshot::Sender<Duration>,
    task: JoinHandle<()>,
}

impl LinkSender {
    pub(super) const fn new(
        outgoing: Outgoing,
        closing: oneshot::Sender<Duration>,
        task: JoinHandle<()>,
    ) -> Self {
        Self { outgoing, closing, task }
    }

    /// Queues one or more whole packets and returns at once. Packets that gather before the stream takes them go out together.
    /// `Ok` does not mean that the packet was written.
    ///
    /// # Errors
    /// The queue is full, or the link has ended.
    pub fn send(&self, packets: &[u8]) -> Result<(), SendError> {
        self.outgoing.push(packets)
    }

    /// Paces a WebSocket to a v2 server, which loses what follows when two messages reach it in one read
    /// (docs/servers.md T58): from now on each message ends with a PING, and the next one, with everything that
    /// gathers meanwhile, goes out after the PONG. To be called when the generation is known, that is after CONNACK.
    /// Where there are no messages, it does nothing.
    ///
    /// The receiving half sees the PONGs, so it has to be read for the sending half to go on.
    pub fn pace(&self) {
        self.outgoing.pace();
    }

    /// How many bytes wait to be written.
    pub fn queued(&self) -> usize {
        self.outgoing.unwritten()
    }

    /// Writes what is queued, then ends the stream in this direction; gives up after `within`. This begins at once
    /// and goes on when the returned future is dropped. The peer sees the end of the stream; the receiving half
    /// stays open until the peer ends it too.
    pub fn close(self, within: Duration) -> Closing {
        self.outgoing.finish();
        // Refused only when the task has ended already, because writing failed.
        self.closing.send(within).unwrap_or_default();
        Closing { outgoing: self.outgoing, task: self.task }
    }
}

impl fmt::Debug for LinkSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkSender").field("queued", &self.queued()).finish_non_exhaustive()
    }
}

/// Waits for a graceful close. Dropping it does not stop the close.
pub struct Closing {
    outgoing: Outgoing,
    task: JoinHandle<()>,
}

impl Future for Closing {
    type Output = Result<(), Unflushed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // However the task ended, what counts is whether bytes are left.
        drop(ready!(Pin::new(&mut self.task).poll(cx)));
        Poll::Ready(match self.outgoing.unwritten() {
            0 => Ok(()),
            bytes => Err(Unflushed { bytes }),
        })
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closing").field("unwritten", &self.outgoing.unwritten()).finish_non_exhaustive()
    }
}
