//! The data source: where the engine's questions to a server's HTTP side, or to the application's own backend, go.

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use wk_store::model::{
    ChannelId, ChannelInfo, ClientMsgNo, ConversationExtraState, Direction, MemberInfo, Message,
    MessageExtraInfo, MessageHeader, MessageId, MessageSeq, PinnedMessage, Presence, Reaction, Reminder,
    Robot, Setting, Uid, UnixMillis, Version,
};

use crate::command_source::{CommandsRequest, CommandsTaken, PulledCommand};
use crate::list_source::{ConversationPage, ListRequest, RetryRequest};
use crate::report::ReportRequest;
use crate::stream::StreamLane;
use crate::topic::{AccountFetch, ChannelFetch, Offers};

/// Where history, conversations and the like come from.
///
/// Every method has a default that answers [`SourceError::NotSupported`], so an application implements what its
/// backend offers. Dropping a returned future cancels the request. Implementations keep their own timeouts; the
/// engine gives up waiting after its own.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait DataSource: Send + Sync {
    /// Messages of a channel, ascending (docs/servers.md §5).
    ///
    /// # Errors
    /// The source cannot answer.
    async fn pull_messages(&self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// The conversations that have news, with their newest messages.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn sync_conversations(
        &self,
        request: &SyncRequest,
    ) -> Result<Vec<SyncedConversation>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// A page of the list of conversations, from servers that have no [`DataSource::sync_conversations`]
    /// (docs/servers.md §6).
    ///
    /// # Errors
    /// The source cannot answer.
    async fn list_conversations(&self, request: &ListRequest) -> Result<ConversationPage, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Conversations that a page could not tell of, as a page of their own.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn retry_conversations(&self, request: &RetryRequest) -> Result<ConversationPage, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Several stretches of history at once, answered in their order. One that the source refuses fails all: then each is
    /// asked alone.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn pull_batch(&self, requests: &[PullRequest]) -> Result<Vec<PulledMessages>, SourceError> {
        let _ = requests;
        Err(SourceError::NotSupported)
    }

    /// Messages of a channel by the numbers their sender, this user, gave them; unknown ones are left out.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn find_messages(&self, request: &FindRequest) -> Result<Vec<PulledMessage>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Uploads what a message names, such as the file of an image, and gives the message's final payload. The row keeps
    /// its draft until then, so the same message may be asked for again after a crash.
    ///
    /// # Errors
    /// The source cannot upload. [`SourceError::Unreachable`] and [`SourceError::TimedOut`] are tried again, anything
    /// else ends the message.
    async fn upload(&self, request: &UploadRequest) -> Result<Bytes, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Tells the server how many messages of a conversation are unread (0: all are read).
    ///
    /// # Errors
    /// The source cannot answer.
    async fn set_unread(&self, request: &UnreadRequest) -> Result<(), SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Commands that the user has not had, in any order; they are asked for where [`Offers::commands`] is set.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn commands(&self, request: &CommandsRequest) -> Result<Vec<PulledCommand>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// What [`DataSource::commands`] gave last is written down.
    ///
    /// # Errors
    /// The source cannot answer. It will be asked for the same commands again.
    async fn commands_taken(&self, taken: &CommandsTaken) -> Result<(), SourceError> {
        let _ = taken;
        Err(SourceError::NotSupported)
    }

    /// Which of the topics below it offers. Nothing is asked that is not named here.
    fn offers(&self) -> Offers {
        Offers::NONE
    }

    /// What happened to messages of a channel.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn message_extras(
        &self,
        request: &ChannelFetch,
    ) -> Result<Vec<(MessageId, MessageExtraInfo)>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Reactions in a channel; those that were taken back too.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn reactions(&self, request: &ChannelFetch) -> Result<Vec<Reaction>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Messages pinned to a channel; those no longer pinned too.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn pinned_messages(&self, request: &ChannelFetch) -> Result<Vec<PinnedMessage>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// Members of a channel; those who left too.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn members(&self, request: &ChannelFetch) -> Result<Vec<(Uid, MemberInfo)>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// A channel as this user sees it, and whether the user is online where it is a person and that is known.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn channel(
        &self,
        uid: &Uid,
        channel: &ChannelId,
    ) -> Result<(ChannelInfo, Option<Presence>), SourceError> {
        let _ = (uid, channel);
        Err(SourceError::NotSupported)
    }

    /// A robot and its commands.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn robot(&self, uid: &Uid, robot: &Uid) -> Result<Robot, SourceError> {
        let _ = (uid, robot);
        Err(SourceError::NotSupported)
    }

    /// The user's reminders.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn reminders(&self, request: &AccountFetch) -> Result<Vec<Reminder>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// The user's drafts and reading positions.
    ///
    /// # Errors
    /// The source cannot answer.
    async fn conversation_extras(
        &self,
        request: &AccountFetch,
    ) -> Result<Vec<(ChannelId, Version, ConversationExtraState)>, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }

    /// The lanes of a message that is being written, or was, as the server has them (docs/servers.md T68).
    ///
    /// # Errors
    /// The source cannot answer.
    async fn stream(
        &self,
        uid: &Uid,
        channel: &ChannelId,
        from_uid: &Uid,
        client_msg_no: &ClientMsgNo,
    ) -> Result<Vec<StreamLane>, SourceError> {
        let _ = (uid, channel, from_uid, client_msg_no);
        Err(SourceError::NotSupported)
    }

    /// Takes something that the user did; says which version the server gave it, [`Version::ZERO`] where it has none. The
    /// same may come twice.
    ///
    /// # Errors
    /// The source cannot take it. What it refuses with a status of 400 to 499 (but 408, 425 and 429), or does not support, is
    /// given up; everything else comes again, ten times where somebody answered.
    async fn report(&self, request: &ReportRequest) -> Result<Version, SourceError> {
        let _ = request;
        Err(SourceError::NotSupported)
    }
}

/// A stretch of a channel to be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct PullRequest {
    /// Who asks.
    pub uid: Uid,
    /// The channel.
    pub channel: ChannelId,
    /// Where to begin, included; 0 together with `end` 0 is the newest page.
    pub start: MessageSeq,
    /// Where to stop, excluded; 0 for nowhere.
    pub end: MessageSeq,
    /// Down from `start` or up; 0 (older) for the newest page.
    pub direction: Direction,
    /// The most messages to send, 1 to 10,000.
    pub limit: u32,
}

/// What a pull brought.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct PulledMessages {
    /// The messages, in any order.
    pub messages: Vec<PulledMessage>,
    /// Whether the limit cut the answer short.
    pub more: bool,
}

/// A message as a source gives it. The channel is the one that was asked for: what the message itself says about it
/// cannot be trusted (docs/servers.md T39).
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct PulledMessage {
    /// The server's id.
    pub message_id: MessageId,
    /// The seq in the channel.
    pub message_seq: MessageSeq,
    /// The sender's number, possibly empty.
    pub client_msg_no: ClientMsgNo,
    /// The sender; an empty one is the system.
    pub from_uid: Uid,
    /// When the server stored it, or 0 where the source does not say.
    pub timestamp: UnixMillis,
    /// The header flags, as far as the source has them.
    pub header: MessageHeader,
    /// The setting bits.
    pub setting: Setting,
    /// The topic.
    pub topic: String,
    /// Its life in seconds, 0 for ever.
    pub expire: u32,
    /// The plain payload.
    pub payload: Bytes,
}

/// A question for the conversations that have news.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct SyncRequest {
    /// Who asks.
    pub uid: Uid,
    /// What is known already: conversations without a newer message are left out of the answer.
    pub tails: Vec<(ChannelId, MessageSeq)>,
    /// How many of the newest messages to send per conversation, 1 to 10,000.
    pub message_count: u32,
}

/// A conversation that has news.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct SyncedConversation {
    /// The channel.
    pub channel: ChannelId,
    /// The newest seq.
    pub last_seq: MessageSeq,
    /// How far this user has read, as the server knows it.
    pub read_to: MessageSeq,
    /// When the newest message was stored, or 0.
    pub timestamp: UnixMillis,
    /// The newest messages, without a hole between them, in any order.
    pub recents: Vec<PulledMessage>,
}

/// A question for messages by their sender's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct FindRequest {
    /// Who asks, and who sent them.
    pub uid: Uid,
    /// The channel.
    pub channel: ChannelId,
    /// The numbers.
    pub client_msg_nos: Vec<ClientMsgNo>,
}

/// What has to be uploaded before a message is sent.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct UploadRequest {
    /// Who sends it.
    pub uid: Uid,
    /// The message as it is stored; its payload is the draft.
    pub message: Message,
}

/// A read position to be told to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must honour every field")]
pub struct UnreadRequest {
    /// Whose conversation it is.
    pub uid: Uid,
    /// The channel.
    pub channel: ChannelId,
    /// How many messages stay unread, counted down from `last_seq`; 0 marks all up to there as read.
    pub unread: u32,
    /// The newest seq that the client knows, 0 where it does not matter. Servers count from the newest that they know: what
    /// has come since is unread too.
    pub last_seq: MessageSeq,
}

/// Why a source did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The source has no such thing.
    #[error("the data source does not offer this")]
    NotSupported,
    /// It could not be reached, or broke off.
    #[error("the data source could not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("the data source did not answer in time")]
    TimedOut,
    /// It refused.
    #[error("the data source refused with status {status}: {message}")]
    Refused {
        /// The HTTP status, or the application's own number.
        status: u16,
        /// Its words, for people only.
        message: String,
    },
    /// Its answer makes no sense.
    #[error("the data source's answer makes no sense: {0}")]
    Malformed(String),
}
