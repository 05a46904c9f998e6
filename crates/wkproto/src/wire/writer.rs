//! The fields of a body, written in order, once to count them and once to put them into a buffer.

use alloc::vec::Vec;

use bytes::BytesMut;

use crate::{EncodeError, MessageSeq, PacketType, ProtocolVersion, WireStr};

/// What packets can be encoded into: `Vec<u8>` and `BytesMut`.
pub trait Buffer: sealed::Sealed {
    /// Makes room for so many bytes more.
    #[doc(hidden)]
    fn reserve(&mut self, additional: usize);
    /// Appends bytes.
    #[doc(hidden)]
    fn put(&mut self, bytes: &[u8]);
}

impl Buffer for Vec<u8> {
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Buffer for BytesMut {
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Where the fields of a packet go. One description of a body serves its length and its bytes, so that the two
/// cannot differ.
pub(crate) trait Fields {
    fn bytes(&mut self, bytes: &[u8]);

    fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    fn u32(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    fn i32(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }

    /// A message seq, 64 bits wide from protocol version 6 on.
    fn seq(
        &mut self,
        packet: PacketType,
        seq: MessageSeq,
        version: ProtocolVersion,
    ) -> Result<(), EncodeError> {
        if version.has_wide_seq() {
            self.u64(seq.get());
            return Ok(());
        }
        let narrow =
            u32::try_from(seq.get()).map_err(|_| EncodeError::SeqTooLarge { packet, seq, version })?;
        self.u32(narrow);
        Ok(())
    }

    fn string(
        &mut self,
        packet: PacketType,
        field: &'static str,
        text: WireStr<'_>,
    ) -> Result<(), EncodeError> {
        let bytes = text.as_bytes();
        let len = i16::try_from(bytes.len()).map_err(|_| EncodeError::StringTooLong {
            packet,
            field,
            len: bytes.len(),
        })?;
        self.bytes(&len.to_be_bytes());
        self.bytes(bytes);
        Ok(())
    }
}

impl<B: Buffer> Fields for B {
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.put(bytes);
    }
}

/// Counts the bytes instead of keeping them.
pub(crate) struct Count(pub(crate) usize);

impl Fields for Count {
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

mod sealed {
    // That nobody can name it is what keeps `Buffer` to the two types below.
    #[allow(unnameable_types)]
    pub trait Sealed {}
    impl Sealed for alloc::vec::Vec<u8> {}
    impl Sealed for bytes::BytesMut {}
}

#[cfg(test)]
mod tests {
    use super::{Count, Fields};
    use crate::{EncodeError, MessageSeq, PacketType, ProtocolVersion, WireStr};
    use alloc::vec;
    use alloc::vec::Vec;

    #[test]
    fn the_longest_string_fits_and_no_longer_one() {
        let text = vec![b'a'; WireStr::MAX_LEN + 1];
        let (longest, too_long) = (WireStr::new(&text[1..]), WireStr::new(&text));
        let mut out = Vec::new();
        assert_eq!(out.string(PacketType::Sub, "f", longest), Ok(()));
        assert_eq!((out.len(), &out[..3]), (2 + WireStr::MAX_LEN, &b"\x7f\xffa"[..]));
        let refused = EncodeError::StringTooLong { packet: PacketType::Sub, field: "f", len: 32_768 };
        assert_eq!(Count(0).string(PacketType::Sub, "f", too_long), Err(refused));
    }

    #[test]
    fn a_seq_must_fit_its_version() {
        let (packet, seq) = (PacketType::Recvack, MessageSeq::new(1 << 32));
        let version = ProtocolVersion::V5;
        let refused = EncodeError::SeqTooLarge { packet, seq, version };
        assert_eq!(Count(0).seq(packet, seq, version), Err(refused));
        assert_eq!(Count(0).seq(packet, seq.prev().unwrap(), version), Ok(()));
        let mut out = Vec::new();
        assert_eq!(out.seq(packet, seq, ProtocolVersion::V6), Ok(()));
        assert_eq!(out, b"\0\0\0\x01\0\0\0\0");
    }
}
