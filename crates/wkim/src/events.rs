//! The streams of events: one of all, and one for each noun.

use std::fmt;
use std::sync::Arc;

use futures_util::stream::{self, Stream};
use thiserror::Error;
use wk_sync::store::model::{ChannelId, Message, MessageSeq, MessageWithExtra};
use wk_sync::{Event, Origin};

use crate::event_queue::EventReader;

/// Events of a client from the moment of the subscription on, in the order in which they became true: all of them, or those
/// of one noun, such as [`MessageEvent`].
pub struct Events<T = Event> {
    reader: EventReader,
    pick: Arc<dyn Fn(Event) -> Option<T> + Send + Sync>,
}

/// Something that happened to messages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MessageEvent {
    /// An own message was stored; it has not been sent yet. Everything else of it comes later.
    Inserted(Message),
    /// Messages that were not known before, in the order they became known.
    New {
        /// The messages.
        messages: Vec<Message>,
        /// How they came.
        origin: Origin,
    },
    /// A stored message changed: its send status, its reason code, its place.
    Refreshed(Message),
    /// Something happened to stored messages: they were edited, taken back, read, reacted to.
    Changed(Vec<MessageWithExtra>),
    /// Messages of a channel are no longer shown: deleted, expired or burnt. They are as they were before.
    Removed {
        /// The channel.
        channel: ChannelId,
        /// The messages.
        messages: Vec<Message>,
    },
    /// The messages of a channel up to this seq were cleared here, with the local ones among them.
    Cleared {
        /// The channel.
        channel: ChannelId,
        /// The highest seq that went.
        up_to: MessageSeq,
    },
    /// What was stored of a channel changed as a whole: open the channel again.
    Reset(ChannelId),
    /// What is pinned to a channel changed.
    Pinned(ChannelId),
    /// A page of a channel waits for the data source, once for each page: time for a spinner.
    Pulling(ChannelId),
}

impl MessageEvent {
    pub(crate) fn of(event: Event) -> Option<Self> {
        match event {
            Event::Inserted(message) => Some(Self::Inserted(message)),
            Event::Messages { messages, origin } => Some(Self::New { messages, origin }),
            Event::Refreshed(message) => Some(Self::Refreshed(message)),
            Event::Changed(messages) => Some(Self::Changed(messages)),
            Event::Removed { channel, messages } => Some(Self::Removed { channel, messages }),
            Event::Cleared { channel, up_to } => Some(Self::Cleared { channel, up_to }),
            Event::ChannelReset(channel) => Some(Self::Reset(channel)),
            Event::PinnedMessages(channel) => Some(Self::Pinned(channel)),
            Event::Pulling(channel) => Some(Self::Pulling(channel)),
            _ => None,
        }
    }

    /// What of this happened in one channel.
    pub(crate) fn within(self, channel: &ChannelId) -> Option<Self> {
        match self {
            Self::New { mut messages, origin } => {
                messages.retain(|message| message.channel == *channel);
                (!messages.is_empty()).then_some(Self::New { messages, origin })
            }
            Self::Inserted(ref message) | Self::Refreshed(ref message) => {
                (message.channel == *channel).then_some(self)
            }
            Self::Changed(mut messages) => {
                messages.retain(|it| it.message.channel == *channel);
                (!messages.is_empty()).then_some(Self::Changed(messages))
            }
            Self::Removed { channel: ref of, .. }
            | Self::Cleared { channel: ref of, .. }
            | Self::Reset(ref of)
            | Self::Pinned(ref of)
            | Self::Pulling(ref of) => (of == channel).then_some(self),
        }
    }
}

/// Why there is no next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The reader was too slow and these were dropped. Load what is shown again, then go on reading.
    #[error("{missed} events were dropped because they were not read in time")]
    Lagged {
        /// How many, of every noun.
        missed: u64,
    },
    /// The client has ended.
    #[error("the client has ended")]
    Ended,
}

impl Events {
    pub(crate) fn new(reader: EventReader) -> Self {
        Self { reader, pick: Arc::new(Some) }
    }
}

impl<T> Events<T> {
    /// Only some of the events, as something else.
    pub fn filter_map<U>(self, pick: impl Fn(T) -> Option<U> + Send + Sync + 'static) -> Events<U>
    where
        T: 'static,
    {
        let before = self.pick;
        Events { reader: self.reader, pick: Arc::new(move |event| pick(before(event)?)) }
    }

    /// Waits for the next event. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`EventsError::Lagged`] once after events were dropped; [`EventsError::Ended`] for good.
    pub async fn next(&mut self) -> Result<T, EventsError> {
        loop {
            if let Some(picked) = (self.pick)(self.reader.next().await?) {
                return Ok(picked);
            }
        }
    }

    /// Passes over everything that has happened so far.
    pub(crate) fn skip_waiting(&mut self) {
        self.reader.skip_waiting();
    }

    /// The same as a stream, which ends with the client. Its only error is [`EventsError::Lagged`].
    pub fn into_stream(self) -> impl Stream<Item = Result<T, EventsError>> + Send + Unpin
    where
        T: Send + 'static,
    {
        Box::pin(stream::unfold(self, async |mut events| match events.next().await {
            Err(EventsError::Ended) => None,
            next => Some((next, events)),
        }))
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
