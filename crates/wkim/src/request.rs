//! What a handle asks of the runner.

use tokio::sync::oneshot;
use wk_sync::store::model::{ChannelId, Message, NewMessage, Page, PageQuery};

use crate::Error;

pub(crate) type Answer<T> = oneshot::Sender<Result<T, Error>>;

pub(crate) enum Request {
    Connect,
    Disconnect,
    Send(NewMessage, Answer<Message>),
    Page(PageQuery, Answer<Page>),
    MarkRead {
        channel: ChannelId,
        unread: u32,
        answer: Answer<()>,
    },
    /// End after saying goodbye and writing what is queued.
    Shutdown(Answer<()>),
}
