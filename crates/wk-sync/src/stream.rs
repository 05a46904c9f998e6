//! Messages that are still being written: their text, put together from the pieces that the server pushes.
//!
//! Pieces are not numbered, not repeated and may be lost (docs/servers.md T52, T68). So what they add up to is shown while it
//! is written, and when a stream ends, or anything is in doubt, the data source is asked for what the server has, where it
//! offers that: on v3, which pushes nothing, again and again. What a stream ended with becomes the text of its message. A
//! message that is being written is noted in the store until then, so that a restart goes on with it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use wk_store::model::proto;
use wk_store::model::{
    ActionKind, ChannelId, ChannelType, ClientMsgNo, ContentType, Instant, JsonObject, Message,
    PendingAction, Uid,
};
use wk_store::{StoreError, StoreTx};

use crate::engine::{Cx, Reply};
use crate::error::QueryError;
use crate::event::Event;
use crate::topic::Topic;

/// The lane that is the text of the message.
const MAIN: &str = "main";
/// How many streams are followed at once; the one that was silent longest gives way.
const MOST: usize = 256;
/// How long after news a stream is asked for where none are pushed; it doubles while there are none.
const POLL: Duration = Duration::from_secs(1);
/// The longest such wait, and how long pushes may be silent before the source is asked.
const POLL_MAX: Duration = Duration::from_secs(30);
/// How long a stream may say nothing before nobody asks any more: servers forget it then (docs/servers.md §8).
const SILENCE: Duration = Duration::from_secs(600);

/// How far a lane of a stream has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamStatus {
    /// It is being written.
    #[default]
    Open,
    /// It is complete.
    Closed,
    /// Whoever writes it failed.
    Failed,
    /// Whoever writes it gave it up.
    Cancelled,
}

/// A lane of a stream: an answer, or the thoughts behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "sources must fill every field")]
pub struct StreamLane {
    /// Its name; `main` is the text of the message.
    pub key: String,
    /// Its text so far.
    pub text: String,
    /// How far it has come.
    pub status: StreamStatus,
}

/// What a lane says now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamUpdate {
    /// The channel.
    pub channel: ChannelId,
    /// The number of the message that is being written. The message itself may come later.
    pub client_msg_no: ClientMsgNo,
    /// The lane.
    pub lane: StreamLane,
    /// Whether the server said all of it at once. Otherwise it was put together here, and a piece may be missing.
    pub is_certain: bool,
}

#[derive(Debug, Default)]
struct Lane {
    text: String,
    status: StreamStatus,
    /// The server said all of it at once.
    is_whole: bool,
    /// It did so in a snapshot that was pushed, which it forgets itself with the next piece.
    is_snapshot: bool,
    last_event: String,
}

#[derive(Debug)]
struct Stream {
    lanes: BTreeMap<String, Lane>,
    heard: Instant,
    /// When it last said something new.
    news: Instant,
    /// When the data source is asked for it, and how long the wait was.
    poll: Option<Instant>,
    wait: Duration,
}

/// A message that is being written: its channel, who writes it, and the writer's number for it.
pub(crate) type Name = (ChannelId, Uid, ClientMsgNo);

/// The streams that are being written.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: BTreeMap<Name, Stream>,
    doubted: bool,
}

impl Streams {
    /// Goes on with what was being written when the last process ended.
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let mut streams = Self { doubted: true, ..Self::default() };
        for (_, action) in tx.pending_actions()?.into_iter().filter(|(_, it)| it.kind == ActionKind::Stream) {
            if let Some(message) = tx.message_by_id(action.message_id)? {
                let name = (message.channel, message.from_uid, message.client_msg_no);
                streams.open.insert(name, Stream::new(Instant::default()));
            }
        }
        Ok(streams)
    }

    /// A message came that is being written, or was. The source is asked for it, and a young one is followed.
    pub(crate) fn begins(cx: &mut Cx<'_>, message: &Message) -> Result<(), StoreError> {
        let (channel, id) = (&message.channel, message.message_id);
        if id.is_zero() || message.client_msg_no.is_empty() {
            return Ok(());
        }
        if cx.tx.pending_action_for(ActionKind::Stream, channel, id)?.is_some() {
            return Ok(());
        }
        let name = (message.channel.clone(), message.from_uid.clone(), message.client_msg_no.clone());
        cx.core.stale.push(topic(&name));
        let age = cx.server_now().get().saturating_sub(message.timestamp.get());
        if u128::try_from(age).is_ok_and(|age| age > SILENCE.as_millis()) {
            return Ok(());
        }
        cx.tx.add_pending_action(&PendingAction {
            kind: ActionKind::Stream,
            channel: message.channel.clone(),
            message_id: message.message_id,
            seq: message.message_seq(),
            at: message.timestamp,
            text: String::new(),
            payload: Bytes::new(),
        })?;
        cx.core.written.push(name);
        Ok(())
    }

    /// The application says that a message may be being written, which nothing that came with it told.
    pub(crate) fn follow(cx: &mut Cx<'_>, message: Option<&Message>) -> Result<Reply, StoreError> {
        let message = message.filter(|message| !message.message_id.is_zero());
        if let Some(message) = message {
            Self::begins(cx, message)?;
        }
        Ok(Reply::Done(message.map(drop).ok_or(QueryError::NoMessage)))
    }

    /// When the data source is to be asked next; nothing while there is no session to be told by.
    pub(crate) fn deadline(&self, online: bool) -> Option<Instant> {
        self.open.values().filter_map(|stream| stream.poll).filter(|_| online).min()
    }

    /// The server pushed a piece.
    pub(crate) fn event(&mut self, cx: &mut Cx<'_>, event: &proto::Event<'_>) -> Result<(), StoreError> {
        let Some(data) = JsonObject::parse(event.data) else { return Ok(()) };
        let kind = event.event_type.to_string_lossy();
        let Some(kind) = kind.strip_prefix("stream.") else { return Ok(()) };
        let Some((channel, from_uid)) = place(&data, &cx.core.config.uid) else { return Ok(()) };
        let Some(number) = data.text("client_msg_no").filter(|number| !number.is_empty()) else {
            return Ok(());
        };
        let name = (channel, from_uid, ClientMsgNo::from(number));
        if kind == "finish" {
            return self.finish(cx, &name);
        }
        let key = data.text("event_key").filter(|key| !key.is_empty()).unwrap_or_else(|| MAIN.to_owned());
        let id = event.id.to_string_lossy().into_owned();
        let stream = self.stream(cx, &name);
        // It is asked for when pushes fall silent.
        (stream.news, stream.poll) = (cx.now.instant, Some(cx.after(POLL_MAX)));
        let lane = stream.lanes.entry(key.clone()).or_default();
        // The server itself knows only the last event of a lane again.
        if !id.is_empty() && lane.last_event == id {
            return Ok(());
        }
        lane.last_event = id;
        let payload = data.object("payload").unwrap_or_default();
        let whole =
            payload.text("text").or_else(|| payload.object("snapshot").and_then(|it| it.text("text")));
        let mut in_doubt = false;
        match (kind, whole) {
            ("delta", _) => {
                in_doubt = lane.is_snapshot || lane.status != StreamStatus::Open;
                (lane.is_whole, lane.is_snapshot) = (false, false);
                lane.text.push_str(&payload.text("delta").unwrap_or_default());
            }
            (_, Some(text)) => (lane.text, lane.is_whole, lane.is_snapshot) = (text, true, true),
            ("snapshot", None) => in_doubt = true,
            _ => {}
        }
        let ended = match kind {
            "close" => Some(StreamStatus::Closed),
            "error" => Some(StreamStatus::Failed),
            "cancel" => Some(StreamStatus::Cancelled),
            _ => None,
        };
        if let Some(status) = ended {
            (lane.status, in_doubt) = (status, in_doubt || !lane.is_whole);
        }
        let (is_certain, lane) = (lane.is_whole && !in_doubt, lane_of(&key, lane));
        tell(cx, &name, lane, is_certain);
        if in_doubt {
            cx.core.stale.push(topic(&name));
        }
        if key == MAIN && ended.is_some() {
            return self.keep(cx, &name);
        }
        Ok(())
    }

    /// Without a connection pieces are lost: everything open is in doubt.
    pub(crate) fn offline(&mut self) {
        self.doubted |= !self.open.is_empty();
    }

    /// Takes in what the data source said, and asks it about what is in doubt. `pushes` says whether the server tells of
    /// pieces by itself.
    pub(crate) fn settle(&mut self, cx: &mut Cx<'_>, pushes: bool) -> Result<(), StoreError> {
        let now = cx.now.instant;
        for name in std::mem::take(&mut cx.core.written) {
            let stream = self.stream(cx, &name);
            (stream.news, stream.poll) = (now, Some(cx.after(POLL_MAX)));
        }
        for (name, lanes) in std::mem::take(&mut cx.core.streams) {
            self.recovered(cx, &name, lanes, pushes)?;
        }
        if self.doubted && cx.core.online.is_some() {
            self.doubted = false;
            for (name, stream) in &mut self.open {
                (stream.news, stream.poll) = (now, Some(cx.after(POLL_MAX)));
                cx.core.stale.push(topic(name));
            }
        }
        self.poll(cx)
    }

    /// Asks for what was silent long enough, and gives up what was too long.
    fn poll(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        let now = cx.now.instant;
        let due = self.open.iter_mut().filter(|(_, stream)| stream.poll.is_some_and(|at| at <= now));
        let mut silent = Vec::new();
        for (name, stream) in due {
            // Sooner, when there is an answer.
            stream.poll = Some(cx.after(POLL_MAX));
            if stream.news + SILENCE <= now {
                silent.push(name.clone());
            } else {
                cx.core.stale.push(topic(name));
            }
        }
        for name in silent {
            self.open.remove(&name);
            ended(cx, &name)?;
        }
        Ok(())
    }

    fn recovered(
        &mut self,
        cx: &mut Cx<'_>,
        name: &Name,
        lanes: Vec<StreamLane>,
        pushes: bool,
    ) -> Result<(), StoreError> {
        if lanes.is_empty() && !self.open.contains_key(name) {
            return Ok(());
        }
        let stream = self.stream(cx, name);
        let mut told = Vec::new();
        for said in lanes {
            let lane = stream.lanes.entry(said.key.clone()).or_default();
            let is_news = lane.text != said.text || lane.status != said.status || !lane.is_whole;
            (lane.text, lane.status) = (said.text.clone(), said.status);
            (lane.is_whole, lane.is_snapshot) = (true, false);
            if is_news {
                told.push(said);
            }
        }
        let first = if pushes { POLL_MAX } else { POLL };
        if told.is_empty() {
            stream.wait = (stream.wait * 2).clamp(first, POLL_MAX);
        } else {
            (stream.wait, stream.news) = (first, cx.now.instant);
        }
        stream.poll = Some(cx.after(stream.wait));
        for lane in told {
            tell(cx, name, lane, true);
        }
        self.keep(cx, name)
    }

    fn finish(&mut self, cx: &mut Cx<'_>, name: &Name) -> Result<(), StoreError> {
        cx.core.stale.push(topic(name));
        self.keep(cx, name)
    }

    /// Writes what a stream ended with into its message. What is still written, or has no message yet, is kept.
    fn keep(&mut self, cx: &mut Cx<'_>, name: &Name) -> Result<(), StoreError> {
        let Some(stream) = self.open.get(name) else { return Ok(()) };
        let Some(main) = stream.lanes.get(MAIN) else { return Ok(()) };
        if main.status == StreamStatus::Open {
            return Ok(());
        }
        let found = cx.tx.message_by_client_msg_no(&name.0, &name.1, &name.2)?;
        let Some(message) = found else { return Ok(()) };
        let Some(mut keys) = JsonObject::parse(&message.payload) else { return Ok(()) };
        if keys.text("content").as_ref() != Some(&main.text) {
            keys.set("content", main.text.as_str());
            let message = Message { payload: keys.to_bytes(), ..message };
            cx.tx.update_message(&message)?;
            if message.is_visible() {
                cx.emit(Event::Refreshed(message));
            }
        }
        if stream.lanes.values().all(|lane| lane.is_whole && lane.status != StreamStatus::Open) {
            self.open.remove(name);
            ended(cx, name)?;
        }
        Ok(())
    }

    fn stream(&mut self, cx: &Cx<'_>, name: &Name) -> &mut Stream {
        if !self.open.contains_key(name) && self.open.len() >= MOST {
            let oldest =
                self.open.iter().min_by_key(|(_, stream)| stream.heard).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| self.open.remove(&oldest));
        }
        let heard = cx.now.instant;
        let stream = self.open.entry(name.clone()).or_insert_with(|| Stream::new(heard));
        stream.heard = heard;
        stream
    }
}

impl Stream {
    const fn new(heard: Instant) -> Self {
        Self { lanes: BTreeMap::new(), heard, news: heard, poll: None, wait: Duration::ZERO }
    }
}

/// Whether a pushed message may be one that is being written although it does not say so: v3's RECV leaves the setting out
/// (docs/servers.md §8), and a text without text is what there is before the first piece.
pub(crate) fn may_be_written(message: &Message) -> bool {
    // Few messages hold an empty string, and this is asked of each: most need not be parsed.
    let has_empty = || message.payload.windows(2).any(|two| two == b"\"\"");
    message.content_type == ContentType::TEXT
        && has_empty()
        && JsonObject::parse(&message.payload)
            .and_then(|keys| keys.text("content"))
            .is_some_and(|text| text.is_empty())
}

/// Nobody writes it any more: a restart need not look.
fn ended(cx: &mut Cx<'_>, (channel, from_uid, client_msg_no): &Name) -> Result<(), StoreError> {
    let Some(message) = cx.tx.message_by_client_msg_no(channel, from_uid, client_msg_no)? else {
        return Ok(());
    };
    if let Some((id, _)) = cx.tx.pending_action_for(ActionKind::Stream, channel, message.message_id)? {
        cx.tx.remove_pending_action(id)?;
    }
    Ok(())
}

/// The channel as the reader names it, and the sender: an event has the sender's view (docs/servers.md T52).
fn place(data: &JsonObject, reader: &Uid) -> Option<(ChannelId, Uid)> {
    let from_uid = crate::record::sender(Uid::from(data.id("from_uid").unwrap_or_default()));
    let channel_type = u8::try_from(data.integer("channel_type")?).ok().map(ChannelType::new)?;
    let id = data.id("channel_id").filter(|id| !id.is_empty())?;
    let is_own_view = channel_type == ChannelType::PERSON && id == reader.as_str();
    let id = if is_own_view { from_uid.as_str().to_owned() } else { id };
    Some((ChannelId::new(id, channel_type), from_uid))
}

fn topic((channel, from_uid, client_msg_no): &Name) -> Topic {
    Topic::Stream(channel.clone(), from_uid.clone(), client_msg_no.clone())
}

fn lane_of(key: &str, lane: &Lane) -> StreamLane {
    StreamLane { key: key.to_owned(), text: lane.text.clone(), status: lane.status }
}

fn tell(cx: &mut Cx<'_>, name: &Name, lane: StreamLane, is_certain: bool) {
    let (channel, _, client_msg_no) = name.clone();
    cx.emit(Event::Stream(StreamUpdate { channel, client_msg_no, lane, is_certain }));
}
