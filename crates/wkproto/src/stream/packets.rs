//! All packets of a filled buffer, borrowed from it.

use core::fmt;
use core::iter::FusedIterator;

use crate::wire::header::Header;
use crate::{DecodeError, Packet, ProtocolVersion};

/// Reads the packets at the front of `buf`, without copying or allocating anything.
///
/// `limit` is the greatest length of a body. The iterator ends before a packet that is not complete, and after an
/// error; [`Packets::consumed`] then tells how much of the buffer was used.
///
/// ```
/// use wkproto::{DEFAULT_LIMIT, Packet, ProtocolVersion, packets};
///
/// let buf = b"\x80\x80\x90\x05\x0c";
/// let mut packets = packets(buf, ProtocolVersion::V5, DEFAULT_LIMIT);
/// for packet in packets.by_ref() {
///     assert_eq!(packet?, Packet::Pong);
/// }
/// assert_eq!(packets.consumed(), 2);
/// # Ok::<(), wkproto::DecodeError>(())
/// ```
#[must_use]
pub const fn packets(buf: &[u8], version: ProtocolVersion, limit: usize) -> Packets<'_> {
    Packets { buf, consumed: 0, version, limit }
}

/// The iterator that [`packets`] returns.
#[derive(Clone)]
pub struct Packets<'a> {
    /// What was not read yet; nothing after an error.
    buf: &'a [u8],
    consumed: usize,
    version: ProtocolVersion,
    limit: usize,
}

impl Packets<'_> {
    /// How many bytes the packets had that were returned so far. A packet that gave an error is not among them.
    #[must_use]
    pub const fn consumed(&self) -> usize {
        self.consumed
    }

    /// Reads the packets that follow with another version: the one that a CONNACK named.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = version;
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let header = match Header::read(self.buf, self.limit) {
            Ok(Ok(header)) => header,
            Ok(Err(_)) => return None,
            Err(failure) => {
                self.buf = &[];
                return Some(Err(failure));
            }
        };
        let (packet, rest) = self.buf.split_at_checked(header.total())?;
        let (_, body) = packet.split_at_checked(header.len)?;
        let result = Packet::decode_body(header.packet, header.flags, body, self.version);
        if result.is_ok() {
            self.buf = rest;
            self.consumed += packet.len();
        } else {
            self.buf = &[];
        }
        Some(result)
    }
}

impl FusedIterator for Packets<'_> {}

/// Shows nothing of the packets: one may be a CONNECT with its token.
impl fmt::Debug for Packets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packets")
            .field("left", &self.buf.len())
            .field("consumed", &self.consumed)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::packets;
    use crate::{DecodeError, Packet, PacketType, ProtocolVersion};
    use alloc::format;

    const V5: ProtocolVersion = ProtocolVersion::V5;

    #[test]
    fn stops_before_an_incomplete_packet_and_after_an_error() {
        let mut incomplete = packets(b"\x70\x80\x90\x05\x0c", V5, 9);
        assert_eq!(incomplete.next(), Some(Ok(Packet::Ping)));
        assert_eq!(incomplete.next(), Some(Ok(Packet::Pong)));
        assert_eq!((incomplete.next(), incomplete.consumed()), (None, 2));
        let mut too_large = packets(b"\x70\x90\x05\x70", V5, 4);
        assert_eq!(too_large.next(), Some(Ok(Packet::Ping)));
        let refused = DecodeError::TooLarge { packet: PacketType::Disconnect, len: 5, limit: 4 };
        assert_eq!(too_large.next(), Some(Err(refused)));
        assert_eq!((too_large.next(), too_large.consumed()), (None, 1));
        let mut broken = packets(b"\x90\x02\x0c\x00\x70", V5, 9);
        assert!(matches!(broken.next(), Some(Err(DecodeError::Cut { .. }))));
        assert_eq!((broken.next(), broken.consumed()), (None, 0));
    }

    #[test]
    fn the_version_can_change_on_the_way() {
        let recvack_v6 = b"\x60\x10\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02";
        let mut packets = packets(recvack_v6, V5, 99);
        packets.set_version(ProtocolVersion::V6);
        assert!(matches!(packets.next(), Some(Ok(Packet::Recvack(ack))) if ack.message_seq.get() == 2));
    }

    #[test]
    fn debug_shows_no_contents() {
        let shown = format!("{:?}", packets(b"abc", V5, 9));
        assert_eq!(shown, "Packets { left: 3, consumed: 0, version: V5, .. }");
    }
}
