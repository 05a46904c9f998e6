//! How a source is set up.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::generation::Known;
use crate::tls::{self, Trust};
use crate::{BuildError, Generation, HttpSource};

/// How long a request may take, its answer included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer, unpacked. A page of 10,000 messages of the usual size has a tenth of it.
const MAX_RESPONSE: usize = 64 << 20;

/// Sets up an [`HttpSource`].
#[derive(Clone)]
#[must_use]
pub struct HttpSourceBuilder {
    base: Url,
    headers: Vec<(String, String)>,
    timeout: Duration,
    max_response: usize,
    roots: Option<Vec<u8>>,
    generation: Option<Generation>,
    commands: bool,
}

impl HttpSourceBuilder {
    /// `base` is where the API lives, with or without a path: `http://127.0.0.1:5001`, `https://example.com/im/`.
    pub(crate) fn new(base: &str) -> Result<Self, BuildError> {
        Ok(Self {
            base: parse_base(base)?,
            headers: Vec::new(),
            timeout: TIMEOUT,
            max_response: MAX_RESPONSE,
            roots: None,
            generation: None,
            commands: false,
        })
    }

    /// Sends a header with every request, such as `token`, the server's manager token. It is never logged.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// How long a request may take, its answer included; 10 s unless told.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest answer to accept, in bytes after unpacking; 64 MiB unless told.
    pub const fn max_response(mut self, bytes: usize) -> Self {
        self.max_response = bytes;
        self
    }

    /// The server's generation, so that it need not be found out.
    pub const fn generation(mut self, generation: Generation) -> Self {
        self.generation = Some(generation);
        self
    }

    /// Offers commands too, which are then pulled after each login, one request more. v3 gives those of the logs that the
    /// application's backend has bound for the user (docs/servers.md §8).
    pub const fn commands(mut self) -> Self {
        self.commands = true;
        self
    }

    /// Trusts servers by these root certificates (PEM) instead of the system's.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// The source. No connection is made yet.
    ///
    /// # Errors
    /// A header or a certificate is not valid, or TLS cannot be set up.
    pub fn build(self) -> Result<HttpSource, BuildError> {
        let trust = match self.roots {
            Some(pem) => Trust::Only(pem),
            None if self.base.scheme() == "https" => Trust::System,
            None => Trust::Nobody,
        };
        let client = Client::builder()
            .tls_backend_preconfigured(tls::config(trust)?)
            .user_agent(concat!("wk-http/", env!("CARGO_PKG_VERSION")))
            .default_headers(parse_headers(self.headers)?)
            .timeout(self.timeout)
            // An API has no reason to send its callers elsewhere, and the headers are for this server alone.
            .redirect(Policy::none())
            .build()
            .map_err(|error| BuildError::Client(error.to_string()))?;
        let known = Known::new(self.generation);
        let (base, max_response, commands) = (self.base, self.max_response, self.commands);
        Ok(HttpSource { client, base, max_response, known, commands })
    }
}

impl fmt::Debug for HttpSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _value)| name).collect();
        f.debug_struct("HttpSourceBuilder")
            .field("base", &self.base.as_str())
            .field("headers", &names)
            .field("timeout", &self.timeout)
            .field("max_response", &self.max_response)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

fn parse_base(text: &str) -> Result<Url, BuildError> {
    let bad = |url: &str, reason: &str| BuildError::BadUrl { url: url.to_owned(), reason: reason.to_owned() };
    let mut url = Url::parse(text).map_err(|error| bad(without_user(text), &error.to_string()))?;
    let flaw = if !matches!(url.scheme(), "http" | "https") {
        "the scheme is neither http nor https"
    } else if !url.username().is_empty() || url.password().is_some() {
        "a user and password do not belong in it"
    } else if url.query().is_some() || url.fragment().is_some() {
        "a query or fragment does not belong in it"
    } else {
        // Endpoints are appended to the path.
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        return Ok(url);
    };
    Err(bad(without_user(text), flaw))
}

/// The text behind the last `@`: what stands before it may be a password.
fn without_user(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_user, rest)| rest)
}

fn parse_headers(headers: Vec<(String, String)>) -> Result<HeaderMap, BuildError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let Ok(header) = HeaderName::from_bytes(name.as_bytes()) else {
            return Err(BuildError::BadHeader { name, part: "name" });
        };
        let Ok(mut value) = HeaderValue::from_str(&value) else {
            return Err(BuildError::BadHeader { name, part: "value" });
        };
        value.set_sensitive(true);
        map.append(header, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_does_not_show_header_values_either() {
        let headers = parse_headers(vec![("token".to_owned(), "secret-1".to_owned())]).unwrap();
        assert_eq!(headers["token"], "secret-1");
        assert!(!format!("{headers:?}").contains("secret-1"));
    }
}
