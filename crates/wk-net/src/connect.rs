//! Opening a TCP connection: all addresses of a host, both families, staggered.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{Endpoint, Limits, Link};

/// How long one address may keep the next one waiting, after RFC 8305.
const STAGGER: Duration = Duration::from_millis(250);

/// Why no connection was made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The host has no address, or the name service did not answer.
    #[error("cannot connect to {endpoint}: unknown host: {source}")]
    UnknownHost {
        /// Where to.
        endpoint: Endpoint,
        /// What the resolver said.
        source: io::Error,
    },
    /// Every address of the host refused or failed.
    #[error("cannot connect to {endpoint}: {}", Attempts(attempts))]
    Failed {
        /// Where to.
        endpoint: Endpoint,
        /// What each address said, at least one.
        attempts: Vec<Attempt>,
    },
    /// No address answered in time.
    #[error("cannot connect to {endpoint}: no answer within {limit:?}")]
    TimedOut {
        /// Where to.
        endpoint: Endpoint,
        /// The time that was given.
        limit: Duration,
    },
}

/// One address that could not be connected to.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "an address and its error")]
pub struct Attempt {
    /// The address.
    pub address: SocketAddr,
    /// Why not.
    pub error: io::Error,
}

struct Attempts<'a>(&'a [Attempt]);

impl fmt::Display for Attempts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Attempt { address, error }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{address}: {error}")?;
        }
        Ok(())
    }
}

/// Connects to `endpoint` by TCP. The addresses of the host are tried in turn, IPv6 and IPv4 alternating: the next
/// one as soon as one fails, or 250 ms after the last was begun. The first to answer wins.
///
/// `limit` covers all of it, the name lookup too. Dropping the future ends every attempt.
///
/// # Errors
/// The host is unknown, every address failed, or time is up.
pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<Link, ConnectError> {
    let (reader, writer) = first(endpoint, limit, dial).await?.into_split();
    tracing::debug!(%endpoint, "connected");
    Ok(Link::from_halves(reader, writer, Limits::default()))
}

async fn first<T, D, F>(endpoint: &Endpoint, limit: Duration, dial: D) -> Result<T, ConnectError>
where
    T: Send + 'static,
    D: Fn(SocketAddr) -> F,
    F: Future<Output = io::Result<T>> + Send + 'static,
{
    let connected = async {
        let addresses = resolve(endpoint).await?;
        let lost = |attempts| ConnectError::Failed { endpoint: endpoint.clone(), attempts };
        race(addresses, dial).await.map_err(lost)
    };
    let late = |_| ConnectError::TimedOut { endpoint: endpoint.clone(), limit };
    timeout(limit, connected).await.map_err(late)?
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
