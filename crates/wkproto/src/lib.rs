//! The WuKongIM wire protocol: bytes to packets and back, without IO.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::cast_possible_truncation)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod types;

pub use types::*;
