//! The subcommands.

pub(crate) mod chat;
pub(crate) mod demo;
pub(crate) mod devserver;
pub(crate) mod history;
pub(crate) mod soak;
