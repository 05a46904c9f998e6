//! The data source: which endpoint answers which question.

use std::fmt;

use async_trait::async_trait;
use reqwest::{Client, Url};
use wk_sync::store::model::{ChannelId, ClientMsgNo, Uid, Version};
use wk_sync::{
    CommandsRequest, CommandsTaken, ConversationPage, DataSource, FindRequest, ListRequest, Offers,
    PullRequest, PulledCommand, PulledMessage, PulledMessages, Report, ReportRequest, RetryRequest,
    SourceError, StreamLane, SyncRequest, SyncedConversation, UnreadRequest,
};

use crate::api::{
    conversation_list, conversation_retry, conversation_sync, delete_conversation, message_sync,
    message_syncack, messages, messagesync, messagesyncbatch, route, stream, unread, user_token,
};
use crate::generation::Known;
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
    pub(crate) known: Known,
    pub(crate) commands: bool,
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

    async fn list_conversations(&self, request: &ListRequest) -> Result<ConversationPage, SourceError> {
        conversation_list::list(self, request).await
    }

    async fn retry_conversations(&self, request: &RetryRequest) -> Result<ConversationPage, SourceError> {
        conversation_retry::retry(self, request).await
    }

    async fn pull_batch(&self, requests: &[PullRequest]) -> Result<Vec<PulledMessages>, SourceError> {
        messagesyncbatch::pull(self, requests).await
    }

    async fn commands(&self, request: &CommandsRequest) -> Result<Vec<PulledCommand>, SourceError> {
        message_sync::commands(self, request).await
    }

    async fn commands_taken(&self, taken: &CommandsTaken) -> Result<(), SourceError> {
        message_syncack::taken(self, taken).await
    }

    async fn find_messages(&self, request: &FindRequest) -> Result<Vec<PulledMessage>, SourceError> {
        messages::find(self, request).await
    }

    async fn set_unread(&self, request: &UnreadRequest) -> Result<(), SourceError> {
        unread::set(self, request).await
    }

    /// Texts that are being written, and commands where that was asked for ([`HttpSourceBuilder::commands`]). Everything
    /// else is the business of the application's own backend.
    fn offers(&self) -> Offers {
        let mut offers = Offers::NONE;
        (offers.commands, offers.streams) = (self.commands, true);
        offers
    }

    async fn stream(
        &self,
        uid: &Uid,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Vec<StreamLane>, SourceError> {
        stream::lanes(self, uid, channel, from_uid, client_msg_no).await
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
