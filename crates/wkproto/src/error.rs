//! What can be wrong with bytes that are decoded, and with packets that are encoded.

use crate::{MessageSeq, PacketType, ProtocolVersion, Setting, WireStr};

/// The bytes are not a packet. This is always the peer's fault, and the connection they came from is of no more
/// use: where the next packet would begin is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first byte names none of the packet types 1 to 12.
    #[error("packet type {value} does not exist")]
    UnknownType {
        /// The upper four bits of the first byte.
        value: u8,
    },
    /// The header declares a longer body than the caller allows.
    #[error("{packet} declares a body of {len} bytes, over the limit of {limit}")]
    TooLarge {
        /// The packet's type.
        packet: PacketType,
        /// The declared length of the body in bytes.
        len: usize,
        /// The greatest length that was allowed.
        limit: usize,
    },
    /// The bytes end before the packet does. Only functions that were promised a whole packet say this; a
    /// [`Decoder`](crate::Decoder) waits for more.
    #[error("the packet lacks at least {missing} bytes")]
    Incomplete {
        /// How many bytes are missing at least.
        missing: usize,
    },
    /// Bytes follow the packet. Only functions that were promised exactly one packet say this.
    #[error("{extra} bytes follow the packet")]
    Surplus {
        /// How many bytes are left over.
        extra: usize,
    },
    /// The body ends before or inside a field.
    #[error("{packet} ends inside {field}: {remaining} bytes are left for it")]
    Cut {
        /// The packet's type.
        packet: PacketType,
        /// The field that should have been read.
        field: &'static str,
        /// The bytes that were left, the length of a string included.
        remaining: usize,
    },
    /// A string declares a length that servers read as a negative number.
    #[error("{packet} declares {len} bytes for {field}, over the limit of {max}", max = WireStr::MAX_LEN)]
    StringTooLong {
        /// The packet's type.
        packet: PacketType,
        /// The string's field.
        field: &'static str,
        /// The declared length in bytes.
        len: usize,
    },
}

/// A packet cannot be written. This is always the caller's fault, and nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A string is longer than the 32,767 bytes that servers can read.
    #[error("cannot encode {packet}: {field} has {len} bytes, over the limit of {max}", max = WireStr::MAX_LEN)]
    StringTooLong {
        /// The packet's type.
        packet: PacketType,
        /// The string's field.
        field: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// The payload of a SEND is longer than allowed, see [`Encoder::max_plaintext`](crate::Encoder::max_plaintext).
    #[error(
        "cannot encode SEND: the payload has {len} bytes, over the limit of {limit} \
         (plaintext is limited to {max_plaintext})"
    )]
    PayloadTooLong {
        /// The length of the payload in bytes, as it would be on the wire.
        len: usize,
        /// The greatest length on the wire.
        limit: usize,
        /// The greatest length of the text before encryption.
        max_plaintext: usize,
    },
    /// The body is longer than any server reads.
    #[error("cannot encode {packet}: the body has {len} bytes, over the limit of {limit}")]
    BodyTooLong {
        /// The packet's type.
        packet: PacketType,
        /// The length of the body in bytes.
        len: usize,
        /// The greatest length.
        limit: usize,
    },
    /// Protocol versions before 6 have 32 bits for a message seq.
    #[error("cannot encode {packet}: message seq {seq} does not fit into protocol version {version}")]
    SeqTooLarge {
        /// The packet's type.
        packet: PacketType,
        /// The number that has no room.
        seq: MessageSeq,
        /// The version of the session.
        version: ProtocolVersion,
    },
    /// A client must not set these bits on a SEND, see [`Encoder::relay`](crate::Encoder::relay).
    #[error("cannot encode SEND: a client must not set {setting:?}")]
    SettingRefused {
        /// The bits that are refused.
        setting: Setting,
    },
    /// A field has a value although the setting bit that puts it on the wire is not set.
    #[error("cannot encode {packet}: {field} has a value but {setting:?} is not set")]
    SettingMissing {
        /// The packet's type.
        packet: PacketType,
        /// The field that would be lost.
        field: &'static str,
        /// The bit that is missing.
        setting: Setting,
    },
}
