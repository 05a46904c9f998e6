//! The address of a server: transport, host, port and, for WebSocket, path.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

use crate::Transport;

/// Where a server is and how to talk to it. Text: `im.example.com:5100`, `tcp://127.0.0.1:5100`,
/// `tls://[::1]:5110`, `ws://im.example.com:5200`, `wss://im.example.com/im`. Without a scheme it is TCP; only
/// `ws` (80) and `wss` (443) have a port of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    transport: Transport,
    host: String,
    port: u16,
    /// Of WebSocket, with its slash in front and with its query; `/` otherwise.
    path: String,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// There is no `:port` behind the host, and the scheme has none of its own.
    #[error("the endpoint {0:?} has no port")]
    MissingPort(String),
    /// There is nothing before the port.
    #[error("the endpoint {0:?} has no host")]
    EmptyHost(String),
    /// The port is not a number from 1 to 65535.
    #[error("the endpoint {0:?} has no port from 1 to 65535")]
    BadPort(String),
    /// An IPv6 address without brackets leaves open where the port begins.
    #[error("the endpoint {0:?} needs brackets around its IPv6 address")]
    MissingBrackets(String),
    /// The host holds what no host name or IP address holds: white space, a user, …
    #[error("the endpoint {0:?} has no valid host")]
    BadHost(String),
    /// The scheme is none of `tcp`, `tls`, `ws` and `wss`.
    #[error("the endpoint {0:?} has a scheme other than tcp, tls, ws and wss")]
    UnknownScheme(String),
    /// A path holds white space or a fragment, or the transport has no paths.
    #[error("the endpoint {0:?} has a path that cannot be used")]
    BadPath(String),
}

/// Makes the error of a text.
type Flaw = fn(String) -> EndpointError;

const ROOT: &str = "/";

impl Endpoint {
    /// A TCP endpoint of its two parts; an IPv6 address comes without brackets.
    ///
    /// # Errors
    /// The host or the port cannot be one.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, EndpointError> {
        let endpoint = Self { transport: Transport::Tcp, host: host.into(), port, path: ROOT.to_owned() };
        match endpoint.flaw() {
            Some(flaw) => Err(flaw(endpoint.to_string())),
            None => Ok(endpoint),
        }
    }

    /// The same host and port by another transport, at the root path.
    #[must_use]
    pub fn over(self, transport: Transport) -> Self {
        Self { transport, path: ROOT.to_owned(), ..self }
    }

    fn flaw(&self) -> Option<Flaw> {
        match self {
            Self { host, .. } if host.is_empty() => Some(EndpointError::EmptyHost),
            Self { port: 0, .. } => Some(EndpointError::BadPort),
            Self { host, .. } if !is_host(host) => Some(EndpointError::BadHost),
            Self { transport, path, .. } if !is_path(*transport, path) => Some(EndpointError::BadPath),
            _ => None,
        }
    }

    /// How to talk to it.
    pub const fn transport(&self) -> Transport {
        self.transport
    }

    /// The host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path and query of a WebSocket; `/` unless told. v3 servers know no other (docs/servers.md T31).
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port, as an HTTP `Host` header has them.
    pub(crate) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Names are not checked further: what resolves, resolves. A scope (`fe80::1%eth0`) belongs to an IPv6 address.
fn is_host(host: &str) -> bool {
    if host.contains(':') {
        let address = host.split_once('%').map_or(host, |(address, _scope)| address);
        return address.parse::<Ipv6Addr>().is_ok();
    }
    !host.chars().any(|c| c.is_whitespace() || c.is_control() || "/\\@?#[]%\"<>".contains(c))
}

/// What may stand in the first line of an HTTP request.
fn is_path(transport: Transport, path: &str) -> bool {
    path == ROOT
        || (transport.is_websocket() && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'))
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let endpoint = parse(text).map_err(|flaw| flaw(text.to_owned()))?;
        match endpoint.flaw() {
            Some(flaw) => Err(flaw(text.to_owned())),
            None => Ok(endpoint),
        }
    }
}

fn parse(text: &str) -> Result<Endpoint, Flaw> {
    let (transport, rest) = match text.split_once("://") {
        Some((scheme, rest)) => {
            (Transport::of_scheme(scheme).ok_or(EndpointError::UnknownScheme as Flaw)?, rest)
        }
        None => (Transport::Tcp, text),
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        // Without a scheme a slash is a slip of the pen, not a path.
        Some(at) if text.len() > rest.len() => rest.split_at_checked(at).unwrap_or((rest, ROOT)),
        _ => (rest, ROOT),
    };
    let (host, port) = split(authority)?;
    let port = match (port, transport.default_port()) {
        ("", Some(port)) if !authority.ends_with(':') => port,
        ("", _) => return Err(EndpointError::MissingPort),
        // `u16` would take a sign.
        (digits, _) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| EndpointError::BadPort as Flaw)?
        }
        _ => return Err(EndpointError::BadPort),
    };
    let path = if path.starts_with('?') { format!("/{path}") } else { path.to_owned() };
    Ok(Endpoint { transport, host: host.to_owned(), port, path })
}

/// The host without brackets and the port, as texts.
fn split(text: &str) -> Result<(&str, &str), Flaw> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or(EndpointError::BadHost as Flaw)?;
        if !host.contains(':') {
            return Err(EndpointError::BadHost);
        }
        return match port.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if port.is_empty() => Ok((host, "")),
            None => Err(EndpointError::MissingPort),
        };
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    if text.parse::<Ipv6Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok() {
        return Err(EndpointError::MissingBrackets);
    }
    Ok((host, port))
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        let (host, port) = (address.ip().to_string(), address.port());
        Self { transport: Transport::Tcp, host, port, path: ROOT.to_owned() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.transport != Transport::Tcp {
            write!(f, "{}://", self.transport)?;
        }
        f.write_str(&self.authority())?;
        if self.path == ROOT { Ok(()) } else { f.write_str(&self.path) }
    }
}

#[cfg(test)]
mod tests;
