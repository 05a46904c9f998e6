//! Sockets and the clock of a WuKongIM client.
//!
//! - [`Dialer`] opens a [`Link`] to an [`Endpoint`]: TCP, TLS, WebSocket, or both. [`connect`] is the same with the
//!   defaults.
//! - A [`Connector`] brings the application's own byte streams, [`Link::from_stream`] takes one that is open.
//! - A [`Link`] carries whole packets: [`LinkReceiver`] yields frames, [`LinkSender`] takes encoded packets.
//! - [`SystemClock`] is the only place of the workspace where time is read.
//!
//! Nothing here knows what a packet means, retries or decides; the one exception is that WebSocket to v2 servers is
//! paced by PING and PONG ([`LinkSender::pace`]). The futures need a tokio runtime with IO and time.

mod clock;
mod connector;
mod dialer;
mod endpoint;
mod error;
mod link;
mod tcp;
mod tls;
mod transport;
mod websocket;

pub use clock::{Clock, Sleep, SystemClock};
pub use connector::{Connector, Opening, Stream};
pub use dialer::{Dialer, connect};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{Attempt, ConnectError};
pub use link::{
    CloseReason, Closing, Limits, Link, LinkEvent, LinkReceiver, LinkSender, SendError, Unflushed,
};
pub use rustls;
pub use tls::{Tls, TlsError};
pub use transport::Transport;
pub use wkproto as proto;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
