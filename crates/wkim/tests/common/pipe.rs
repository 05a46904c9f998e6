//! Connections in memory to a development server, the first of which may be cut at a byte.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use wk_devserver::DevServer;
use wkim::net::{Connector, Endpoint, Opening, Stream};

/// How many bytes pass before the connection is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// Of those to the server.
    Out(usize),
    /// Of those from the server.
    In(usize),
}

/// Opens pipes to a server.
pub(crate) struct Pipes {
    server: Arc<DevServer>,
    /// For the next connection.
    cut: Mutex<Option<Cut>>,
    pub(crate) seen: Arc<Seen>,
}

/// The bytes that went through all pipes.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) out: AtomicUsize,
    pub(crate) back: AtomicUsize,
    pub(crate) cuts: AtomicUsize,
}

impl Pipes {
    pub(crate) fn new(server: Arc<DevServer>, cut: Option<Cut>) -> Self {
        Self { server, cut: Mutex::new(cut), seen: Arc::default() }
    }
}

impl Connector for Pipes {
    fn connect(&self, _: &Endpoint) -> Opening {
        let (near, far) = duplex(64 << 10);
        self.server.attach(far);
        let (out_left, in_left) = match self.cut.lock().unwrap().take() {
            None => (None, None),
            Some(Cut::Out(bytes)) => (Some(bytes), None),
            Some(Cut::In(bytes)) => (None, Some(bytes)),
        };
        let mut pipe =
            Pipe { near: Some(near), out_left, in_left, reader: None, seen: Arc::clone(&self.seen) };
        pipe.cut_if(out_left == Some(0) || in_left == Some(0));
        Box::pin(async { Ok(Box::new(pipe) as Box<dyn Stream>) })
    }
}

struct Pipe {
    near: Option<DuplexStream>,
    out_left: Option<usize>,
    in_left: Option<usize>,
    reader: Option<Waker>,
    seen: Arc<Seen>,
}

impl Pipe {
    fn cut_if(&mut self, spent: bool) {
        if spent && self.near.take().is_some() {
            self.seen.cuts.fetch_add(1, Ordering::Relaxed);
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
        }
    }
}

impl AsyncRead for Pipe {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Some(near) = &mut this.near else { return Poll::Ready(Ok(())) };
        this.reader = Some(cx.waker().clone());
        let room = buffer.remaining().min(this.in_left.unwrap_or(usize::MAX));
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(near).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        this.seen.back.fetch_add(read, Ordering::Relaxed);
        if let Some(left) = &mut this.in_left {
            *left -= read;
        }
        let spent = this.in_left == Some(0);
        this.cut_if(spent);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(near) = &mut this.near else { return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())) };
        let allowed = bytes.len().min(this.out_left.unwrap_or(usize::MAX));
        let written = ready!(Pin::new(near).poll_write(cx, &bytes[..allowed]))?;
        this.seen.out.fetch_add(written, Ordering::Relaxed);
        if let Some(left) = &mut this.out_left {
            *left -= written;
        }
        let spent = this.out_left == Some(0);
        this.cut_if(spent);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().near {
            Some(near) => Pin::new(near).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}
