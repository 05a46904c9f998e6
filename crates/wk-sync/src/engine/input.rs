//! What can happen to an account.

use bytes::Bytes;
use wk_store::model::proto::Frame;
use wk_store::model::{ChannelId, ClientSeq, MessageSeq, NewMessage, PageQuery, Version};

use crate::change::Change;
use crate::command_source::PulledCommand;
use crate::engine::{JobId, LinkId, Ticket};
use crate::list_source::ConversationPage;
use crate::source::{PulledMessage, PulledMessages, SourceError, SyncedConversation};
use crate::topic::Fetched;

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// The application wants to be connected. It also ends the states kicked and refused.
    Connect,
    /// The application wants to be disconnected.
    Disconnect,
    /// The application came to the foreground: a wait for the next connection ends, and an open connection is asked whether
    /// it still lives.
    Wake,
    /// The device has another network: what is open or being opened on the old one is given up, and a new connection is
    /// opened at once.
    NetworkChanged,
    /// A connection asked for by [`Output::Connect`](crate::Output::Connect) is open.
    LinkUp(LinkId),
    /// A connection could not be opened, or has ended.
    LinkDown {
        /// Which.
        link: LinkId,
        /// Why, for people.
        reason: String,
    },
    /// A packet arrived.
    Frame {
        /// On which connection.
        link: LinkId,
        /// The packet.
        frame: Frame,
    },
    /// The application sends a message; answered with [`Reply::Stored`](crate::Reply::Stored).
    Send {
        /// Where the answer goes.
        ticket: Ticket,
        /// The message.
        message: NewMessage,
    },
    /// The application takes a message back that waits to be sent; answered with [`Reply::Done`](crate::Reply::Done), and
    /// what became of it is told by [`Event::Refreshed`](crate::Event::Refreshed). One that was never handed to a connection
    /// is cancelled at once. One that was is not sent again; whether the server has it is decided by its answer, and where
    /// none comes by asking the data source: it ends as sent or as cancelled. Where that cannot be asked either, it ends
    /// as cancelled, and becomes sent when the message turns up.
    Cancel {
        /// Where the answer goes.
        ticket: Ticket,
        /// The message.
        client_seq: ClientSeq,
    },
    /// The application sends a message again that was given up; answered with [`Reply::Done`](crate::Reply::Done). It
    /// keeps its number and its place, and goes out before messages of its channel that were written after it.
    Retry {
        /// Where the answer goes.
        ticket: Ticket,
        /// The message.
        client_seq: ClientSeq,
    },
    /// The user pauses what has to be uploaded before a message is sent, or lets it go on; answered with
    /// [`Reply::Done`](crate::Reply::Done). What is paused is not asked of the data source, and is no failure. A restart
    /// lets it go on.
    PauseUpload {
        /// Where the answer goes.
        ticket: Ticket,
        /// The message.
        client_seq: ClientSeq,
        /// Whether it is paused now.
        paused: bool,
    },
    /// The application wants to hear of a message that may be being written, where the server does not push that (v3); answered
    /// with [`Reply::Done`](crate::Reply::Done), and what it says is told by [`Event::Stream`](crate::Event::Stream).
    FollowStream {
        /// Where the answer goes.
        ticket: Ticket,
        /// The message.
        client_seq: ClientSeq,
    },
    /// The application asks for a page; answered with [`Reply::Page`](crate::Reply::Page).
    Page {
        /// Where the answer goes.
        ticket: Ticket,
        /// The question.
        query: PageQuery,
    },
    /// The application shows a channel: what pushes leave out there is pulled. To be closed as often as it was opened.
    OpenChannel(ChannelId),
    /// The application does not show it any more.
    CloseChannel(ChannelId),
    /// The user clears a channel here, up to a seq or all that is known; answered with [`Reply::Done`](crate::Reply::Done).
    /// The messages never come back; the server keeps them.
    Clear {
        /// Where the answer goes.
        ticket: Ticket,
        /// The channel.
        channel: ChannelId,
        /// The highest seq that goes.
        up_to: Option<MessageSeq>,
    },
    /// The user has read a conversation, up to so many messages; answered with [`Reply::Done`](crate::Reply::Done).
    MarkRead {
        /// Where the answer goes.
        ticket: Ticket,
        /// The conversation.
        channel: ChannelId,
        /// How many messages stay unread.
        unread: u32,
    },
    /// The application changes something; answered with [`Reply::Done`](crate::Reply::Done).
    Change {
        /// Where the answer goes.
        ticket: Ticket,
        /// What.
        change: Change,
    },
    /// The data source answered.
    Answer {
        /// Which question.
        job: JobId,
        /// Its answer.
        answer: Answer,
    },
    /// A moment named by [`Engine::poll_timeout`](crate::Engine::poll_timeout) has come.
    Timeout,
}

/// An answer of the data source; the variants mirror [`Question`](crate::Question).
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// To a pull.
    Pulled(Result<PulledMessages, SourceError>),
    /// To a conversation sync.
    Synced(Result<Vec<SyncedConversation>, SourceError>),
    /// To a search by client numbers.
    Found(Result<Vec<PulledMessage>, SourceError>),
    /// To an upload: the final payload.
    Uploaded(Result<Bytes, SourceError>),
    /// To a read position.
    UnreadSet(Result<(), SourceError>),
    /// To a page of the list of conversations, or to a retry.
    Listed(Result<ConversationPage, SourceError>),
    /// To several pulls.
    PulledBatch(Result<Vec<PulledMessages>, SourceError>),
    /// To a fetch.
    Fetched(Result<Fetched, SourceError>),
    /// To a report: the server's version of it, or [`Version::ZERO`].
    Reported(Result<Version, SourceError>),
    /// To a question for commands.
    Commands(Result<Vec<PulledCommand>, SourceError>),
    /// To the word that they are written down.
    CommandsTaken(Result<(), SourceError>),
}

impl Answer {
    pub(crate) fn error(&self) -> Option<&SourceError> {
        match self {
            Self::Pulled(result) => result.as_ref().err(),
            Self::Synced(result) => result.as_ref().err(),
            Self::Found(result) => result.as_ref().err(),
            Self::Uploaded(result) => result.as_ref().err(),
            Self::UnreadSet(result) => result.as_ref().err(),
            Self::Listed(result) => result.as_ref().err(),
            Self::PulledBatch(result) => result.as_ref().err(),
            Self::Fetched(result) => result.as_ref().err(),
            Self::Reported(result) => result.as_ref().err(),
            Self::Commands(result) => result.as_ref().err(),
            Self::CommandsTaken(result) => result.as_ref().err(),
        }
    }
}
