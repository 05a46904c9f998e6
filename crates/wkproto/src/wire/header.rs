//! The header of a packet: type, flags and remaining length.

use crate::wire::writer::Fields;
use crate::{DecodeError, Flags, PacketType};

/// The limit that servers have for a packet without its header: 1 MiB.
pub const DEFAULT_LIMIT: usize = 1024 * 1024;

/// How much of a packet is at the front of a buffer, see [`peek`].
// Nothing else can be the case.
#[allow(clippy::exhaustive_enums)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peek {
    /// At least this many bytes are still to come; not 0.
    Need(usize),
    /// The first this many bytes are one whole packet.
    Frame(usize),
}

/// Looks whether a whole packet is at the front of `buf`, without looking into its body.
///
/// `limit` is the greatest length of a body. It is checked as soon as the length is there, so nobody buffers a
/// packet that would be refused. Framing does not depend on the protocol version (docs/protocol.md §2).
///
/// # Errors
///
/// [`DecodeError::UnknownType`] and [`DecodeError::TooLarge`].
#[inline]
pub fn peek(buf: &[u8], limit: usize) -> Result<Peek, DecodeError> {
    Ok(match Header::read(buf, limit)? {
        Ok(header) => match header.total().checked_sub(buf.len()) {
            None | Some(0) => Peek::Frame(header.total()),
            Some(missing) => Peek::Need(missing),
        },
        Err(missing) => Peek::Need(missing),
    })
}

/// A packet's header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) packet: PacketType,
    pub(crate) flags: Flags,
    /// The length of the header itself.
    pub(crate) len: usize,
    /// The length of what follows.
    pub(crate) body_len: usize,
}

impl Header {
    /// Reads the header of a packet, or tells how many bytes it lacks at least.
    #[inline]
    pub(crate) fn read(buf: &[u8], limit: usize) -> Result<Result<Self, usize>, DecodeError> {
        let Some((&first, rest)) = buf.split_first() else { return Ok(Err(1)) };
        let value = first >> 4;
        let packet = PacketType::new(value).ok_or(DecodeError::UnknownType { value })?;
        let flags = Flags::from_bits(first);
        if packet.is_single_byte() {
            return Ok(Ok(Self { packet, flags, len: 1, body_len: 0 }));
        }
        let Some((len, body_len)) = read_length(rest) else { return Ok(Err(1)) };
        if body_len > limit {
            return Err(DecodeError::TooLarge { packet, len: body_len, limit });
        }
        Ok(Ok(Self { packet, flags, len: 1 + len, body_len }))
    }

    /// Splits exactly one packet into its header and its body.
    #[inline]
    pub(crate) fn split(packet: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        let header =
            Self::read(packet, usize::MAX)?.map_err(|missing| DecodeError::Incomplete { missing })?;
        let missing = header.total().saturating_sub(packet.len());
        let (_, body) = packet.split_at_checked(header.len).ok_or(DecodeError::Incomplete { missing })?;
        match body.len().checked_sub(header.body_len) {
            Some(0) => Ok((header, body)),
            Some(extra) => Err(DecodeError::Surplus { extra }),
            None => Err(DecodeError::Incomplete { missing }),
        }
    }

    /// The length of the whole packet.
    #[inline]
    pub(crate) const fn total(&self) -> usize {
        self.len + self.body_len
    }
}

/// The bytes that the header of a packet with a body of this length takes.
pub(crate) const fn header_len(packet: PacketType, body_len: usize) -> usize {
    match body_len {
        _ if packet.is_single_byte() => 1,
        0..0x80 => 2,
        0x80..0x4000 => 3,
        0x4000..0x20_0000 => 4,
        _ => 5,
    }
}

/// Writes a header. `body_len` is at most [`DEFAULT_LIMIT`].
pub(crate) fn write_header<F: Fields>(out: &mut F, packet: PacketType, flags: Flags, body_len: usize) {
    out.u8(packet.value() << 4 | flags.bits());
    if packet.is_single_byte() {
        return;
    }
    let mut rest = body_len;
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            return out.u8(low & 0x7f);
        }
        out.u8(low | 0x80);
    }
}

/// Reads a remaining length: how many bytes it takes and its value, or nothing if it is not complete.
///
/// Both server families take only 28 bits; if the fourth byte says that another follows, they skip that one
/// without a look at it (docs/protocol.md §2).
#[inline]
fn read_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(LENGTH_BYTES).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((index + 1, value));
        }
    }
    if bytes.len() > LENGTH_BYTES { Some((LENGTH_BYTES + 1, value)) } else { None }
}

/// The bytes of a remaining length that carry a value.
const LENGTH_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::{DEFAULT_LIMIT, Peek, header_len, peek, write_header};
    use crate::{DecodeError, Flags, PacketType};
    use alloc::vec::Vec;

    #[test]
    fn lengths_are_written_with_the_fewest_bytes_and_read_back() {
        let table: [(usize, &[u8]); 8] = [
            (1, b"\x01"),
            (127, b"\x7f"),
            (128, b"\x80\x01"),
            (16_383, b"\xff\x7f"),
            (16_384, b"\x80\x80\x01"),
            (2_097_151, b"\xff\xff\x7f"),
            (2_097_152, b"\x80\x80\x80\x01"),
            (DEFAULT_LIMIT, b"\x80\x80\x40"),
        ];
        for (body_len, bytes) in table {
            let mut header = Vec::new();
            write_header(&mut header, PacketType::Send, Flags::DUP, body_len);
            assert_eq!(header.split_first(), Some((&0x38, bytes)));
            assert_eq!(header_len(PacketType::Send, body_len), header.len());
            assert_eq!(peek(&header, body_len), Ok(Peek::Need(body_len)));
            let refused =
                DecodeError::TooLarge { packet: PacketType::Send, len: body_len, limit: body_len - 1 };
            assert_eq!(peek(&header, body_len - 1), Err(refused));
        }
    }

    #[test]
    fn missing_bytes_are_counted() {
        assert_eq!(peek(b"", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60\x83", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60\x83\x00", 9), Ok(Peek::Need(3)));
        assert_eq!(peek(b"\x60\x83\x00ab", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60\x83\x00abc", 9), Ok(Peek::Frame(6)));
        assert_eq!(peek(b"\x60\x83\x00abcd", 9), Ok(Peek::Frame(6)));
        assert_eq!(peek(b"\x60\x00", 0), Ok(Peek::Frame(2)));
    }

    #[test]
    fn ping_and_pong_have_no_length() {
        assert_eq!(peek(b"\x70", 0), Ok(Peek::Frame(1)));
        assert_eq!(peek(b"\x8f\xff\xff", 0), Ok(Peek::Frame(1)));
    }

    #[test]
    fn types_that_do_not_exist_are_refused_at_once() {
        for value in [0, 13, 14, 15] {
            assert_eq!(peek(&[value << 4], 9), Err(DecodeError::UnknownType { value }));
        }
    }

    #[test]
    fn the_fifth_length_byte_is_skipped() {
        assert_eq!(peek(b"\x60\x81\x80\x80\x80", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60\x81\x80\x80\x80\xff", 9), Ok(Peek::Need(1)));
        assert_eq!(peek(b"\x60\x81\x80\x80\x80\xffa", 9), Ok(Peek::Frame(7)));
    }
}
