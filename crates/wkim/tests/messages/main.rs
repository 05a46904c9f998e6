//! Sending and reading messages, and hearing of them, through the facade.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod listening;
mod quoting;
mod sending;
mod timeline;
