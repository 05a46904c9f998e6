//! The wire protocol over TCP: the listener, and one reader and one writer for each connection.

mod connection;
mod handshake;
mod idle;
mod inbound;
mod resend;
mod sends;
mod writer;

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::shared::{Shared, stopped};

pub(crate) use resend::resend_unacked;

/// Accepts connections until the server stops.
pub(crate) async fn listen(shared: Arc<Shared>, listener: TcpListener) {
    let mut stop = shared.stop.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => return,
        };
        match accepted {
            Ok((stream, _)) if !shared.faults.refuses_connections() => {
                tokio::spawn(connection::run(shared.clone(), stream));
            }
            Ok(_) => tracing::debug!("a connection was refused on purpose"),
            // For example too many open files; the next connection may fare better.
            Err(error) => tracing::warn!(%error, "cannot accept a TCP connection"),
        }
    }
}
