//! What a handle asks of the runner.

use tokio::sync::oneshot;
use wk_sync::Change;
use wk_sync::store::model::{ChannelId, ClientSeq, Message, MessageSeq, NewMessage, Page, PageQuery};

use wk_sync::store::{StoreError, StoreTx};

use crate::Error;
use crate::event_queue::EventReader;

/// Reads in a transaction that is not committed, and answers.
pub(crate) type Snapshot = Box<dyn FnOnce(Result<&mut dyn StoreTx, StoreError>, EventReader) + Send>;
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

pub(crate) enum Request {
    Connect,
    Disconnect,
    Wake,
    NetworkChanged,
    Send(NewMessage, Answer<Message>),
    Cancel(ClientSeq, Answer<()>),
    Retry(ClientSeq, Answer<()>),
    PauseUpload {
        row: ClientSeq,
        paused: bool,
        answer: Answer<()>,
    },
    FollowStream(ClientSeq, Answer<()>),
    OpenChannel(ChannelId),
    CloseChannel(ChannelId),
    Clear {
        channel: ChannelId,
        up_to: Option<MessageSeq>,
        answer: Answer<()>,
    },
    Page(PageQuery, Answer<Page>),
    MarkRead {
        channel: ChannelId,
        unread: u32,
        answer: Answer<()>,
    },
    /// Read what is committed, and subscribe to all that is committed after it.
    Snapshot(Snapshot),
    Change(Change, Answer<()>),
    /// End after saying goodbye and writing what is queued.
    Shutdown(Answer<()>),
}
