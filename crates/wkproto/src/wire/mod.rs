//! The parts every packet is made of: header, fields read, fields written.

pub(crate) mod header;
mod input;
pub(crate) mod reader;
pub(crate) mod writer;
