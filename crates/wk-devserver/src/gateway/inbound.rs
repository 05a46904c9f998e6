//! The reading half of a connection: bytes counted, cut where a fault says so, and collected into packets.

use std::io;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;
use wkproto::{DecodeError, Decoder, Frame, Peek, peek};

use super::stream::ReadHalf;
use crate::stats::Traffic;

/// What a read was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Bytes,
    /// The client closed, or a fault cut the connection.
    End,
}

pub(super) struct Inbound {
    half: ReadHalf,
    decoder: Decoder,
    /// How much room the next read gets.
    room: usize,
    /// How many bytes may still come before the connection is cut.
    cut_after: Option<u64>,
    /// How many bytes of an unreadable packet are still to be thrown away.
    discard: Option<usize>,
}

/// What comes next in the buffer.
pub(super) enum Next {
    Frame(Frame),
    /// Nothing whole.
    More,
    /// The client is out of step; the server closes.
    Broken,
}

impl Inbound {
    pub(super) fn new(half: ReadHalf, cut_after: Option<u64>) -> Self {
        Self { half, decoder: Decoder::new(), room: FIRST_ROOM, cut_after, discard: None }
    }

    /// Waits for bytes. Cancelling it loses nothing.
    pub(super) async fn read(&mut self, traffic: &Traffic) -> io::Result<Read> {
        if self.cut_after == Some(0) {
            return Ok(Read::End);
        }
        let buffer = self.decoder.buffer_mut();
        buffer.reserve(self.room);
        let before = buffer.len();
        let read = self.half.read_buf(buffer).await?;
        if read >= self.room {
            self.room = (2 * self.room).min(MOST_ROOM);
        }
        traffic.bytes_in.add(read as u64);
        if read == 0 {
            return Ok(Read::End);
        }
        if let Some(left) = &mut self.cut_after {
            let taken = read.min(usize::try_from(*left).unwrap_or(usize::MAX));
            buffer.truncate(before + taken);
            *left -= taken as u64;
        }
        Ok(Read::Bytes)
    }

    /// What has been read and not been taken.
    pub(super) fn buffer(&mut self) -> &mut BytesMut {
        self.decoder.buffer_mut()
    }

    /// How much of a packet is at the front.
    pub(super) fn peek(&mut self) -> Result<Peek, DecodeError> {
        peek(self.decoder.buffer_mut(), wkproto::DEFAULT_LIMIT)
    }

    /// The next packet of a session. A type that does not exist stalls the connection or breaks it, and one that is
    /// too long breaks it when it is whole (docs/servers.md §2.3).
    pub(super) fn next(&mut self) -> Next {
        if let Some(left) = &mut self.discard {
            let buffer = self.decoder.buffer_mut();
            *left = left.saturating_sub(buffer.len());
            buffer.clear();
            return if *left == 0 { Next::Broken } else { Next::More };
        }
        let held = self.decoder.buffered();
        match self.decoder.next_frame() {
            Ok(Some(frame)) => Next::Frame(frame),
            Ok(None) => Next::More,
            Err(DecodeError::UnknownType { value: 0 }) => {
                self.discard = Some(usize::MAX);
                Next::More
            }
            Err(DecodeError::TooLarge { len, .. }) => {
                self.discard = Some(len.saturating_sub(held));
                Next::More
            }
            Err(_) => Next::Broken,
        }
    }
}

/// How much room the first read gets; it doubles whenever one is filled. Most connections need no more, and where a
/// thousand come and go, large buffers spread over the heap until all of it was touched.
const FIRST_ROOM: usize = 4 * 1024;
/// How much room a read gets at most.
const MOST_ROOM: usize = 64 * 1024;
