//! The twelve packets, one file for each, and the type that is any of them.

mod connack;
mod connect;
mod disconnect;
mod encoder;
mod event;
mod recv;
mod recvack;
mod send;
mod sendack;
mod sub;
mod suback;
#[cfg(test)]
pub(crate) mod testing;

use bytes::Bytes;

pub use connack::Connack;
pub use connect::Connect;
pub use disconnect::Disconnect;
pub use encoder::{Encoder, MAX_PLAINTEXT};
pub use event::Event;
pub use recv::Recv;
pub use recvack::Recvack;
pub use send::Send;
pub use sendack::Sendack;
pub use sub::Sub;
pub use suback::Suback;

use crate::wire::header::Header;
use crate::wire::reader::Reader;
use crate::wire::writer::{Buffer, Fields};
use crate::{DecodeError, EncodeError, Flags, PacketType, ProtocolVersion};

/// Any packet. Strings and payloads are borrowed from the bytes it was decoded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Packet<'a> {
    /// The client logs in.
    Connect(Connect<'a>),
    /// The server answers a CONNECT.
    Connack(Connack<'a>),
    /// The client sends a message.
    Send(Send<'a>),
    /// The server answers a SEND.
    Sendack(Sendack<'a>),
    /// The server delivers a message.
    Recv(Recv<'a>),
    /// The client confirms a RECV.
    Recvack(Recvack),
    /// The client shows that it is alive: the byte 0x70. Flag bits are not kept.
    Ping,
    /// The server answers a PING: the byte 0x80. Flag bits are not kept.
    Pong,
    /// The server is about to close the connection.
    Disconnect(Disconnect<'a>),
    /// A subscription is asked for.
    Sub(Sub<'a>),
    /// The answer to a SUB.
    Suback(Suback<'a>),
    /// The server reports an event.
    Event(Event<'a>),
}

impl<'a> Packet<'a> {
    /// Reads exactly one packet. Nothing is copied and nothing is allocated.
    ///
    /// Bytes of the body after its last field are ignored, as both server families do.
    ///
    /// # Errors
    ///
    /// If the bytes are not one packet.
    #[inline]
    pub fn decode(bytes: &'a [u8], version: ProtocolVersion) -> Result<Self, DecodeError> {
        let (header, body) = Header::split(bytes)?;
        Self::decode_body(header.packet, header.flags, body, version)
    }

    #[inline]
    pub(crate) fn decode_body(
        packet: PacketType,
        flags: Flags,
        body: &'a [u8],
        version: ProtocolVersion,
    ) -> Result<Self, DecodeError> {
        let body = Reader::new(packet, body);
        Ok(match packet {
            PacketType::Connect => Self::Connect(Connect::decode(body, flags)?),
            PacketType::Connack => Self::Connack(Connack::decode(body, flags, version)?),
            PacketType::Send => Self::Send(Send::decode(body, flags, version)?),
            PacketType::Sendack => Self::Sendack(Sendack::decode(body, flags, version)?),
            PacketType::Recv => Self::Recv(Recv::decode(body, flags, version)?),
            PacketType::Recvack => Self::Recvack(Recvack::decode(body, flags, version)?),
            PacketType::Ping => Self::Ping,
            PacketType::Pong => Self::Pong,
            PacketType::Disconnect => Self::Disconnect(Disconnect::decode(body, flags)?),
            PacketType::Sub => Self::Sub(Sub::decode(body, flags)?),
            PacketType::Suback => Self::Suback(Suback::decode(body, flags)?),
            PacketType::Event => Self::Event(Event::decode(body, flags)?),
        })
    }

    /// The packet's type.
    #[must_use]
    pub const fn packet_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::Connack(_) => PacketType::Connack,
            Self::Send(_) => PacketType::Send,
            Self::Sendack(_) => PacketType::Sendack,
            Self::Recv(_) => PacketType::Recv,
            Self::Recvack(_) => PacketType::Recvack,
            Self::Ping => PacketType::Ping,
            Self::Pong => PacketType::Pong,
            Self::Disconnect(_) => PacketType::Disconnect,
            Self::Sub(_) => PacketType::Sub,
            Self::Suback(_) => PacketType::Suback,
            Self::Event(_) => PacketType::Event,
        }
    }

    /// The flag bits of the packet's first byte.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        match self {
            Self::Connect(body) => body.flags,
            Self::Connack(body) => body.flags(),
            Self::Send(body) => body.flags,
            Self::Sendack(body) => body.flags,
            Self::Recv(body) => body.flags,
            Self::Recvack(body) => body.flags,
            Self::Ping | Self::Pong => Flags::EMPTY,
            Self::Disconnect(body) => body.flags,
            Self::Sub(body) => body.flags,
            Self::Suback(body) => body.flags,
            Self::Event(body) => body.flags,
        }
    }

    /// The length of the encoded packet in bytes, its header included. The same as with
    /// [`Encoder::new(version)`](Encoder::new).
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded.
    pub fn encoded_len(&self, version: ProtocolVersion) -> Result<usize, EncodeError> {
        Encoder::new(version).encoded_len(self)
    }

    /// Appends the encoded packet to a `Vec<u8>` or a `BytesMut`, with one reservation. The same as with
    /// [`Encoder::new(version)`](Encoder::new).
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded. Nothing is written then.
    pub fn encode<B: Buffer>(&self, version: ProtocolVersion, out: &mut B) -> Result<(), EncodeError> {
        Encoder::new(version).encode(self, out)
    }

    /// The encoded packet. The same as with [`Encoder::new(version)`](Encoder::new).
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded.
    pub fn to_bytes(&self, version: ProtocolVersion) -> Result<Bytes, EncodeError> {
        Encoder::new(version).to_bytes(self)
    }

    pub(crate) fn encode_body(
        &self,
        out: &mut impl Fields,
        version: ProtocolVersion,
    ) -> Result<(), EncodeError> {
        match self {
            Self::Connect(body) => body.encode(out),
            Self::Connack(body) => body.encode(out, version),
            Self::Send(body) => body.encode(out, version),
            Self::Sendack(body) => body.encode(out, version),
            Self::Recv(body) => body.encode(out, version),
            Self::Recvack(body) => body.encode(out, version),
            Self::Ping | Self::Pong => Ok(()),
            Self::Disconnect(body) => body.encode(out),
            Self::Sub(body) => body.encode(out),
            Self::Suback(body) => body.encode(out),
            Self::Event(body) => body.encode(out),
        }
    }
}

/// Makes a packet of each body.
macro_rules! from_body {
    ($($body:ident $(<$lifetime:lifetime>)?,)*) => {
        $(
            impl<'a> From<$body $(<$lifetime>)?> for Packet<'a> {
                fn from(body: $body $(<$lifetime>)?) -> Self {
                    Self::$body(body)
                }
            }
        )*
    };
}

from_body! {
    Connect<'a>, Connack<'a>, Send<'a>, Sendack<'a>, Recv<'a>, Recvack,
    Disconnect<'a>, Sub<'a>, Suback<'a>, Event<'a>,
}

#[cfg(test)]
mod tests {
    use super::Packet;
    use super::testing::check;
    use crate::{DecodeError, PacketType, ProtocolVersion};

    const V5: ProtocolVersion = ProtocolVersion::V5;

    #[test]
    fn ping_and_pong_are_one_byte_whatever_their_flags() {
        check(Packet::Ping, V5, "70");
        check(Packet::Pong, V5, "80");
        assert_eq!(Packet::decode(b"\x7b", V5), Ok(Packet::Ping));
        assert_eq!(Packet::decode(b"\x8f", V5), Ok(Packet::Pong));
    }

    #[test]
    fn only_exactly_one_packet_is_taken() {
        let incomplete = |missing| Err(DecodeError::Incomplete { missing });
        assert_eq!(Packet::decode(b"", V5), incomplete(1));
        assert_eq!(Packet::decode(b"\x90", V5), incomplete(1));
        assert_eq!(Packet::decode(b"\x90\x03\x0c", V5), incomplete(2));
        assert_eq!(Packet::decode(b"\x90\x81\x80\x80\x80", V5), incomplete(1));
        assert_eq!(Packet::decode(b"\x70\x00", V5), Err(DecodeError::Surplus { extra: 1 }));
        let cut = DecodeError::Cut { packet: PacketType::Disconnect, field: "reason_text", remaining: 1 };
        assert_eq!(Packet::decode(b"\x90\x02\x0c\x00", V5), Err(cut));
    }
}
