//! The receiving half of a link.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::oneshot;
use wkproto::{Decoder, Frame, PacketType};

use super::CloseReason;
use super::outgoing::Outgoing;

/// How much is read at once; the buffer grows beyond it only for packets that are larger.
const READ_CHUNK: usize = 16 << 10;
/// Less free space than this is not worth a read.
const READ_MIN: usize = 2 << 10;

/// What a link brings.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "a packet or the end")]
pub enum LinkEvent {
    /// A whole packet.
    Frame(Frame),
    /// The link has ended; nothing follows.
    Closed(CloseReason),
}

/// The receiving half. It reads only when asked, so a slow reader holds back the peer (by TCP's flow control) and
/// not more than one packet and one read is kept here. Dropping it stops reading at once.
pub struct LinkReceiver {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    decoder: Decoder,
    write_error: Option<oneshot::Receiver<io::Error>>,
    /// Where PONGs let messages go on.
    outgoing: Outgoing,
    closed: bool,
}

impl LinkReceiver {
    pub(super) fn new(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        frame_limit: usize,
        write_error: oneshot::Receiver<io::Error>,
        outgoing: Outgoing,
    ) -> Self {
        let decoder = Decoder::with_limit(frame_limit);
        Self { reader, decoder, write_error: Some(write_error), outgoing, closed: false }
    }

    /// Waits for the next event: packets in the order they came, then one [`LinkEvent::Closed`], then nothing.
    /// Dropping the future loses nothing.
    pub async fn recv(&mut self) -> Option<LinkEvent> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// The next event if it is here already; nothing also once the link has ended.
    pub fn try_recv(&mut self) -> Option<LinkEvent> {
        match self.poll_recv(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    /// [`Self::recv`] for hand-written futures.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<LinkEvent>> {
        if self.closed {
            return Poll::Ready(None);
        }
        let reason = loop {
            match self.decoder.next_frame() {
                Ok(Some(frame)) => {
                    if frame.packet_type() == PacketType::Pong {
                        self.outgoing.pong();
                    }
                    return Poll::Ready(Some(LinkEvent::Frame(frame)));
                }
                Ok(None) => {}
                Err(error) => break CloseReason::Protocol(error),
            }
            match self.poll_read(cx) {
                Poll::Ready(Ok(0)) => break self.end_of_stream(),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => break CloseReason::Read(error),
                // What can be read comes first: the peer's last words tell more than a failed write.
                Poll::Pending => match self.poll_write_error(cx) {
                    Poll::Ready(error) => break CloseReason::Write(error),
                    Poll::Pending => return Poll::Pending,
                },
            }
        };
        tracing::debug!(%reason, "link closed");
        self.closed = true;
        Poll::Ready(Some(LinkEvent::Closed(reason)))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let buffer = self.decoder.buffer_mut();
        if buffer.capacity() - buffer.len() < READ_MIN {
            buffer.reserve(READ_CHUNK);
        }
        // The read future holds no state, so it may be a new one at every poll.
        pin!(self.reader.read_buf(buffer)).poll(cx)
    }

    fn poll_write_error(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(write_error) = &mut self.write_error else { return Poll::Pending };
        match Pin::new(write_error).poll(cx) {
            Poll::Ready(Ok(error)) => Poll::Ready(error),
            // The writer ended without an error: closed or dropped by its owner.
            Poll::Ready(Err(_)) => {
                self.write_error = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn end_of_stream(&self) -> CloseReason {
        match self.decoder.buffered() {
            0 => CloseReason::Ended,
            received => CloseReason::Truncated { received },
        }
    }
}

impl fmt::Debug for LinkReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkReceiver")
            .field("buffered", &self.decoder.buffered())
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
