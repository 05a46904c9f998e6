//! What other SDKs write is read, and written again without a loss.
#![allow(clippy::unwrap_used)]

mod bounds;
mod custom;
mod drafts;
mod golden;
mod lossless;
mod quotes;
