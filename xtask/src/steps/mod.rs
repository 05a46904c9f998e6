//! The steps that run other programs.

pub(crate) mod cargo;
pub(crate) mod fuzz;
pub(crate) mod interop;
pub(crate) mod sim;
pub(crate) mod tally;
pub(crate) mod test;
pub(crate) mod wasm;
