//! Sockets and the clock of a WuKongIM client.
//!
//! - [`connect`] opens a TCP connection to an [`Endpoint`]; [`Link::from_stream`] takes any other byte stream.
//! - A [`Link`] carries whole packets: [`LinkReceiver`] yields frames, [`LinkSender`] takes encoded packets.
//! - [`SystemClock`] is the only place of the workspace where time is read.
//!
//! Nothing here knows what a packet means, retries or decides. The futures need a tokio runtime with IO and time.

mod clock;
mod connect;
mod endpoint;
mod link;

pub use clock::{Clock, Sleep, SystemClock};
pub use connect::{Attempt, ConnectError, connect};
pub use endpoint::{Endpoint, EndpointError};
pub use link::{
    CloseReason, Closing, Limits, Link, LinkEvent, LinkReceiver, LinkSender, SendError, Unflushed,
};
pub use wkproto as proto;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
