//! Encoding with rules: what a client must not send, and how long a payload may be.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::crypto::encrypted_len;
use crate::wire::header::{DEFAULT_LIMIT, header_len, write_header};
use crate::wire::writer::{Buffer, Count};
use crate::{EncodeError, Packet, ProtocolVersion, Send, Setting};

/// The greatest payload of a SEND before encryption that every server takes, in bytes.
///
/// Encrypted it has 32,748 bytes. Nodes of a v2 cluster pass the encrypted payload on with an encoder that stops at
/// 32,767 bytes, and lose the whole batch when it does (docs/protocol.md §6).
pub const MAX_PLAINTEXT: usize = 24_559;

/// Encodes packets of one version, with the rules of a client.
///
/// [`Packet::encode`] is the same with the rules as they are at first: a SEND has neither
/// [`Setting::NO_ENCRYPT`] nor [`Setting::STREAM`], and at most [`MAX_PLAINTEXT`] bytes of payload before
/// encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoder {
    version: ProtocolVersion,
    /// Nothing for a relay.
    max_plaintext: Option<usize>,
}

impl Encoder {
    /// An encoder with the rules of a client.
    #[must_use]
    pub const fn new(version: ProtocolVersion) -> Self {
        Self { version, max_plaintext: Some(MAX_PLAINTEXT) }
    }

    /// Changes how long a payload of a SEND may be, in bytes before encryption. A single v2 node and v3 servers
    /// take 32,767.
    #[must_use]
    pub const fn max_plaintext(self, len: usize) -> Self {
        Self { max_plaintext: Some(len), ..self }
    }

    /// Lifts the rules of a client: for servers and proxies, which pass on what others have sent.
    #[must_use]
    pub const fn relay(self) -> Self {
        Self { max_plaintext: None, ..self }
    }

    /// The length of the encoded packet in bytes, its header included.
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded.
    pub fn encoded_len(&self, packet: &Packet<'_>) -> Result<usize, EncodeError> {
        Ok(total_len(packet, self.body_len(packet)?))
    }

    /// Appends the encoded packet to a `Vec<u8>` or a `BytesMut`, with one reservation.
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded. Nothing is written then.
    pub fn encode<B: Buffer>(&self, packet: &Packet<'_>, out: &mut B) -> Result<(), EncodeError> {
        let body_len = self.body_len(packet)?;
        out.reserve(total_len(packet, body_len));
        self.write(packet, body_len, out)
    }

    /// The encoded packet.
    ///
    /// # Errors
    ///
    /// If the packet cannot be encoded.
    pub fn to_bytes(&self, packet: &Packet<'_>) -> Result<Bytes, EncodeError> {
        let body_len = self.body_len(packet)?;
        let mut out = Vec::with_capacity(total_len(packet, body_len));
        self.write(packet, body_len, &mut out)?;
        Ok(out.into())
    }

    fn write(&self, packet: &Packet<'_>, body_len: usize, out: &mut impl Buffer) -> Result<(), EncodeError> {
        write_header(out, packet.packet_type(), packet.flags(), body_len);
        packet.encode_body(out, self.version)
    }

    /// The length of the body. Everything that can be wrong with a packet is found here, before a byte is written.
    fn body_len(&self, packet: &Packet<'_>) -> Result<usize, EncodeError> {
        if let (Packet::Send(send), Some(max_plaintext)) = (packet, self.max_plaintext) {
            check_send(send, max_plaintext)?;
        }
        let mut count = Count(0);
        packet.encode_body(&mut count, self.version)?;
        let Count(len) = count;
        if len > DEFAULT_LIMIT {
            return Err(EncodeError::BodyTooLong { packet: packet.packet_type(), len, limit: DEFAULT_LIMIT });
        }
        Ok(len)
    }
}

/// The length of a packet and its header.
const fn total_len(packet: &Packet<'_>, body_len: usize) -> usize {
    header_len(packet.packet_type(), body_len) + body_len
}

fn check_send(send: &Send<'_>, max_plaintext: usize) -> Result<(), EncodeError> {
    let refused = send.setting.intersection(NOT_FOR_CLIENTS);
    if !refused.is_empty() {
        return Err(EncodeError::SettingRefused { setting: refused });
    }
    let limit = if send.msg_key.is_empty() { max_plaintext } else { encrypted_len(max_plaintext) };
    let len = send.payload.len();
    if len > limit {
        return Err(EncodeError::PayloadTooLong { len, limit, max_plaintext });
    }
    Ok(())
}

/// The one is obeyed by some servers only, the other breaks the framing between nodes of a v2 cluster.
const NOT_FOR_CLIENTS: Setting = Setting::NO_ENCRYPT.with(Setting::STREAM);

#[cfg(test)]
mod tests {
    use super::{Encoder, MAX_PLAINTEXT};
    use crate::{EncodeError, Event, Packet, PacketType, ProtocolVersion, Send, Setting};
    use alloc::vec;
    use alloc::vec::Vec;
    use bytes::BytesMut;

    const CLIENT: Encoder = Encoder::new(ProtocolVersion::V5);

    fn send(setting: Setting, payload: &[u8], encrypted: bool) -> Packet<'_> {
        let msg_key = if encrypted { "b4a015eedd63cbd10038b6069381e827" } else { "" };
        Send { setting, payload, msg_key: msg_key.into(), ..Send::default() }.into()
    }

    #[test]
    fn the_longest_payload_is_taken_and_no_longer_one() {
        let bytes = vec![b'a'; 50_000];
        let check = |encoder: Encoder, encrypted, limit: usize, max_plaintext| {
            let len = |len| encoder.encoded_len(&send(Setting::EMPTY, &bytes[..len], encrypted));
            assert!(len(limit).is_ok());
            let refused = EncodeError::PayloadTooLong { len: limit + 1, limit, max_plaintext };
            assert_eq!(len(limit + 1), Err(refused));
        };
        check(CLIENT, true, 32_748, MAX_PLAINTEXT);
        check(CLIENT, false, MAX_PLAINTEXT, MAX_PLAINTEXT);
        check(CLIENT.max_plaintext(32_767), true, 43_692, 32_767);
        check(CLIENT.max_plaintext(32_767), false, 32_767, 32_767);
        assert!(CLIENT.relay().encoded_len(&send(Setting::EMPTY, &bytes, true)).is_ok());
    }

    #[test]
    fn a_client_may_not_set_every_bit() {
        let setting = Setting::from_bits(0xff);
        let refused = EncodeError::SettingRefused { setting: Setting::NO_ENCRYPT | Setting::STREAM };
        assert_eq!(CLIENT.encoded_len(&send(setting, b"", true)), Err(refused));
        assert!(CLIENT.encoded_len(&send(Setting::from_bits(0xed), b"", true)).is_ok());
        assert!(CLIENT.relay().encoded_len(&send(setting, b"", true)).is_ok());
    }

    #[test]
    fn no_body_is_longer_than_servers_read() {
        let data = vec![0; 1024 * 1024];
        let fits = Packet::from(Event { data: &data[12..], ..Event::default() });
        assert_eq!(CLIENT.encoded_len(&fits), Ok(4 + 1024 * 1024));
        let too_long = Packet::from(Event { data: &data[11..], ..Event::default() });
        let (packet, limit) = (PacketType::Event, 1024 * 1024);
        let refused = EncodeError::BodyTooLong { packet, len: limit + 1, limit };
        assert_eq!(CLIENT.encoded_len(&too_long), Err(refused));
    }

    #[test]
    fn appends_and_leaves_the_buffer_alone_on_error() {
        let mut vec = Vec::from(*b"before");
        let mut bytes = BytesMut::from(&b"before"[..]);
        let good = send(Setting::EMPTY, b"hi", false);
        let bad = send(Setting::STREAM, b"hi", false);
        assert!(CLIENT.encode(&bad, &mut vec).is_err() && CLIENT.encode(&bad, &mut bytes).is_err());
        assert_eq!((&vec[..], &bytes[..]), (&b"before"[..], &b"before"[..]));
        CLIENT.encode(&good, &mut vec).unwrap();
        CLIENT.encode(&good, &mut bytes).unwrap();
        let expected = [b"before", &CLIENT.to_bytes(&good).unwrap()[..]].concat();
        assert_eq!((&vec[..], &bytes[..]), (&expected[..], &expected[..]));
    }
}
