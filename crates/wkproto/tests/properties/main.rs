//! What holds for every packet, every cut of a stream and every text, against naive readings of the protocol.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod codec;
mod crypto;
mod parts;
