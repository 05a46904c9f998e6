//! One channel as a user interface shows it.

use std::sync::{Arc, Weak};

use tokio::sync::{Mutex, oneshot, watch};
use wk_sync::Event;
use wk_sync::store::model::{Anchor, ChannelId, Direction, Gap, MessageSeq, PageQuery, Position};
use wk_sync::store::{StoreReader, StoreTx};

use super::changes::{ListChanges, show};
use super::window::{TimelineItem, Window, reach};
use crate::{Client, Error, Events, EventsError};

/// A part of a channel, ascending, that keeps itself up to date: messages with their edits, reactions and send status, holes
/// where messages are missing, and where the unread ones begin. From [`Messages::timeline`](crate::Messages::timeline).
///
/// It always equals what is stored of its part: local echoes stand in it before they are sent, and a message that was sent
/// moves to its place. Messages that nobody stores, such as those sent with `no_persist` by others, are not in it.
///
/// A clone is the same timeline. It ends, and with it all its [`ListChanges`], when the last clone is dropped; until then it is a
/// handle of its client.
#[derive(Debug, Clone)]
pub struct Timeline {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    channel: ChannelId,
    /// Held while the window changes or is read, so that no older reading follows a newer one.
    window: Mutex<Window>,
    list: watch::Sender<Arc<Vec<TimelineItem>>>,
    /// Dropped with this, which ends the task.
    _end: oneshot::Sender<()>,
}

/// What loading more did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// Nothing more lies that way.
    pub reached_end: bool,
    /// What could not be fetched and why; it stands in the timeline as a gap.
    pub incomplete: Option<Gap>,
}

impl Timeline {
    /// Messages loaded at first.
    const FIRST: u32 = PageQuery::DEFAULT_LIMIT;

    pub(crate) async fn open(client: Client, channel: ChannelId) -> Result<Self, Error> {
        let of = channel.clone();
        let read_to = move |tx: &mut dyn StoreTx| tx.conversation(&of);
        let (conversation, events) = client.snapshot(read_to).await?;
        let read_to = conversation.map(|known| known.read_to.max(known.own_seq));
        let window = Window { low: Position::MAX, high: Position::MAX, read_to };
        let (list, (_end, ended)) = (watch::Sender::new(Arc::default()), oneshot::channel());
        client.messages().open(&channel).await?;
        let (same, shown) = (client.clone(), channel.clone());
        let window = Mutex::new(window);
        let timeline = Self { inner: Arc::new(Inner { client, channel, window, list, _end }) };
        let following = follow(Arc::downgrade(&timeline.inner), events);
        tokio::spawn(async move {
            tokio::select! {
                () = following => {}
                _ = ended => {}
            }
            // The client may have ended before.
            same.messages().close(&shown).await.ok();
        });
        timeline.jump_to_end(Self::FIRST).await?;
        Ok(timeline)
    }

    /// What stands in it now.
    pub fn items(&self) -> Vec<TimelineItem> {
        self.inner.list.borrow().to_vec()
    }

    /// What stands in it now, and every change from then on.
    pub fn subscribe(&self) -> (Vec<TimelineItem>, ListChanges<TimelineItem>) {
        ListChanges::of(&self.inner.list)
    }

    /// Loads so many messages before the first, from the store or else from the data source.
    ///
    /// # Errors
    /// [`Error::Query`] for a limit of 0 or over 10,000; [`Error::Store`], [`Error::Stopped`].
    pub async fn load_older(&self, limit: u32) -> Result<Loaded, Error> {
        self.load(Direction::Older, limit).await
    }

    /// Loads so many messages behind the last, where it does not reach the end of the channel. There it follows what comes.
    ///
    /// # Errors
    /// As [`Timeline::load_older`].
    pub async fn load_newer(&self, limit: u32) -> Result<Loaded, Error> {
        if self.inner.window.lock().await.follows() {
            return Ok(Loaded { reached_end: true, incomplete: None });
        }
        self.load(Direction::Newer, limit).await
    }

    /// Shows the messages around a place instead: of a quoted message, of something that was found.
    ///
    /// # Errors
    /// As [`Timeline::load_older`].
    pub async fn jump_to(&self, seq: MessageSeq, limit: u32) -> Result<(), Error> {
        let (at, half) = (Position::server(seq), limit.div_ceil(2));
        self.inner.pull(Anchor::Around(at), Direction::Older, limit).await?;
        let mut window = self.inner.window.lock().await;
        window.low = self.inner.reach(at, Direction::Older, half).await?;
        window.high = self.inner.reach(at, Direction::Newer, half).await?;
        self.inner.refresh(&mut window).await
    }

    /// Shows the newest messages instead, and follows what comes.
    ///
    /// # Errors
    /// As [`Timeline::load_older`].
    pub async fn jump_to_end(&self, limit: u32) -> Result<Loaded, Error> {
        let loaded = self.inner.pull(Anchor::Edge, Direction::Older, limit).await?;
        let mut window = self.inner.window.lock().await;
        window.high = Position::MAX;
        window.low = self.inner.reach(Position::MAX, Direction::Older, limit).await?;
        self.inner.refresh(&mut window).await?;
        Ok(loaded.if_all(window.low == Position::MIN))
    }

    /// Pulls so many messages of a gap from its beginning on.
    ///
    /// # Errors
    /// As [`Timeline::load_older`].
    pub async fn fill(&self, first: MessageSeq, limit: u32) -> Result<Loaded, Error> {
        let loaded = self.inner.pull(Anchor::At(Position::server(first)), Direction::Newer, limit).await?;
        self.inner.refresh(&mut *self.inner.window.lock().await).await?;
        Ok(loaded)
    }

    /// The window is not held while the data source is asked: what comes meanwhile is shown.
    async fn load(&self, direction: Direction, limit: u32) -> Result<Loaded, Error> {
        let edge = self.inner.window.lock().await.edge(direction);
        let loaded = self.inner.pull(Anchor::Beside(edge), direction, limit).await?;
        let mut window = self.inner.window.lock().await;
        let edge = window.edge(direction);
        // The message at the edge is there already.
        let reached = self.inner.reach(edge, direction, limit.saturating_add(1)).await?;
        match direction {
            Direction::Older => window.low = reached,
            Direction::Newer => window.high = reached,
        }
        self.inner.refresh(&mut window).await?;
        Ok(loaded.if_all(matches!(reached, Position::MIN | Position::MAX)))
    }
}

impl Loaded {
    fn if_all(self, all: bool) -> Self {
        Self { reached_end: self.reached_end && all, ..self }
    }
}

impl Inner {
    /// Has what lies beside a place stored, as far as it can be had.
    async fn pull(&self, anchor: Anchor, direction: Direction, limit: u32) -> Result<Loaded, Error> {
        let mut query = PageQuery::newest(self.channel.clone()).limit(limit);
        (query.anchor, query.direction) = (anchor, direction);
        let page = self.client.messages().history(query).await?;
        let reached_end = match direction {
            Direction::Older => page.reached_start,
            Direction::Newer => page.reached_end,
        };
        Ok(Loaded { reached_end, incomplete: page.incomplete })
    }

    /// The place of the last of so many stored messages, or the end that way.
    async fn reach(&self, from: Position, direction: Direction, count: u32) -> Result<Position, Error> {
        let channel = self.channel.clone();
        let read = move |reader: &mut dyn StoreReader| reach(reader, &channel, from, direction, count);
        let end = match direction {
            Direction::Older => Position::MIN,
            Direction::Newer => Position::MAX,
        };
        Ok(self.client.read(read).await?.unwrap_or(end))
    }

    /// Reads the window anew.
    async fn refresh(&self, window: &mut Window) -> Result<(), Error> {
        let mut items = self.read(*window).await?;
        if items.is_empty() && window.low != Position::MIN {
            // The log was recreated, or all of it deleted: what there is begins elsewhere.
            window.low = self.reach(Position::MAX, Direction::Older, Timeline::FIRST).await?;
            window.high = Position::MAX;
            items = self.read(*window).await?;
        }
        show(&self.list, items);
        Ok(())
    }

    async fn read(&self, window: Window) -> Result<Vec<TimelineItem>, Error> {
        let (channel, uid) = (self.channel.clone(), self.client.uid().clone());
        let read = move |tx: &mut dyn StoreTx| window.read(tx, &channel, &uid);
        Ok(self.client.snapshot(read).await?.0)
    }

    fn concerns(&self, event: &Event) -> bool {
        match event {
            Event::Inserted(message) | Event::Refreshed(message) => message.channel == self.channel,
            Event::Messages { messages, .. } => {
                messages.iter().any(|message| message.channel == self.channel)
            }
            Event::Changed(messages) => messages.iter().any(|it| it.message.channel == self.channel),
            Event::ChannelReset(channel)
            | Event::Removed { channel, .. }
            | Event::Cleared { channel, .. }
            | Event::PinnedMessages(channel) => *channel == self.channel,
            // What a stream ends with comes as a refreshed message.
            Event::Connection(_)
            | Event::Command(_)
            | Event::Synced { .. }
            | Event::Pulling(_)
            | Event::Stream(_)
            | Event::Members(_)
            | Event::Channel(_)
            | Event::Robot(_)
            | Event::Reminders(_) => false,
            Event::Conversations(channels) => channels.contains(&self.channel),
            // What this file does not know may change a message.
            _ => true,
        }
    }
}

/// Reads the window anew after every event that may have changed it, and after every loss of events.
async fn follow(timeline: Weak<Inner>, mut events: Events) {
    loop {
        let event = events.next().await;
        let Some(timeline) = timeline.upgrade() else { return };
        let concerned = match event {
            Ok(event) => timeline.concerns(&event),
            Err(EventsError::Lagged { .. }) => true,
            Err(EventsError::Ended) => return,
        };
        if !concerned {
            continue;
        }
        // What else has happened is read along.
        events.skip_waiting();
        let mut window = timeline.window.lock().await;
        if let Err(error) = timeline.refresh(&mut window).await {
            tracing::warn!(%error, "a timeline could not be read");
        }
    }
}
