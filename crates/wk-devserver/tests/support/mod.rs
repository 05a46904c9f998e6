//! A client for these tests: the wire protocol by hand, and HTTP over a bare socket.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod http;
pub(crate) mod wire;
