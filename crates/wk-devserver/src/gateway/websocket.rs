//! WebSocket as the real servers do it: messages in as one stream, one packet out in each message.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, Stream as _, StreamExt as _};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use wkproto::{Peek, peek};

use super::burst_loss::BurstLoss;
use super::stream::{ReadHalf, Stream, WriteHalf};

/// The largest message; the real server buffers up to 50 MiB.
const MESSAGE: usize = 50 << 20;
const READ_BUFFER: usize = 32 << 10;

/// What differs between the generations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Bursts of messages are lost as T58 in docs/servers.md says.
    pub(super) loses_bursts: bool,
    /// The path must be `/` (T31).
    pub(super) root_only: bool,
}

/// Answers the HTTP handshake.
pub(super) async fn accept(stream: impl Stream, rules: Rules) -> Result<(ReadHalf, WriteHalf), Error> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE))
        .max_frame_size(Some(MESSAGE));
    #[allow(clippy::result_large_err, reason = "the library's signature")]
    let check = |request: &Request, response: Response| {
        if rules.root_only && request.uri().path() != "/" {
            let mut refusal = ErrorResponse::new(None);
            *refusal.status_mut() = StatusCode::NOT_FOUND;
            return Err(refusal);
        }
        Ok(response)
    };
    let mut socket = accept_hdr_async_with_config(BurstLoss::new(stream), check, Some(config)).await?;
    if rules.loses_bursts {
        socket.get_mut().start();
    }
    let (writer, reader) = socket.split();
    Ok((
        Box::new(MessageReader { messages: reader, current: Bytes::new() }),
        WriteHalf::Messages(Box::new(writer)),
    ))
}

struct MessageReader<S> {
    messages: SplitStream<WebSocketStream<S>>,
    current: Bytes,
}

impl<S: Stream> AsyncRead for MessageReader<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.current.is_empty() {
            match ready!(Pin::new(&mut this.messages).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => this.current = bytes,
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                // Text would be JSON-RPC, which is not served here.
                Some(Ok(Message::Text(_) | Message::Close(_))) | None => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(Err(to_io_error(error))),
            }
        }
        let taken = this.current.len().min(buffer.remaining());
        buffer.put_slice(&this.current.split_to(taken));
        Poll::Ready(Ok(()))
    }
}

/// Writes packets as messages. Boxed, because the stream below may be any.
pub(super) trait MessageWriter: Send {
    fn write<'a>(
        &'a mut self,
        packets: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;
}

impl<S: Stream> MessageWriter for SplitSink<WebSocketStream<S>, Message> {
    fn write<'a>(
        &'a mut self,
        packets: &'a [u8],
    ) -> Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let mut rest = packets;
            while !rest.is_empty() {
                let len = match peek(rest, usize::MAX) {
                    Ok(Peek::Frame(len)) => len,
                    // A fault cuts here.
                    _ => rest.len(),
                };
                let (packet, others) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                self.feed(Message::Binary(Bytes::copy_from_slice(packet))).await.map_err(to_io_error)?;
                rest = others;
            }
            self.flush().await.map_err(to_io_error)
        })
    }
}

fn to_io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error),
    }
}
