//! Packets in a stream of bytes: one at a time as they arrive, or all of a filled buffer.

mod decoder;
mod frame;
mod packets;

pub use decoder::Decoder;
pub use frame::Frame;
pub use packets::{Packets, packets};
