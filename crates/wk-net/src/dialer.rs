//! Opening a link: stream, TLS and WebSocket, as the endpoint says, within one deadline.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::{ConnectError, Connector, Endpoint, Limits, Link, Stream, Tls, Transport, tcp, websocket};

/// Opens links. Cheap to clone.
#[derive(Clone, Default)]
pub struct Dialer {
    connector: Option<Arc<dyn Connector>>,
    tls: Tls,
    limits: Limits,
}

impl Dialer {
    /// Opens links by TCP, trusts what the system trusts, and has the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the application open the byte streams.
    #[must_use]
    pub fn connector(self, connector: Arc<dyn Connector>) -> Self {
        Self { connector: Some(connector), ..self }
    }

    /// Whom to trust.
    #[must_use]
    pub fn tls(self, tls: Tls) -> Self {
        Self { tls, ..self }
    }

    /// How much memory a link may take.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Opens a link. `limit` covers all of it: the name lookup, the connection and the handshakes of TLS and
    /// WebSocket. Dropping the future gives it up.
    ///
    /// # Errors
    /// What failed, or that time is up.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(&self, endpoint: &Endpoint, limit: Duration) -> Result<Link, ConnectError> {
        let late = |_| ConnectError::TimedOut { endpoint: endpoint.clone(), limit };
        let link = timeout(limit, self.open(endpoint)).await.map_err(late)??;
        tracing::debug!(%endpoint, "connected");
        Ok(link)
    }

    async fn open(&self, endpoint: &Endpoint) -> Result<Link, ConnectError> {
        let Some(connector) = &self.connector else {
            let stream = tcp::connect(endpoint).await?;
            if endpoint.transport() == Transport::Tcp {
                // The halves of a socket need no lock between them.
                let (reader, writer) = stream.into_split();
                return Ok(Link::from_halves(reader, writer, self.limits));
            }
            return self.dress(endpoint, stream).await;
        };
        let failed = |source| ConnectError::Connector { endpoint: endpoint.clone(), source };
        let stream = connector.connect(endpoint).await.map_err(failed)?;
        self.dress(endpoint, stream).await
    }

    /// Puts TLS and WebSocket over a stream.
    async fn dress(&self, endpoint: &Endpoint, stream: impl Stream + 'static) -> Result<Link, ConnectError> {
        if !endpoint.transport().is_encrypted() {
            return self.link(endpoint, stream).await;
        }
        let failed = |source| ConnectError::Tls { endpoint: endpoint.clone(), source };
        let stream = self.tls.handshake(endpoint.host(), stream).await.map_err(failed)?;
        self.link(endpoint, stream).await
    }

    async fn link(&self, endpoint: &Endpoint, stream: impl Stream + 'static) -> Result<Link, ConnectError> {
        if !endpoint.transport().is_websocket() {
            return Ok(Link::with_limits(stream, self.limits));
        }
        let failed = |source| ConnectError::WebSocket { endpoint: endpoint.clone(), source };
        let (reader, writer) = websocket::open(endpoint, stream, self.limits).await.map_err(failed)?;
        Ok(Link::from_messages(reader, writer, self.limits))
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer")
            .field("own_connector", &self.connector.is_some())
            .field("tls", &self.tls)
            .field("limits", &self.limits)
            .finish()
    }
}

/// Opens a link with the defaults of [`Dialer::new`].
///
/// # Errors
/// What failed, or that time is up.
pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<Link, ConnectError> {
    Dialer::new().connect(endpoint, limit).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Opening;

    struct Never;

    impl Connector for Never {
        fn connect(&self, _: &Endpoint) -> Opening {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    #[allow(clippy::disallowed_methods, reason = "the test asks what the paused clock says")]
    async fn no_answer_in_time_is_an_error() {
        let endpoint: Endpoint = "192.0.2.1:1".parse().unwrap();
        let start = tokio::time::Instant::now();
        let dialer = Dialer::new().connector(Arc::new(Never));
        let error = dialer.connect(&endpoint, Duration::from_secs(10)).await.unwrap_err();
        assert_eq!(start.elapsed().as_secs(), 10);
        assert!(matches!(error, ConnectError::TimedOut { .. }));
        assert_eq!(error.to_string(), "cannot connect to 192.0.2.1:1: no answer within 10s");
    }
}
