//! A stream below WebSocket that loses what the real server loses (docs/servers.md T30, T58).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::stream::Stream;

/// How much the real server reads at once.
const READ: usize = 32 << 10;

/// The real server takes a frame that is not whole for later only if it is the first one it has. One that begins
/// behind another in the same read and is not whole is thrown away, and what follows makes no sense any more: the
/// connection stays open and hears nothing. The same happens with a frame that is not the last of its message.
pub(super) struct BurstLoss<S> {
    stream: S,
    state: State,
    /// Read, not yet taken apart.
    waiting: BytesMut,
    /// Taken apart, whole frames.
    whole: BytesMut,
}

#[derive(PartialEq)]
enum State {
    /// Everything passes: the HTTP handshake, or for good.
    Open,
    Framed,
    Deaf,
}

/// A frame's length, if its header is there, and whether it is the last one of its message.
struct Frame {
    len: usize,
    last: bool,
}

impl<S> BurstLoss<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, state: State::Open, waiting: BytesMut::new(), whole: BytesMut::new() }
    }

    /// From here on there are frames.
    pub(super) fn start(&mut self) {
        self.state = State::Framed;
    }

    /// Does with a read what the real server does.
    fn sort(&mut self) {
        let Some(first) = frame(&self.waiting) else { return };
        if !first.last {
            return self.go_deaf();
        }
        if first.len > self.waiting.len() {
            return;
        }
        while let Some(frame) = frame(&self.waiting).filter(|frame| frame.len <= self.waiting.len()) {
            self.whole.extend_from_slice(&self.waiting.split_to(frame.len));
        }
        if !self.waiting.is_empty() {
            self.go_deaf();
        }
    }

    fn go_deaf(&mut self) {
        tracing::debug!("a WebSocket message is lost, and with it the connection");
        self.waiting.clear();
        self.state = State::Deaf;
    }
}

/// Reads the header of a frame (RFC 6455 §5.2); nothing if it is not whole.
fn frame(bytes: &[u8]) -> Option<Frame> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let mut header = 2;
    let payload = match second & 0x7f {
        126 => {
            header += 2;
            bytes.get(2..4)?.iter().fold(0, |len, byte| len << 8 | u64::from(*byte))
        }
        127 => {
            header += 8;
            bytes.get(2..10)?.iter().fold(0, |len, byte| len << 8 | u64::from(*byte))
        }
        short => u64::from(short),
    };
    if second & 0x80 != 0 {
        header += 4;
    }
    let len = usize::try_from(payload).unwrap_or(usize::MAX).saturating_add(header);
    Some(Frame { len, last: first & 0x80 != 0 })
}

impl<S: Stream> AsyncRead for BurstLoss<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state == State::Open {
            return Pin::new(&mut this.stream).poll_read(cx, out);
        }
        while this.whole.is_empty() {
            let mut read = [0; READ];
            let mut read = ReadBuf::new(&mut read);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if this.state != State::Deaf {
                this.waiting.extend_from_slice(read.filled());
                this.sort();
            }
        }
        let taken = this.whole.len().min(out.remaining());
        out.put_slice(this.whole.get(..taken).unwrap_or_default());
        this.whole.advance(taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for BurstLoss<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{DuplexStream, duplex};

    fn loss() -> BurstLoss<DuplexStream> {
        let mut loss = BurstLoss::new(duplex(1).0);
        loss.start();
        loss
    }

    fn masked(len: u8) -> Vec<u8> {
        [&[0x82, 0x80 | len, 1, 2, 3, 4][..], &vec![7; usize::from(len)]].concat()
    }

    #[test]
    fn a_first_frame_may_come_in_pieces() {
        let mut loss = loss();
        for byte in masked(20) {
            loss.waiting.extend_from_slice(&[byte]);
            loss.sort();
        }
        assert!(loss.whole == masked(20) && loss.state == State::Framed);
    }

    #[test]
    fn a_second_frame_that_is_not_whole_ends_everything() {
        let mut loss = loss();
        let burst = [masked(20), masked(30), masked(40)].concat();
        loss.waiting.extend_from_slice(&burst[..burst.len() - 1]);
        loss.sort();
        assert!(loss.whole == [masked(20), masked(30)].concat() && loss.state == State::Deaf);
    }

    #[test]
    fn a_fragment_ends_everything() {
        let mut loss = loss();
        loss.waiting.extend_from_slice(&[0x02, 0x80]);
        loss.sort();
        assert!(loss.whole.is_empty() && loss.state == State::Deaf);
    }

    #[test]
    fn lengths_of_all_sizes_are_read() {
        let len = |bytes: &[u8]| frame(bytes).map(|frame| frame.len);
        assert_eq!(len(&[0x82, 5]), Some(7));
        assert_eq!(len(&[0x82, 126, 1, 0]), Some(260));
        assert_eq!(len(&[0x82, 0xfe, 1]), None);
        assert_eq!(len(&[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]), Some(65_536 + 14));
        assert_eq!(len(&[0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]), Some(usize::MAX));
    }
}
