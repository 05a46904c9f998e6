//! What docs/mission.md promises of messages, row by row, over real sockets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod beside;
mod hearing;
mod nouns;
mod order;
mod pages;
mod questions;
mod refusals;
mod window;
