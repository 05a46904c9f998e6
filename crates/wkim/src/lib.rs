//! A WuKongIM client.
#![doc = include_str!("../README.md")]

mod builder;
mod channels;
mod client;
mod commands;
mod connection;
mod conversations;
mod driver;
mod error;
mod event_queue;
mod events;
mod listeners;
mod live;
mod media;
mod members;
mod messages;
mod reminders;
mod request;
mod robots;
mod runner;
mod search;

pub use builder::ClientBuilder;
pub use channels::Channels;
pub use client::Client;
pub use commands::Commands;
pub use connection::{Connection, LoginError};
pub use conversations::Conversations;
pub use driver::Lookup;
pub use error::{BuildError, Error};
pub use events::{Events, EventsError, MessageEvent};
pub use live::{ConversationList, Keyed, ListChanges, ListDiff, Loaded, Timeline, TimelineItem, TimelineKey};
pub use media::{Media, ProgressReporter, Upload, UploadProgress, UploadWatch, Uploader};
pub use members::Members;
pub use messages::{Messages, NotSent, SendBuilder, SendHandle};
pub use reminders::Reminders;
pub use robots::Robots;
pub use runner::{Runner, RunnerHandle};
pub use search::Search;
pub use wk_http::HttpSource;
#[cfg(feature = "sqlcipher")]
pub use wk_sqlite::EncryptionKey;
pub use wk_sync::store::model::content;
pub use wk_sync::store::model::{
    Anchor, ChannelId, ChannelType, ClientMsgNo, ClientSeq, Content, ContentError, ContentType, Conversation,
    CustomContent, DeviceFlag, Direction, Gap, GapCause, Message, MessageHeader, MessageId, MessageSeq,
    MessageStatus, NameQuery, NewMessage, OrderSeq, Ordering, Page, PageQuery, Position, ReasonCode,
    SearchCounts, SearchCursor, SearchHit, SearchPage, SearchQuery, Uid, UnixMillis,
};
pub use wk_sync::store::{self, model};
pub use wk_sync::{
    ConnectionState, DataSource, DisconnectCause, Event, MessageRef, Origin, QueryError, Report,
    ReportRequest, SendError, SourceError, StreamLane, StreamStatus, StreamUpdate, UploadRequest,
};

/// What a [`DataSource`] of the application's own is asked, and what it answers.
pub mod source {
    pub use wk_sync::{
        AccountFetch, ChannelFetch, CommandsRequest, CommandsTaken, ConversationPage, FindRequest,
        ListRequest, ListedConversation, Offers, PullRequest, PulledCommand, PulledMessage, PulledMessages,
        RetryRequest, SyncRequest, SyncedConversation, UnreadRequest,
    };
}

/// The servers' own HTTP API, as a [`DataSource`] and for what an application's backend does with it.
pub mod http {
    pub use wk_http::{BuildError, Generation, HttpSource, HttpSourceBuilder, Route, TokenRequest};
}

/// What the builder takes to reach servers in another way: TLS, streams and a clock of the application's own.
pub mod net {
    pub use wk_net::{
        Clock, Connector, Endpoint, EndpointError, Opening, Sleep, Stream, SystemClock, Tls, TlsError,
        Transport, rustls,
    };
}

/// The example in the workspace's README is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct WorkspaceReadme;

/// So are the examples of the page about contents.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/contents.md")]
struct ContentsPage;

/// And that of the page for those who know another SDK.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/migrating.md")]
struct MigratingPage;
