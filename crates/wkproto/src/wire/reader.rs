//! The fields of a body, read in order with nom's parsers.

use nom::Parser;
use nom::bytes::complete::take;
use nom::combinator::map_opt;

use crate::wire::input::Bytes;
use crate::{DecodeError, MessageSeq, PacketType, ProtocolVersion, WireStr};

/// The part of a body that was not read yet.
pub(crate) struct Reader<'a> {
    rest: Bytes<'a>,
    packet: PacketType,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(packet: PacketType, body: &'a [u8]) -> Self {
        Self { rest: Bytes(body), packet }
    }

    #[inline]
    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.number(field).map(u8::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.number(field).map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.number(field).map(u64::from_be_bytes)
    }

    #[inline]
    pub(crate) fn i32(&mut self, field: &'static str) -> Result<i32, DecodeError> {
        self.number(field).map(i32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn i64(&mut self, field: &'static str) -> Result<i64, DecodeError> {
        self.number(field).map(i64::from_be_bytes)
    }

    /// A message seq, 64 bits wide from protocol version 6 on.
    #[inline]
    pub(crate) fn seq(&mut self, version: ProtocolVersion) -> Result<MessageSeq, DecodeError> {
        const FIELD: &str = "message_seq";
        Ok(if version.has_wide_seq() { self.u64(FIELD)?.into() } else { self.u32(FIELD)?.into() })
    }

    #[inline]
    pub(crate) fn string(&mut self, field: &'static str) -> Result<WireStr<'a>, DecodeError> {
        let before = self.rest;
        let len = self.number(field).map(u16::from_be_bytes)?;
        if usize::from(len) > WireStr::MAX_LEN {
            return Err(DecodeError::StringTooLong { packet: self.packet, field, len: len.into() });
        }
        let Bytes(text) = self.read(field, take(len)).map_err(|_| self.cut(field, before))?;
        Ok(WireStr::new(text))
    }

    /// Everything that is left.
    #[inline]
    pub(crate) const fn remainder(self) -> &'a [u8] {
        self.rest.0
    }

    /// Whether anything is left.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.0.is_empty()
    }

    /// The bytes of a number, the highest first.
    #[inline(always)]
    fn number<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        self.read(field, map_opt(take(N), |Bytes(bytes)| bytes.first_chunk().copied()))
    }

    #[inline(always)]
    fn read<O>(
        &mut self,
        field: &'static str,
        mut parser: impl Parser<Bytes<'a>, Output = O, Error = ()>,
    ) -> Result<O, DecodeError> {
        let (rest, value) = parser.parse(self.rest).map_err(|_| self.cut(field, self.rest))?;
        self.rest = rest;
        Ok(value)
    }

    #[cold]
    const fn cut(&self, field: &'static str, rest: Bytes<'_>) -> DecodeError {
        DecodeError::Cut { packet: self.packet, field, remaining: rest.0.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::{DecodeError, PacketType, ProtocolVersion};

    fn cut(remaining: usize) -> DecodeError {
        DecodeError::Cut { packet: PacketType::Send, field: "f", remaining }
    }

    #[test]
    fn numbers_are_big_endian() {
        let mut reader =
            Reader::new(PacketType::Send, b"\x01\0\0\0\x02\xff\xff\xff\xfe\0\0\0\0\0\0\0\x03tail");
        assert_eq!(reader.u8("f"), Ok(1));
        assert_eq!(reader.u32("f"), Ok(2));
        assert_eq!(reader.i32("f"), Ok(-2));
        assert_eq!(reader.u64("f"), Ok(3));
        assert!(!reader.is_empty());
        assert_eq!(reader.i64("f"), Err(cut(4)));
        assert_eq!(reader.remainder(), b"tail");
    }

    #[test]
    fn seq_is_wider_in_version_six() {
        let bytes = b"\0\0\0\x01\0\0\0\x02";
        let seq = |version| Reader::new(PacketType::Send, bytes).seq(version).unwrap().get();
        assert_eq!(seq(ProtocolVersion::V5), 1);
        assert_eq!(seq(ProtocolVersion::V6), 0x1_0000_0002);
    }

    #[test]
    fn strings_end_inside_the_body() {
        let read = |bytes: &'static [u8]| Reader::new(PacketType::Send, bytes).string("f");
        assert_eq!(read(b"\0\x02ab+").unwrap(), "ab");
        assert_eq!(read(b"\0"), Err(cut(1)));
        assert_eq!(read(b"\0\x03ab"), Err(cut(4)));
        let negative = DecodeError::StringTooLong { packet: PacketType::Send, field: "f", len: 0x8000 };
        assert_eq!(read(b"\x80\0"), Err(negative));
        let all_there = [&b"\x80\0"[..], &[b'a'; 0x8000]].concat();
        assert_eq!(Reader::new(PacketType::Send, &all_there).string("f"), Err(negative));
    }
}
