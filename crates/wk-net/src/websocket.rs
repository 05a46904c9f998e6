//! WebSocket as a stream of bytes: binary messages in, one binary message for each batch out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, Stream as _, StreamExt as _};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::link::BatchWriter;
use crate::{Endpoint, Limits, Stream};

/// The buffer that each connection reads into.
const READ_BUFFER: usize = 16 << 10;
/// Servers put one packet into a message, proxies might join some.
const PACKETS_IN_MESSAGE: usize = 4;

/// The HTTP handshake. Paths are taken as they are; there is no subprotocol (docs/servers.md §3).
pub(crate) async fn open<S: Stream>(
    endpoint: &Endpoint,
    stream: S,
    limits: Limits,
) -> io::Result<(MessageReader<S>, MessageWriter<S>)> {
    let scheme = endpoint.transport().scheme();
    let authority = endpoint.authority();
    let request = Request::get(format!("{scheme}://{authority}{}", endpoint.path()))
        .header("Host", authority)
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", generate_key())
        .body(())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let message = limits.frame_body.saturating_mul(PACKETS_IN_MESSAGE);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        // A batch is gathered already: it goes out as it comes.
        .write_buffer_size(0)
        .max_message_size(Some(message))
        .max_frame_size(Some(message));
    let (socket, _response) =
        client_async_with_config(request, stream, Some(config)).await.map_err(to_io_error)?;
    let (writer, reader) = socket.split();
    Ok((MessageReader { messages: reader, current: Bytes::new() }, MessageWriter { messages: writer }))
}

/// The incoming messages, one behind the other: a packet may span messages, and a message may hold several
/// (docs/servers.md §3).
pub(crate) struct MessageReader<S> {
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
                // A server that was switched to JSON (docs/servers.md T32), or no such server.
                Some(Ok(Message::Text(_))) => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                // Answered by the library, or of no meaning.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Ok(())),
                Some(Err(error)) if is_end(&error) => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(Err(to_io_error(error))),
            }
        }
        let taken = this.current.len().min(buffer.remaining());
        buffer.put_slice(&this.current.split_to(taken));
        if !this.current.has_remaining() {
            // Nothing may keep the message's memory.
            this.current = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

/// The outgoing side: a batch is one unfragmented binary message (docs/servers.md T30).
pub(crate) struct MessageWriter<S> {
    messages: SplitSink<WebSocketStream<S>, Message>,
}

impl<S: Stream> BatchWriter for MessageWriter<S> {
    async fn write(&mut self, batch: Bytes) -> io::Result<()> {
        self.messages.send(Message::Binary(batch)).await.map_err(to_io_error)
    }

    async fn finish(&mut self) -> io::Result<()> {
        match self.messages.close().await {
            Err(error) if !is_end(&error) => Err(to_io_error(error)),
            _ => Ok(()),
        }
    }
}

/// Servers close the TCP connection without a word of WebSocket.
const fn is_end(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    )
}

fn to_io_error(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error),
    }
}
