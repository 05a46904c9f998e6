//! The wire's newtypes: codes, bit sets and numbers. All of them keep values that this crate has no name for.

#[macro_use]
mod macros;
mod channel_type;
mod device;
mod flags;
mod message_id;
mod message_seq;
mod packet_type;
mod reason_code;
mod setting;
mod stream_flag;
mod sub_action;
mod version;
mod wire_str;

pub use channel_type::ChannelType;
pub use device::{DeviceFlag, DeviceLevel};
pub use flags::Flags;
pub use message_id::MessageId;
pub use message_seq::MessageSeq;
pub use packet_type::PacketType;
pub use reason_code::ReasonCode;
pub use setting::Setting;
pub use stream_flag::StreamFlag;
pub use sub_action::SubAction;
pub use version::ProtocolVersion;
pub use wire_str::WireStr;
