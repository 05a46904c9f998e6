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
pub use wk_http as http;
pub use wk_http::HttpSource;
pub use wk_net as net;
#[cfg(feature = "sqlcipher")]
pub use wk_sqlite::EncryptionKey;
pub use wk_sync::store::model;
pub use wk_sync::store::model::content;
pub use wk_sync::store::model::{
    Anchor, ChannelId, ChannelType, ClientMsgNo, ClientSeq, Content, ContentError, ContentType, Conversation,
    CustomContent, DeviceFlag, Direction, Gap, GapCause, Message, MessageHeader, MessageId, MessageSeq,
    MessageStatus, NameQuery, NewMessage, OrderSeq, Ordering, Page, PageQuery, Position, ReasonCode,
    SearchCounts, SearchCursor, SearchHit, SearchPage, SearchQuery, Uid, UnixMillis,
};
pub use wk_sync::{
    AccountFetch, ChannelFetch, ConnectionState, DataSource, DisconnectCause, Event, MessageRef, Offers,
    Origin, QueryError, Report, ReportRequest, SendError, SourceError, StreamLane, StreamStatus,
    StreamUpdate, Topic, UploadRequest, store,
};

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
