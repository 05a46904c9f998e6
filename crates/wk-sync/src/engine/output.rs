//! What an account wants done.

use bytes::Bytes;
use wk_store::model::{Message, Page};

use crate::command_source::{CommandsRequest, CommandsTaken};
use crate::engine::{JobId, LinkId, Ticket};
use crate::error::{QueryError, SendError};
use crate::event::Event;
use crate::list_source::{ListRequest, RetryRequest};
use crate::report::ReportRequest;
use crate::source::{FindRequest, PullRequest, SyncRequest, UnreadRequest, UploadRequest};
use crate::topic::FetchRequest;

/// What to do, in this order, after the transaction is committed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Open a connection, and say [`Input::LinkUp`](crate::Input::LinkUp) or
    /// [`Input::LinkDown`](crate::Input::LinkDown).
    Connect(LinkId),
    /// Write these bytes, one or more whole packets.
    Transmit {
        /// On which connection; drop the bytes if it is gone.
        link: LinkId,
        /// The bytes.
        bytes: Bytes,
    },
    /// Close a connection after what is queued on it; no news of it is wanted any more.
    Close(LinkId),
    /// Ask the data source, and say [`Input::Answer`](crate::Input::Answer).
    Ask {
        /// The number of the question.
        job: JobId,
        /// The question.
        question: Question,
    },
    /// The answer is no longer wanted.
    Abandon(JobId),
    /// Answer the application.
    Reply {
        /// Whose question it was.
        ticket: Ticket,
        /// The answer.
        reply: Reply,
    },
    /// Tell everybody who listens.
    Emit(Event),
}

/// A question to the data source.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Question {
    /// A stretch of history.
    Pull(PullRequest),
    /// The conversations with news.
    Sync(SyncRequest),
    /// Own messages by their numbers.
    Find(FindRequest),
    /// What a message names, before it is sent.
    Upload(UploadRequest),
    /// A read position.
    SetUnread(UnreadRequest),
    /// A page of the list of conversations.
    List(ListRequest),
    /// Conversations that a page could not tell of.
    Retry(RetryRequest),
    /// Several stretches of history.
    PullBatch(Vec<PullRequest>),
    /// What changed of a topic.
    Fetch(FetchRequest),
    /// Something that the user did.
    Report(ReportRequest),
    /// The commands that the user has not had.
    Commands(CommandsRequest),
    /// That they are written down.
    CommandsTaken(CommandsTaken),
}

/// An answer to the application.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// To a send: the message as it is stored, before it is sent.
    Stored(Result<Message, SendError>),
    /// To a page.
    Page(Result<Page, QueryError>),
    /// To anything without a value.
    Done(Result<(), QueryError>),
}
