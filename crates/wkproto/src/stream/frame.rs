//! One whole packet that owns its bytes and is not interpreted yet.

use core::fmt;

use bytes::Bytes;

use crate::wire::header::Header;
use crate::{DecodeError, Flags, Packet, PacketType, ProtocolVersion};

/// One whole packet that owns its bytes and is not interpreted yet.
///
/// It shares the buffer it was received in, and keeps that buffer's memory for as long as it lives. Framing does not
/// depend on the protocol version, so frames can be kept until the version is known: some servers send RECV packets
/// before the CONNACK. `Debug` shows no contents.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    packet: PacketType,
}

impl Frame {
    /// Takes the bytes of exactly one packet, as long as a header can say.
    ///
    /// # Errors
    ///
    /// If the bytes are not one packet. The body is not looked at.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, DecodeError> {
        let (header, _) = Header::split(&bytes)?;
        Ok(Self { packet: header.packet, bytes })
    }

    /// A frame of bytes that are known to be one packet of this type.
    pub(super) const fn trusted(packet: PacketType, bytes: Bytes) -> Self {
        Self { bytes, packet }
    }

    /// The packet's type.
    #[must_use]
    pub const fn packet_type(&self) -> PacketType {
        self.packet
    }

    /// The flag bits of the packet's first byte.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.bytes.first().copied().map_or(Flags::EMPTY, Flags::from_bits)
    }

    /// Reads the packet. Nothing is copied and nothing is allocated.
    ///
    /// # Errors
    ///
    /// If the body is not one of this packet type and version.
    #[inline]
    pub fn decode(&self, version: ProtocolVersion) -> Result<Packet<'_>, DecodeError> {
        Packet::decode(&self.bytes, version)
    }

    /// The packet's bytes, its header included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The packet's bytes, its header included.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl TryFrom<Bytes> for Frame {
    type Error = DecodeError;

    fn try_from(bytes: Bytes) -> Result<Self, DecodeError> {
        Self::from_bytes(bytes)
    }
}

impl From<Frame> for Bytes {
    fn from(frame: Frame) -> Self {
        frame.bytes
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frame({}, {} bytes)", self.packet, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;
    use crate::{DecodeError, Flags, Packet, PacketType, ProtocolVersion};
    use alloc::format;
    use bytes::Bytes;

    #[test]
    fn holds_exactly_one_packet() {
        let bytes = Bytes::from_static(b"\x94\x05\x0c\x00\x02hi");
        let frame = Frame::from_bytes(bytes.clone()).unwrap();
        assert_eq!((frame.packet_type(), frame.flags()), (PacketType::Disconnect, Flags::SYNC_ONCE));
        assert!(matches!(frame.decode(ProtocolVersion::V5), Ok(Packet::Disconnect(_))));
        assert_eq!(format!("{frame:?}"), "Frame(DISCONNECT, 7 bytes)");
        assert_eq!(frame.as_bytes(), bytes);
        assert_eq!(frame.into_bytes().as_ptr(), bytes.as_ptr(), "nothing was copied");
        let extra = Frame::from_bytes(Bytes::from_static(b"\x70\x70"));
        assert_eq!(extra, Err(DecodeError::Surplus { extra: 1 }));
        let missing = Frame::from_bytes(bytes.slice(..5));
        assert_eq!(missing, Err(DecodeError::Incomplete { missing: 2 }));
    }
}
