//! The whole client against any WuKongIM server: the development server, or the one that `WKIM_E2E_*` names.
//!
//! `cargo xtask interop` explains the variables and runs this suite against a real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;

mod bare;
mod chat;
mod flood;
mod lost;
mod order;
mod strangers;
mod stream;
mod target;
