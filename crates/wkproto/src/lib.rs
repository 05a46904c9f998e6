//! The WuKongIM wire protocol: bytes to packets and back, without IO.
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::cast_possible_truncation)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod crypto;
mod error;
mod packet;
mod stream;
mod types;
mod wire;

pub use crypto::{Cipher, ClientSecret, CryptoError, MsgKey, ServerSecret, encrypted_len};
pub use error::{DecodeError, EncodeError};
pub use packet::{
    Connack, Connect, Disconnect, Encoder, Event, MAX_PLAINTEXT, Packet, Recv, Recvack, Send, Sendack, Sub,
    Suback,
};
pub use stream::{Decoder, Frame, Packets, packets};
pub use types::{
    ChannelType, DeviceFlag, DeviceLevel, Flags, MessageId, MessageSeq, PacketType, ProtocolVersion,
    ReasonCode, Setting, StreamFlag, SubAction, WireStr,
};
pub use wire::header::{DEFAULT_LIMIT, Peek, peek};
pub use wire::writer::Buffer;
