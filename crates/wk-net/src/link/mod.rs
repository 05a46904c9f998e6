//! A link: a byte stream that carries whole packets.

mod close;
mod outgoing;
mod pace;
mod receiver;
mod sender;
mod writer;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;

pub use self::close::{CloseReason, Unflushed};
pub use self::receiver::{LinkEvent, LinkReceiver};
pub use self::sender::{Closing, LinkSender, SendError};
pub(crate) use self::writer::BatchWriter;

use self::outgoing::Outgoing;
use self::pace::Pace;
use self::writer::StreamWriter;

/// A connection to a server, in two halves that may live in different tasks.
///
/// The link ends when the peer ends it, when a half fails (both are told), by [`LinkSender::close`], or at once
/// when both halves are dropped.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "two halves, made to be taken apart")]
pub struct Link {
    /// What goes out.
    pub sender: LinkSender,
    /// What comes in.
    pub receiver: LinkReceiver,
}

/// How much memory one link may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body of a received packet, in bytes; more is an error. Servers send at most 1 MiB.
    pub frame_body: usize,
    /// How many bytes may wait to be written; more is [`SendError::Full`].
    pub send_queue: usize,
}

impl Default for Limits {
    /// Bodies of 1 MiB, and room for 128 packets of the largest payload (32 KiB of text and its envelope each).
    fn default() -> Self {
        Self { frame_body: wkproto::DEFAULT_LIMIT, send_queue: 8 << 20 }
    }
}

impl Link {
    /// A link over any byte stream: TLS, a proxy's tunnel, a simulated network.
    ///
    /// # Panics
    /// Outside a tokio runtime: the writer is a task of its own.
    pub fn from_stream(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self::with_limits(stream, Limits::default())
    }

    /// The same with other limits.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn with_limits(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, limits: Limits) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self::from_halves(reader, writer, limits)
    }

    /// A link over a stream that was split already.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn from_halves(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
        limits: Limits,
    ) -> Self {
        Self::start(reader, StreamWriter(writer), limits, None)
    }

    /// A link over WebSocket messages.
    pub(crate) fn from_messages(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl BatchWriter + 'static,
        limits: Limits,
    ) -> Self {
        Self::start(reader, writer, limits, Some(Pace::default()))
    }

    fn start(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl BatchWriter + 'static,
        limits: Limits,
        pace: Option<Pace>,
    ) -> Self {
        let outgoing = Outgoing::new(limits.send_queue, pace);
        let (closing, closed) = oneshot::channel();
        let (broken, write_error) = oneshot::channel();
        let task = tokio::spawn(writer::run(outgoing.clone(), writer, closed, broken));
        Self {
            receiver: LinkReceiver::new(Box::new(reader), limits.frame_body, write_error, outgoing.clone()),
            sender: LinkSender::new(outgoing, closing, task),
        }
    }

    /// The two halves.
    pub fn split(self) -> (LinkSender, LinkReceiver) {
        (self.sender, self.receiver)
    }
}
