//! What must hold whatever happens, each in a file of its own.
//!
//! That every page is the oracle's and that facts may come in any order are tests of their own (`history_oracle`, `law`).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(unreachable_pub, reason = "modules of a test binary")]

#[path = "../common/mod.rs"]
mod common;
mod p1_coverage;
mod p4_pulls;
mod p5_order_seq;
mod p6_contiguous;
mod p7_conversation;
mod walk;
