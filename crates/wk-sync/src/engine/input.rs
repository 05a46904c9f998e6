//! What can happen to an account.

use wk_store::model::proto::Frame;
use wk_store::model::{ChannelId, NewMessage, PageQuery};

use crate::engine::{JobId, LinkId, Ticket};
use crate::source::{PulledMessage, PulledMessages, SourceError, SyncedConversation};

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// The application wants to be connected. It also ends the states kicked and refused.
    Connect,
    /// The application wants to be disconnected.
    Disconnect,
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
    /// The application asks for a page; answered with [`Reply::Page`](crate::Reply::Page).
    Page {
        /// Where the answer goes.
        ticket: Ticket,
        /// The question.
        query: PageQuery,
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
    /// To a read position.
    UnreadSet(Result<(), SourceError>),
}

impl Answer {
    pub(crate) fn error(self) -> Option<SourceError> {
        match self {
            Self::Pulled(result) => result.err(),
            Self::Synced(result) => result.err(),
            Self::Found(result) => result.err(),
            Self::UnreadSet(result) => result.err(),
        }
    }
}
