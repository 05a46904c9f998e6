//! The parts every packet is made of: header, fields read, fields written.

pub(crate) mod header;
pub(crate) mod reader;
pub(crate) mod writer;
