//! What a connection reads from and writes to, however its bytes travel.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::websocket::MessageWriter;

/// A byte stream in both directions.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// The reading half of a connection.
pub(super) type ReadHalf = Box<dyn AsyncRead + Send + Unpin>;

/// The writing half of a connection.
pub(super) enum WriteHalf {
    Bytes(Box<dyn AsyncWrite + Send + Unpin>),
    /// One packet is one message, as the real server does it.
    Messages(Box<dyn MessageWriter>),
}

impl WriteHalf {
    /// Writes packets, of which the last may be cut.
    pub(super) async fn write(&mut self, packets: &[u8]) -> io::Result<()> {
        match self {
            Self::Bytes(half) => {
                half.write_all(packets).await?;
                half.flush().await
            }
            Self::Messages(half) => half.write(packets).await,
        }
    }
}

/// The halves of a stream without messages.
pub(super) fn split(stream: impl Stream) -> (ReadHalf, WriteHalf) {
    let (reader, writer) = tokio::io::split(stream);
    (Box::new(reader), WriteHalf::Bytes(Box::new(writer)))
}
