//! The data source: which endpoint answers which question.

use std::fmt;

use async_trait::async_trait;
use reqwest::{Client, Url};
use wk_sync::store::model::Version;
use wk_sync::{
    DataSource, FindRequest, PullRequest, PulledMessage, PulledMessages, Report, ReportRequest, SourceError,
    SyncRequest, SyncedConversation, UnreadRequest,
};

use crate::api::{conversation_sync, delete_conversation, messages, messagesync, route, unread, user_token};
use crate::{BuildError, HttpSourceBuilder, Route, TokenRequest};

/// A WuKongIM server's REST API. Cloning is cheap and shares the connections.
///
/// Every request has a timeout ([`HttpSourceBuilder::timeout`]). Reads whose connection broke are sent once more,
/// since a server closes idle connections without a word; what changes something is sent once. Redirects are not
/// followed. The futures need a tokio runtime with IO and time.
#[derive(Clone)]
pub struct HttpSource {
    pub(crate) client: Client,
    /// Its path ends with a slash.
    pub(crate) base: Url,
    pub(crate) max_response: usize,
}

impl HttpSource {
    /// Starts with the address of the API, with or without a path: `http://127.0.0.1:5001`,
    /// `https://example.com/im/`.
    ///
    /// # Errors
    /// The text is not an HTTP URL, or has a user, a query or a fragment.
    pub fn builder(base: &str) -> Result<HttpSourceBuilder, BuildError> {
        HttpSourceBuilder::new(base)
    }

    /// Where clients connect to.
    ///
    /// # Errors
    /// The server cannot be reached or refuses.
    pub async fn route(&self) -> Result<Route, SourceError> {
        route::route(self).await
    }

    /// Sets the token that a user's devices of one kind log in with. With
    /// [`DeviceLevel::MASTER`](wk_sync::store::model::proto::DeviceLevel) the server also ends their connections
    /// (docs/servers.md T26): register first, connect afterwards.
    ///
    /// # Errors
    /// The server cannot be reached or refuses; a banned user is [`SourceError::Refused`] with status 19, a
    /// disbanded one with 24.
    pub async fn register_token(&self, request: &TokenRequest) -> Result<(), SourceError> {
        user_token::register(self, request).await
    }
}

#[async_trait]
impl DataSource for HttpSource {
    async fn pull_messages(&self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        messagesync::pull(self, request).await
    }

    async fn sync_conversations(
        &self,
        request: &SyncRequest,
    ) -> Result<Vec<SyncedConversation>, SourceError> {
        conversation_sync::sync(self, request).await
    }

    async fn find_messages(&self, request: &FindRequest) -> Result<Vec<PulledMessage>, SourceError> {
        messages::find(self, request).await
    }

    async fn set_unread(&self, request: &UnreadRequest) -> Result<(), SourceError> {
        unread::set(self, request).await
    }

    /// The servers know of deleted conversations. Everything else that a user does to messages is the business of the
    /// application's own backend.
    async fn report(&self, request: &ReportRequest) -> Result<Version, SourceError> {
        match &request.report {
            Report::DeleteConversation { channel, .. } => {
                delete_conversation::delete(self, &request.uid, channel).await?;
                Ok(Version::ZERO)
            }
            _ => Err(SourceError::NotSupported),
        }
    }
}

impl fmt::Debug for HttpSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client would show its default headers.
        f.debug_struct("HttpSource").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
