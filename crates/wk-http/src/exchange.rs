//! One request and its answer: the URL, the retry, the size limit, and what a status means.

use std::error::Error;
use std::io;

use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wk_sync::SourceError;

use crate::HttpSource;

/// How much of a server's words is kept.
const MAX_WORDS: usize = 200;

/// Whether a request may be sent a second time.
#[derive(Clone, Copy, PartialEq)]
enum Repeat {
    OnceIfBroken,
    Never,
}

impl HttpSource {
    /// Reads with GET.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        query: &[(&str, &str)],
    ) -> Result<T, SourceError> {
        let mut url = self.url(endpoint)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        parse(&self.exchange(Method::GET, url, Bytes::new(), Repeat::OnceIfBroken).await?)
    }

    /// Reads with POST.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, SourceError> {
        let url = self.url(endpoint)?;
        parse(&self.exchange(Method::POST, url, write(body)?, Repeat::OnceIfBroken).await?)
    }

    /// Changes something with POST. The answer is a status of its own, for some endpoints a reason code.
    pub(crate) async fn tell(
        &self,
        endpoint: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<(), SourceError> {
        #[derive(Deserialize)]
        struct Outcome {
            status: u16,
        }
        let answer = self.exchange(Method::POST, self.url(endpoint)?, write(body)?, Repeat::Never).await?;
        match parse::<Outcome>(&answer)?.status {
            200 => Ok(()),
            status => Err(SourceError::Refused { status, message: words(&answer) }),
        }
    }

    fn url(&self, endpoint: &str) -> Result<Url, SourceError> {
        self.base.join(endpoint).map_err(|error| SourceError::Unreachable(error.to_string()))
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Bytes,
        repeat: Repeat,
    ) -> Result<Bytes, SourceError> {
        match self.attempt(method.clone(), url.clone(), body.clone()).await {
            Err(SourceError::Unreachable(cause)) if repeat == Repeat::OnceIfBroken => {
                tracing::debug!(%method, path = url.path(), cause, "connection broken, asking again");
                self.attempt(method, url, body).await
            }
            result => result,
        }
    }

    async fn attempt(&self, method: Method, url: Url, body: Bytes) -> Result<Bytes, SourceError> {
        let mut request = self.client.request(method.clone(), url.clone());
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| broken(&error))?;
        let status = response.status();
        let answer = self.read(response).await?;
        // No query, no body, no headers: they name users and hold tokens and payloads.
        tracing::debug!(%method, path = url.path(), status = status.as_u16(), bytes = answer.len(), "answered");
        if status.is_success() {
            Ok(answer)
        } else {
            Err(SourceError::Refused { status: status.as_u16(), message: words(&answer) })
        }
    }

    async fn read(&self, mut response: Response) -> Result<Bytes, SourceError> {
        let mut answer = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
            if answer.len().saturating_add(chunk.len()) > self.max_response {
                let limit = self.max_response;
                return Err(SourceError::Malformed(format!("it has more than {limit} bytes")));
            }
            answer.extend_from_slice(&chunk);
        }
        Ok(answer.freeze())
    }
}

fn write(body: &impl Serialize) -> Result<Bytes, SourceError> {
    // Our own structs of strings and numbers always have a JSON form.
    serde_json::to_vec(body).map(Bytes::from).map_err(|error| refused(&error.to_string()))
}

fn parse<T: DeserializeOwned>(answer: &[u8]) -> Result<T, SourceError> {
    serde_json::from_slice(answer).map_err(|error| SourceError::Malformed(error.to_string()))
}

/// A request that would harm the server or mean nothing to it, and was therefore not sent.
pub(crate) fn refused(why: &str) -> SourceError {
    let status = StatusCode::BAD_REQUEST.as_u16();
    SourceError::Refused { status, message: format!("the request was not sent: {why}") }
}

/// What the server says about a refusal: `msg` or `error`, mostly in Chinese. Only ever shown, never looked at
/// (docs/servers.md T69).
fn words(answer: &[u8]) -> String {
    #[derive(Deserialize, Default)]
    struct Words {
        #[serde(alias = "error")]
        msg: Option<String>,
    }
    let said = serde_json::from_slice::<Words>(answer).unwrap_or_default().msg.unwrap_or_default();
    said.chars().take(MAX_WORDS).collect()
}

/// What an error of the HTTP client means. Its URL is left out: the query names users.
fn broken(error: &reqwest::Error) -> SourceError {
    if error.is_timeout() {
        return SourceError::TimedOut;
    }
    // The error's own text says no more than "error sending request"; the causes do.
    let mut causes = Vec::new();
    let mut next = error.source();
    let mut nonsense = false;
    while let Some(cause) = next {
        causes.push(cause.to_string());
        let io = cause.downcast_ref::<io::Error>();
        nonsense |= io.is_some_and(|io| io.kind() == io::ErrorKind::InvalidData);
        next = cause.source();
    }
    causes.dedup();
    let causes = causes.join(": ");
    if error.is_decode() && nonsense {
        // Bytes that cannot be unpacked, not a body that broke off.
        SourceError::Malformed(causes)
    } else {
        SourceError::Unreachable(causes)
    }
}
