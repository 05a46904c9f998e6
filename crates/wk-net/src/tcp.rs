//! Opening a TCP connection: all addresses of a host, both families, staggered.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{Attempt, ConnectError, Endpoint};

/// How long one address may keep the next one waiting, after RFC 8305.
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to the host and port by TCP. The addresses of the host are tried in turn, IPv6 and IPv4 alternating: the
/// next one as soon as one fails, or 250 ms after the last was begun. The first to answer wins. Dropping the future
/// ends every attempt.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
    let addresses = resolve(endpoint).await?;
    let lost = |attempts| ConnectError::Failed { endpoint: endpoint.clone(), attempts };
    race(addresses, dial).await.map_err(lost)
}

async fn resolve(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, ConnectError> {
    let unknown = |source| ConnectError::UnknownHost { endpoint: endpoint.clone(), source };
    let found: Vec<_> = lookup_host((endpoint.host(), endpoint.port())).await.map_err(unknown)?.collect();
    if found.is_empty() {
        return Err(unknown(io::Error::new(io::ErrorKind::NotFound, "it has no address")));
    }
    Ok(alternate(found))
}

/// Takes the families in turn, beginning with the one that the resolver put first.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut same, mut other): (Vec<_>, Vec<_>) =
        addresses.into_iter().rev().partition(|address| address.is_ipv6() == first_is_v6);
    let mut turns = Vec::with_capacity(same.len() + other.len());
    while !(same.is_empty() && other.is_empty()) {
        turns.extend(same.pop());
        turns.extend(other.pop());
    }
    turns
}

/// The first connection that `dial` makes to any of the addresses, or what went wrong with each of them.
async fn race<T, D, F>(addresses: Vec<SocketAddr>, dial: D) -> Result<T, Vec<Attempt>>
where
    T: Send + 'static,
    D: Fn(SocketAddr) -> F,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let mut waiting = addresses.into_iter();
    let mut running = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            let attempt = dial(address);
            running.spawn(async move { attempt.await.map_err(|error| Attempt { address, error }) });
        } else if running.is_empty() {
            return Err(failed);
        }
        let stagger = if waiting.len() > 0 { STAGGER } else { Duration::MAX };
        // A stagger that ran out, like a failed attempt, lets the next address begin.
        match timeout(stagger, running.join_next()).await {
            Ok(Some(Ok(Ok(stream)))) => return Ok(stream),
            Ok(Some(Ok(Err(attempt)))) => {
                tracing::debug!(address = %attempt.address, error = %attempt.error, "cannot connect");
                failed.push(attempt);
            }
            Ok(Some(Err(_)) | None) | Err(_) => {}
        }
    }
}

async fn dial(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // Packets are small and each is waited for: Nagle's algorithm would only delay them.
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests;
