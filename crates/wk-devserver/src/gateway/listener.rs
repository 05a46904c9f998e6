//! The listeners: connections accepted, and TLS and WebSocket taken off them.

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::stream::{ReadHalf, Stream, WriteHalf, split};
use super::tls::Identity;
use super::{connection, websocket};
use crate::config::Generation;
use crate::shared::{Shared, stopped};

/// What lies between the socket and the packets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    pub(crate) tls: Option<Identity>,
    pub(crate) websocket: bool,
}

/// Accepts connections until the server stops.
pub(crate) async fn listen(shared: Arc<Shared>, listener: TcpListener, layers: Layers) {
    let mut stop = shared.stop.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => return,
        };
        match accepted {
            Ok((stream, _)) if !shared.faults.refuses_connections() => {
                tokio::spawn(serve(shared.clone(), stream, layers.clone()));
            }
            Ok(_) => tracing::debug!("a connection was refused on purpose"),
            // For example too many open files; the next connection may fare better.
            Err(error) => tracing::warn!(%error, "cannot accept a connection"),
        }
    }
}

async fn serve(shared: Arc<Shared>, stream: TcpStream, layers: Layers) {
    // Without it, small packets wait for acknowledgements of earlier ones.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot switch off the delay of small packets");
    }
    let _counted = connection::Counted::new(shared.clone());
    let mut stop = shared.stop.subscribe();
    let limit = shared.config.timings.before_connect;
    // In a box of its own, which goes before the session begins: a handshake of TLS or WebSocket takes much room.
    let undressed = Box::pin(timeout(limit, undress(&shared, stream, &layers)));
    let halves = tokio::select! {
        halves = undressed => halves,
        () = stopped(&mut stop) => return,
    };
    match halves {
        Ok(Some((reader, writer))) => connection::run(shared.clone(), reader, writer).await,
        Ok(None) => {}
        Err(_) => tracing::debug!("a client did not finish its handshake of TLS or WebSocket"),
    }
}

async fn undress(shared: &Shared, stream: TcpStream, layers: &Layers) -> Option<(ReadHalf, WriteHalf)> {
    match &layers.tls {
        None => open(shared, stream, layers).await,
        Some(identity) => match identity.acceptor.accept(stream).await {
            Ok(stream) => open(shared, stream, layers).await,
            Err(error) => {
                tracing::debug!(%error, "no TLS session");
                None
            }
        },
    }
}

async fn open(shared: &Shared, stream: impl Stream, layers: &Layers) -> Option<(ReadHalf, WriteHalf)> {
    if !layers.websocket {
        return Some(split(stream));
    }
    let is_v3 = shared.config.generation == Generation::V3;
    let rules = websocket::Rules {
        loses_bursts: !is_v3 && shared.config.quirks.websocket_burst_loss,
        root_only: is_v3,
    };
    match websocket::accept(stream, rules).await {
        Ok(halves) => Some(halves),
        Err(error) => {
            tracing::debug!(%error, "no WebSocket");
            None
        }
    }
}
