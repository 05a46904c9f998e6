//! Why a link ended.

use std::io;

use thiserror::Error;
use wkproto::DecodeError;

/// Why a link ended.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer ended it between two packets.
    #[error("the peer closed the connection")]
    Ended,
    /// The peer ended it within a packet.
    #[error("the peer closed the connection within a packet, of which {received} bytes had arrived")]
    Truncated {
        /// How much of the packet had come.
        received: usize,
    },
    /// Reading failed.
    #[error("cannot read from the connection: {0}")]
    Read(#[source] io::Error),
    /// Writing failed. What could still be read was delivered first.
    #[error("cannot write to the connection: {0}")]
    Write(#[source] io::Error),
    /// The peer sent bytes that are no packet.
    #[error("the peer broke the protocol: {0}")]
    Protocol(#[source] DecodeError),
}

/// A graceful close did not get everything out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the link was closed with {bytes} queued bytes not written")]
#[non_exhaustive]
pub struct Unflushed {
    /// How many bytes were left, those of a half-written batch included.
    pub bytes: usize,
}
