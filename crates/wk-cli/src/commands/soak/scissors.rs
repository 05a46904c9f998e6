//! Connections that can be cut from outside, as a network does it: without a word to either side's program.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use wkim::net::{Connector, Endpoint, Opening, Stream};

/// Knows the open connections, the oldest first.
#[derive(Default)]
pub(super) struct Scissors {
    open: Mutex<VecDeque<Weak<Thread>>>,
    cuts: AtomicU64,
}

/// What a connection and the scissors share.
#[derive(Default)]
struct Thread {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cut: bool,
    reader: Option<Waker>,
}

impl Thread {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scissors {
    /// Cuts the oldest connection that is open.
    pub(super) fn cut_one(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(thread) = open.pop_front() {
            let Some(thread) = thread.upgrade() else { continue };
            let mut state = thread.state();
            state.cut = true;
            self.cuts.fetch_add(1, Ordering::Relaxed);
            if let Some(reader) = state.reader.take() {
                reader.wake();
            }
            return;
        }
    }

    /// How many connections were cut.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Opens connections that the scissors can cut.
pub(super) struct Cuttable(pub(super) Arc<Scissors>);

impl Connector for Cuttable {
    fn connect(&self, endpoint: &Endpoint) -> Opening {
        let (scissors, target) = (Arc::clone(&self.0), (endpoint.host().to_owned(), endpoint.port()));
        Box::pin(async move {
            let stream = TcpStream::connect(target).await?;
            stream.set_nodelay(true)?;
            let thread = Arc::new(Thread::default());
            let mut open = scissors.open.lock().unwrap_or_else(PoisonError::into_inner);
            // Connections that ended by themselves leave nothing behind.
            if open.front().is_some_and(|thread| thread.strong_count() == 0) {
                open.retain(|thread| thread.strong_count() > 0);
            }
            open.push_back(Arc::downgrade(&thread));
            drop(open);
            Ok(Box::new(Tied { stream: Some(stream), thread }) as Box<dyn Stream>)
        })
    }
}

struct Tied {
    stream: Option<TcpStream>,
    thread: Arc<Thread>,
}

impl Tied {
    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.thread.state().cut {
            self.stream = None;
        }
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Tied {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.thread.state().reader = Some(cx.waker().clone());
        let read = ready!(self.stream()?.poll_read(cx, buffer));
        Poll::Ready(read)
    }
}

impl AsyncWrite for Tied {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}
