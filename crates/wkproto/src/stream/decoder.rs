//! Packets out of a stream that arrives in pieces.

use core::fmt;

use bytes::BytesMut;

use crate::stream::frame::Frame;
use crate::wire::header::{DEFAULT_LIMIT, Header};
use crate::{DecodeError, PacketType};

/// Cuts a stream of bytes, in whatever pieces it arrives, into packets.
///
/// It holds what was received and not yet taken, and nothing else: it makes no room for a length that a peer only
/// announces, and a packet over the limit is refused as soon as its header is there. The frames share the buffer
/// that was read into.
///
/// ```
/// use wkproto::{Decoder, Packet, ProtocolVersion};
///
/// let mut decoder = Decoder::new();
/// decoder.extend(b"\x80\x90\x05\x0c\x00\x02h");
/// assert!(decoder.next_frame()?.is_some_and(|frame| frame.as_bytes() == b"\x80"));
/// assert!(decoder.next_frame()?.is_none());
/// decoder.extend(b"i");
/// let frame = decoder.next_frame()?.expect("the rest has come");
/// assert!(matches!(frame.decode(ProtocolVersion::V5)?, Packet::Disconnect(_)));
/// # Ok::<(), wkproto::DecodeError>(())
/// ```
pub struct Decoder {
    buffer: BytesMut,
    limit: usize,
    failure: Option<DecodeError>,
}

impl Decoder {
    /// A decoder with the limit that servers have, [`DEFAULT_LIMIT`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_LIMIT)
    }

    /// A decoder that refuses packets whose body is longer than `limit` bytes.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), limit, failure: None }
    }

    /// Where received bytes are appended, for readers that fill a buffer. What is appended after an error is
    /// thrown away by the next call of [`next_frame`](Self::next_frame).
    pub const fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Appends received bytes. After an error they are thrown away.
    pub fn extend(&mut self, bytes: &[u8]) {
        if self.failure.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// How many bytes were received and not yet taken.
    #[must_use]
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// The next packet, or nothing until more bytes have come.
    ///
    /// # Errors
    ///
    /// If what comes next is not a packet or too long. Every later call gives the same error, since nobody knows
    /// where the next packet would begin.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, DecodeError> {
        if let Some(failure) = self.failure {
            self.buffer.clear();
            return Err(failure);
        }
        match Header::read(&self.buffer, self.limit) {
            Ok(Ok(header)) if header.total() <= self.buffer.len() => {
                Ok(Some(self.take(header.packet, header.total())))
            }
            Ok(_) => Ok(None),
            Err(failure) => {
                self.failure = Some(failure);
                self.buffer = BytesMut::new();
                Err(failure)
            }
        }
    }

    fn take(&mut self, packet: PacketType, len: usize) -> Frame {
        Frame::trusted(packet, self.buffer.split_to(len).freeze())
    }
}

/// Shows nothing of what was received: it may be a CONNECT with its token.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("buffered", &self.buffer.len())
            .field("limit", &self.limit)
            .field("failure", &self.failure)
            .finish()
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Decoder;
    use crate::{DecodeError, PacketType};
    use alloc::format;
    use alloc::vec::Vec;

    const STREAM: &[u8] = b"\x70\x80\x90\x05\x0c\x00\x02hi\x60\x8c\x80\x00\0\0\0\0\0\0\0\x01\0\0\0\x02\x70";

    fn drain(decoder: &mut Decoder) -> Vec<Vec<u8>> {
        core::iter::from_fn(|| decoder.next_frame().unwrap()).map(|frame| frame.as_bytes().to_vec()).collect()
    }

    #[test]
    fn any_piece_will_do() {
        let mut whole = Decoder::new();
        whole.extend(STREAM);
        let expected = drain(&mut whole);
        assert_eq!(expected.len(), 5);
        assert_eq!(expected.concat(), STREAM);
        for size in 1..STREAM.len() {
            let mut decoder = Decoder::new();
            let mut got = Vec::new();
            for piece in STREAM.chunks(size) {
                decoder.buffer_mut().extend_from_slice(piece);
                got.extend(drain(&mut decoder));
            }
            assert_eq!(got, expected);
            assert_eq!(decoder.buffered(), 0);
        }
    }

    #[test]
    fn an_announced_length_is_refused_before_anything_is_kept_for_it() {
        let mut decoder = Decoder::with_limit(16_383);
        decoder.extend(b"\x30\xff\x7f");
        assert_eq!(decoder.next_frame(), Ok(None));
        let mut decoder = Decoder::with_limit(16_383);
        decoder.extend(b"\x30\x80\x80\x01");
        let refused = DecodeError::TooLarge { packet: PacketType::Send, len: 16_384, limit: 16_383 };
        assert_eq!(decoder.next_frame(), Err(refused));
    }

    #[test]
    fn an_announced_length_makes_no_room() {
        let mut decoder = Decoder::new();
        decoder.extend(b"\x30\x80\x80\x40");
        assert_eq!(decoder.next_frame(), Ok(None));
        assert!(decoder.buffer_mut().capacity() < 1024);
    }

    #[test]
    fn an_error_stays_and_nothing_is_kept() {
        let mut decoder = Decoder::new();
        decoder.extend(b"\x70\x00\x70");
        assert!(decoder.next_frame().unwrap().is_some());
        let failure = Err(DecodeError::UnknownType { value: 0 });
        assert_eq!(decoder.next_frame(), failure);
        decoder.extend(b"\x70");
        assert_eq!(decoder.buffered(), 0);
        decoder.buffer_mut().extend_from_slice(b"\x70");
        assert_eq!(decoder.next_frame(), failure);
        assert_eq!(decoder.buffered(), 0);
    }

    #[test]
    fn debug_shows_no_contents() {
        let mut decoder = Decoder::with_limit(9);
        decoder.extend(b"abc");
        assert_eq!(format!("{decoder:?}"), "Decoder { buffered: 3, limit: 9, failure: None }");
    }
}
