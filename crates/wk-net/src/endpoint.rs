//! The address of a server: host and port.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::str::FromStr;

use thiserror::Error;

/// A host name or IP address, and a port. Text: `im.example.com:5100`, `127.0.0.1:5100`, `[::1]:5100`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// There is no `:port` behind the host.
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
    /// The host holds what no host name or IP address holds: a scheme, a path, white space, …
    #[error("the endpoint {0:?} has no valid host")]
    BadHost(String),
}

/// Makes the error of a text.
type Flaw = fn(String) -> EndpointError;

impl Endpoint {
    /// An endpoint of its two parts; an IPv6 address comes without brackets.
    ///
    /// # Errors
    /// The host or the port cannot be one.
    pub fn new(host: impl Into<String>, port: u16) -> Result<Self, EndpointError> {
        let endpoint = Self { host: host.into(), port };
        match endpoint.flaw() {
            Some(flaw) => Err(flaw(endpoint.to_string())),
            None => Ok(endpoint),
        }
    }

    fn flaw(&self) -> Option<Flaw> {
        match self {
            Self { host, .. } if host.is_empty() => Some(EndpointError::EmptyHost),
            Self { port: 0, .. } => Some(EndpointError::BadPort),
            Self { host, .. } if !is_host(host) => Some(EndpointError::BadHost),
            _ => None,
        }
    }

    /// The host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    pub const fn port(&self) -> u16 {
        self.port
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

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = split(text).map_err(|flaw| flaw(text.to_owned()))?;
        // `u16` would take a sign.
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        let Some(port) = port.parse().ok().filter(|_| digits) else {
            return Err(EndpointError::BadPort(text.to_owned()));
        };
        let endpoint = Self { host: host.to_owned(), port };
        match endpoint.flaw() {
            Some(flaw) => Err(flaw(text.to_owned())),
            None => Ok(endpoint),
        }
    }
}

/// The host without brackets and the port, as texts.
fn split(text: &str) -> Result<(&str, &str), Flaw> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or(EndpointError::BadHost as Flaw)?;
        if !host.contains(':') {
            return Err(EndpointError::BadHost);
        }
        (host, port.strip_prefix(':').unwrap_or_default())
    } else if text.parse::<Ipv6Addr>().is_ok() {
        return Err(EndpointError::MissingBrackets);
    } else {
        let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
        if host.parse::<Ipv6Addr>().is_ok() {
            return Err(EndpointError::MissingBrackets);
        }
        (host, port)
    };
    if port.is_empty() { Err(EndpointError::MissingPort) } else { Ok((host, port)) }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_both_families_round_trip() {
        for (text, host, port) in [
            ("im.example.com:5100", "im.example.com", 5100),
            ("127.0.0.1:1", "127.0.0.1", 1),
            ("[::1]:65535", "::1", 65535),
            ("[fe80::1%eth0]:5100", "fe80::1%eth0", 5100),
            ("我.example:5100", "我.example", 5100),
            ("under_score:5100", "under_score", 5100),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!((endpoint.host(), endpoint.port()), (host, port));
            assert_eq!(endpoint.to_string(), text);
        }
    }

    #[test]
    fn every_wrong_text_is_refused_with_its_own_error() {
        use EndpointError as E;
        let cases: [(&str, Flaw); 23] = [
            ("", E::MissingPort),
            ("localhost", E::MissingPort),
            ("localhost:", E::MissingPort),
            ("[::1]", E::MissingPort),
            ("[::1]5100", E::MissingPort),
            (":5100", E::EmptyHost),
            ("localhost:0", E::BadPort),
            ("localhost:65536", E::BadPort),
            ("localhost:+5100", E::BadPort),
            ("localhost:-1", E::BadPort),
            ("localhost:51 ", E::BadPort),
            ("localhost:http", E::BadPort),
            ("[::1]:x", E::BadPort),
            ("localhost:5100/ws", E::BadPort),
            ("::1", E::MissingBrackets),
            ("::1:5100", E::MissingBrackets),
            ("1:2:3:4:5:6:7:8:5100", E::MissingBrackets),
            ("[localhost]:5100", E::BadHost),
            ("[1:2:3]:5100", E::BadHost),
            ("tcp://localhost:5100", E::BadHost),
            (" localhost:5100", E::BadHost),
            ("user@localhost:5100", E::BadHost),
            ("[:5100", E::BadHost),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Endpoint>(), Err(error(text.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn parts_are_checked_like_text() {
        assert_eq!(Endpoint::new("", 1), Err(EndpointError::EmptyHost(":1".to_owned())));
        assert_eq!(Endpoint::new("h", 0), Err(EndpointError::BadPort("h:0".to_owned())));
        assert_eq!(Endpoint::new("[::1]", 1), Err(EndpointError::BadHost("[[::1]]:1".to_owned())));
        let address: SocketAddr = "[::1]:5100".parse().unwrap();
        assert_eq!(Endpoint::from(address).to_string(), "[::1]:5100");
    }
}
