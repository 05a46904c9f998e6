//! The wire protocol: the listeners, and one reader and one writer for each connection.

mod burst_loss;
mod connection;
mod handshake;
mod idle;
mod inbound;
mod listener;
mod resend;
mod sends;
mod stream;
mod tls;
mod turns;
mod websocket;
mod writer;

pub(crate) use connection::attach;
pub(crate) use listener::{Layers, listen};
pub(crate) use resend::resend_unacked;
pub(crate) use tls::Identity;
