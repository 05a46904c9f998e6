//! The byte stream below a link, and who opens it.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::Endpoint;

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> Stream for T {}

/// A stream being opened.
pub type Opening = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send>>;

/// Opens byte streams to servers: through a proxy, in memory, in a simulated network, however an application
/// likes. TLS and WebSocket, where the endpoint asks for them, are put on top of what it opens.
///
/// ```
/// use wk_net::{Connector, Endpoint, Opening, Stream};
///
/// /// Everything goes through one proxy.
/// struct Proxy(String);
///
/// impl Connector for Proxy {
///     fn connect(&self, endpoint: &Endpoint) -> Opening {
///         let (proxy, target) = (self.0.clone(), format!("{}:{}", endpoint.host(), endpoint.port()));
///         Box::pin(async move {
///             let stream = tokio::net::TcpStream::connect(proxy).await?;
///             // … here the proxy is told of `target` …
/// #           let _ = target;
///             Ok(Box::new(stream) as Box<dyn Stream>)
///         })
///     }
/// }
/// ```
pub trait Connector: Send + Sync {
    /// Opens one stream to the host and port of the endpoint. Dropping the future gives it up; it is dropped when
    /// time is up.
    fn connect(&self, endpoint: &Endpoint) -> Opening;
}
