//! Frames and streams that the tests of a link use.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(unreachable_pub, reason = "a module of a test binary")]

pub mod tls;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wk_net::{CloseReason, LinkEvent, LinkReceiver};

/// Paused time reaches it as soon as nothing else can happen.
pub const HOUR: Duration = Duration::from_secs(3600);

/// An EVENT packet with a body of `len` bytes; `tag` tells it from others.
pub fn packet(len: usize, tag: u8) -> Vec<u8> {
    let mut packet = vec![0xc0];
    let mut rest = len;
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap();
        rest >>= 7;
        packet.push(if rest > 0 { low | 0x80 } else { low });
        if rest == 0 {
            break;
        }
    }
    packet.resize(packet.len() + len, tag);
    packet
}

/// The next frame's bytes.
pub async fn frame(receiver: &mut LinkReceiver) -> Vec<u8> {
    match receiver.recv().await {
        Some(LinkEvent::Frame(frame)) => frame.as_bytes().to_vec(),
        other => panic!("expected a frame, got {other:?}"),
    }
}

/// The end of the link, after which nothing may come.
pub async fn end(receiver: &mut LinkReceiver) -> CloseReason {
    match receiver.recv().await {
        Some(LinkEvent::Closed(reason)) => {
            assert!(receiver.recv().await.is_none());
            assert!(receiver.try_recv().is_none());
            reason
        }
        other => panic!("expected the end, got {other:?}"),
    }
}

/// A stream under the test's control: what it reads is scripted, what it writes is recorded.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    reads: VecDeque<io::Result<Vec<u8>>>,
    writes: Vec<Vec<u8>>,
    stalled: bool,
    fail_writes: Option<io::ErrorKind>,
    waker: Option<std::task::Waker>,
}

impl Scripted {
    /// Adds what the next reads give; with nothing left, reading waits for ever.
    pub fn reads(self, reads: impl IntoIterator<Item = io::Result<Vec<u8>>>) -> Self {
        self.0.lock().unwrap().reads.extend(reads);
        self
    }

    /// How many reads have not been asked for.
    pub fn unread(&self) -> usize {
        self.0.lock().unwrap().reads.len()
    }

    /// Lets writing wait, or go on.
    pub fn stall(&self, stalled: bool) {
        let mut script = self.0.lock().unwrap();
        script.stalled = stalled;
        if let Some(waker) = script.waker.take() {
            waker.wake();
        }
    }

    /// Lets every write fail.
    pub fn fail_writes(self, kind: io::ErrorKind) -> Self {
        self.0.lock().unwrap().fail_writes = Some(kind);
        self
    }

    /// What each write call brought.
    pub fn writes(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().writes.clone()
    }
}

impl AsyncRead for Scripted {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let reads = &mut self.0.lock().unwrap().reads;
        match reads.pop_front() {
            Some(Ok(mut bytes)) => {
                let rest = bytes.split_off(bytes.len().min(buf.remaining()));
                buf.put_slice(&bytes);
                if !rest.is_empty() {
                    reads.push_front(Ok(rest));
                }
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => Poll::Pending,
        }
    }
}

impl AsyncWrite for Scripted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut script = self.0.lock().unwrap();
        if let Some(kind) = script.fail_writes {
            return Poll::Ready(Err(kind.into()));
        }
        if script.stalled {
            script.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        script.writes.push(buf.to_vec());
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
