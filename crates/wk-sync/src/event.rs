//! What listeners are told.

use std::time::Duration;

use wk_store::model::proto::{ProtocolVersion, ReasonCode};
use wk_store::model::{ChannelId, Message, MessageSeq, MessageWithExtra, ReceivedCommand, Uid};

use crate::report::Report;
use crate::source::SourceError;
use crate::stream::StreamUpdate;

/// Something that listeners want to know. Everything in it is committed to the store.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The connection changed its state.
    Connection(ConnectionState),
    /// An own message was stored; it has not been sent yet.
    Inserted(Message),
    /// Messages that were not known before, in the order they became known.
    Messages {
        /// The messages.
        messages: Vec<Message>,
        /// How they came.
        origin: Origin,
    },
    /// A stored message changed: its send status, its reason code, its place.
    Refreshed(Message),
    /// A command to the application. It is told once, and after a restart again until the application says
    /// [`Change::CommandDone`](crate::Change::CommandDone).
    Command(ReceivedCommand),
    /// Something happened to stored messages: they were edited, taken back, read, reacted to.
    Changed(Vec<MessageWithExtra>),
    /// Messages are no longer shown: they were deleted, by the user or for all, expired or burnt. They are as they were
    /// before.
    Removed {
        /// Their channel.
        channel: ChannelId,
        /// The messages.
        messages: Vec<Message>,
    },
    /// A message that is being written says this now.
    Stream(StreamUpdate),
    /// What is pinned to this channel changed.
    PinnedMessages(ChannelId),
    /// The members of this channel changed.
    Members(ChannelId),
    /// What is known of this channel changed.
    Channel(ChannelId),
    /// What is known of this robot changed.
    Robot(Uid),
    /// The reminders of these channels changed.
    Reminders(Vec<ChannelId>),
    /// Something that the user did was not taken and never will be. What showed because of it is taken back.
    ReportFailed {
        /// What it was.
        report: Report,
        /// The last answer.
        error: SourceError,
    },
    /// These conversations changed, or are new.
    Conversations(Vec<ChannelId>),
    /// The conversation sync after a connect is done.
    Synced {
        /// How many conversations had news.
        conversations: usize,
        /// How many messages came with them.
        messages: usize,
    },
    /// A page of this channel waits for the data source, because what is stored does not suffice: time for a spinner. Once
    /// for each page.
    Pulling(ChannelId),
    /// The messages of a channel up to this seq were cleared here, with the local ones among them.
    Cleared {
        /// The channel.
        channel: ChannelId,
        /// The highest seq that went.
        up_to: MessageSeq,
    },
    /// The server's log of a channel was recreated: what was stored from this seq on is gone, open the channel again.
    ChannelReset(ChannelId),
}

/// How messages came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// Pushed by the server while connected.
    Live,
    /// Fetched by the conversation sync after a connect.
    Sync,
    /// Fetched before its push came: by somebody's page, or because the push was missing.
    Pulled,
}

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// Not connected, and not wanted to be.
    Offline,
    /// A connection is being opened.
    Connecting,
    /// Connected and authenticated.
    Online {
        /// The protocol version of the session: 6 or more on v3 servers, less on v2.
        version: ProtocolVersion,
    },
    /// Waiting before the next attempt. It never gives up.
    Waiting {
        /// How long.
        delay: Duration,
        /// Why the last attempt or connection ended.
        cause: DisconnectCause,
    },
    /// The server ended the session in favour of another device. Only the application can connect again.
    Kicked {
        /// The server's reason.
        reason: ReasonCode,
        /// The server's words.
        text: String,
    },
    /// The server refused the login. Only the application can connect again.
    Refused {
        /// The server's reason.
        reason: ReasonCode,
    },
}

/// Why a connection ended or could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectCause {
    /// It could not be opened.
    Unreachable {
        /// Why, for people.
        reason: String,
    },
    /// The server did not answer CONNECT, for the first or second time in a row: it may have missed it
    /// (docs/servers.md T59).
    SilentHandshake {
        /// How many in a row.
        in_a_row: u32,
    },
    /// The server did not answer CONNECT three times in a row or more: the token is wrong, the user is banned, or the server
    /// is overloaded, which v2 servers make look alike (docs/servers.md T5). Attempts go on.
    RefusedOrOverloaded {
        /// How many in a row.
        in_a_row: u32,
    },
    /// The application said that the network is another one.
    NetworkChanged,
    /// It was open and ended.
    Lost {
        /// Why, for people.
        reason: String,
    },
}
