//! Generated histories: channels that are born with any number of messages, none of them in memory.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use wk_model::{ChannelId, ChannelType, MessageId, MessageSeq, Setting, Uid, UnixMillis};
use wkproto::Flags;

use crate::world::ids::{SNOWFLAKE_EPOCH_MS, SNOWFLAKE_LOW_BITS, person_channel};
use crate::world::message::Message;

type Payload = dyn Fn(u64) -> Vec<u8> + Send + Sync;

/// A channel with a history. Every message follows from the seed and its seq, so that a page costs what the page
/// holds and a hundred thousand messages cost nothing until they are read.
///
/// The members take turns as senders and have the conversation in their lists, unread. Messages sent later
/// continue the seqs.
///
/// ```
/// # use wk_devserver::Seed;
/// # use wk_model::Uid;
/// let chat = Seed::person(&Uid::from("alice"), &Uid::from("bob"), 100_000);
/// let team = Seed::group("team", [Uid::from("alice"), Uid::from("bob"), Uid::from("carol")], 500)
///     .payload(|seq| format!(r#"{{"type":1,"content":"note {seq}"}}"#).into_bytes());
/// # let _ = (chat, team);
/// ```
#[derive(Clone)]
pub struct Seed {
    stored_id: Arc<str>,
    channel_type: ChannelType,
    members: Vec<Uid>,
    count: u64,
    last_at: Option<UnixMillis>,
    spacing: Duration,
    payload: Option<Arc<Payload>>,
    read_to: Vec<(Uid, u64)>,
}

impl Seed {
    /// The conversation of two users with `count` messages; `a` sent the first.
    pub fn person(a: &Uid, b: &Uid, count: u64) -> Self {
        let stored_id = person_channel(a.as_str(), b.as_str()).into();
        Self::new(stored_id, ChannelType::PERSON, vec![a.clone(), b.clone()], count)
    }

    /// A group with `count` messages; without members the messages come from the system.
    pub fn group(id: impl Into<Arc<str>>, members: impl IntoIterator<Item = Uid>, count: u64) -> Self {
        Self::new(id.into(), ChannelType::GROUP, members.into_iter().collect(), count)
    }

    /// The history of `channel` as `uid` sees it, a person's or a group's with the other `members`.
    pub fn history(
        uid: &Uid,
        channel: &ChannelId,
        members: impl IntoIterator<Item = Uid>,
        count: u64,
    ) -> Self {
        if channel.channel_type() == ChannelType::PERSON {
            return Self::person(uid, &Uid::from(channel.id()), count);
        }
        let mut all = vec![uid.clone()];
        all.extend(members);
        Self::new(channel.id().into(), channel.channel_type(), all, count)
    }

    fn new(stored_id: Arc<str>, channel_type: ChannelType, members: Vec<Uid>, count: u64) -> Self {
        Self {
            stored_id,
            channel_type,
            members,
            count,
            last_at: None,
            spacing: Duration::from_secs(1),
            payload: None,
            read_to: Vec::new(),
        }
    }

    /// When the last message was sent. Without it, one minute before the server's start for the first seed, two
    /// for the second, and so on, so that conversations have an order in time.
    pub fn last_at(mut self, time: UnixMillis) -> Self {
        self.last_at = Some(time);
        self
    }

    /// The time between two messages, a second if not set, at least a millisecond.
    pub fn spacing(mut self, spacing: Duration) -> Self {
        self.spacing = spacing;
        self
    }

    /// Makes the payload of the message with a seq. Without it, a text that names the channel and the seq.
    pub fn payload(mut self, payload: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.payload = Some(Arc::new(payload));
        self
    }

    /// How far `uid` has read. Own messages count as read anyway.
    pub fn read_to(mut self, uid: &Uid, seq: u64) -> Self {
        self.read_to.push((uid.clone(), seq));
        self
    }

    pub(crate) fn stored_id(&self) -> &Arc<str> {
        &self.stored_id
    }

    pub(crate) fn channel_type(&self) -> ChannelType {
        self.channel_type
    }

    pub(crate) fn members(&self) -> &[Uid] {
        &self.members
    }

    pub(crate) fn read_position(&self, uid: &Uid) -> u64 {
        self.read_to.iter().rev().find(|(reader, _)| reader == uid).map_or(0, |(_, seq)| *seq)
    }

    /// Fixes the times. `index` tells seeds apart: it is part of their message ids.
    pub(crate) fn into_history(self, started: UnixMillis, index: u32) -> History {
        let default_end = started.get().saturating_sub(60_000 * (i64::from(index) + 1));
        let last_ms = self.last_at.map_or(default_end, UnixMillis::get).max(SNOWFLAKE_EPOCH_MS + 1);
        let room = last_ms - SNOWFLAKE_EPOCH_MS;
        let steps = i64::try_from(self.count).unwrap_or(i64::MAX).max(1);
        let wanted = i64::try_from(self.spacing.as_millis()).unwrap_or(i64::MAX);
        let spacing_ms = wanted.min(room / steps).max(1);
        History {
            index,
            channel: self.stored_id,
            channel_type: self.channel_type,
            senders: self.members.iter().map(|uid| uid.as_str().into()).collect(),
            len: self.count,
            last_ms,
            spacing_ms,
            payload: self.payload,
        }
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("channel", &self.stored_id)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// A seed with its place in time.
pub(crate) struct History {
    index: u32,
    channel: Arc<str>,
    channel_type: ChannelType,
    senders: Vec<Arc<str>>,
    len: u64,
    last_ms: i64,
    spacing_ms: i64,
    payload: Option<Arc<Payload>>,
}

impl History {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    fn sent_ms(&self, seq: u64) -> i64 {
        let before_last = i64::try_from(self.len.saturating_sub(seq)).unwrap_or(i64::MAX);
        self.last_ms.saturating_sub(self.spacing_ms.saturating_mul(before_last))
    }

    fn sender(&self, seq: u64) -> Option<&Arc<str>> {
        let turn = seq.checked_sub(1)?.checked_rem(self.senders.len() as u64)?;
        self.senders.get(usize::try_from(turn).ok()?)
    }

    fn client_msg_no(&self, seq: u64) -> String {
        format!("seed-{}-{seq}", self.channel)
    }

    /// The message with this seq, which the caller knows to exist.
    pub(crate) fn message(&self, seq: u64) -> Message {
        let from = self.sender(seq).cloned().unwrap_or_else(|| crate::world::ids::SYSTEM_UID.into());
        let shown_channel = match self.channel_type {
            ChannelType::PERSON => crate::world::ids::peer_of(&self.channel, &from).into(),
            _ => self.channel.clone(),
        };
        let payload = match &self.payload {
            Some(payload) => payload(seq),
            None => default_payload(&self.channel, seq),
        };
        let sent_ms = self.sent_ms(seq);
        let id = ((sent_ms - SNOWFLAKE_EPOCH_MS) << SNOWFLAKE_LOW_BITS) | i64::from(self.index);
        Message {
            id: MessageId::new(id),
            seq: MessageSeq::new(seq),
            flags: Flags::RED_DOT,
            setting: Setting::EMPTY,
            from,
            client_msg_no: self.client_msg_no(seq).into(),
            channel: self.channel.clone(),
            shown_channel,
            channel_type: self.channel_type,
            topic: "".into(),
            expire: 0,
            timestamp: i32::try_from(sent_ms / 1000).unwrap_or(i32::MAX),
            payload: Bytes::from(payload),
        }
    }

    pub(crate) fn seq_of(&self, id: MessageId) -> Option<u64> {
        let sent_ms = id.unix_ms()?;
        let steps = (self.last_ms - sent_ms).checked_div(self.spacing_ms)?;
        let seq = self.len.checked_sub(u64::try_from(steps).ok()?)?;
        (seq > 0 && self.message(seq).id == id).then_some(seq)
    }

    pub(crate) fn seq_of_client_msg_no(&self, number: &str) -> Option<u64> {
        let seq =
            number.strip_prefix("seed-")?.strip_prefix(&*self.channel)?.strip_prefix('-')?.parse().ok()?;
        (1..=self.len).contains(&seq).then_some(seq)
    }

    pub(crate) fn last_sent_by(&self, uid: &str) -> Option<u64> {
        let oldest = self.len.saturating_sub(self.senders.len() as u64);
        (oldest + 1..=self.len).rev().find(|seq| self.sender(*seq).is_some_and(|sender| **sender == *uid))
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("channel", &self.channel)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

fn default_payload(channel: &str, seq: u64) -> Vec<u8> {
    // `Value` escapes ids that hold quotes.
    serde_json::json!({ "type": 1, "content": format!("{channel} #{seq}") }).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(count: u64) -> History {
        let (alice, bob) = (Uid::from("alice"), Uid::from("bob"));
        Seed::person(&alice, &bob, count).into_history(UnixMillis::new(1_795_398_800_000), 3)
    }

    #[test]
    fn every_message_can_be_found_again() {
        let history = history(100_000);
        for seq in [1, 2, 3, 50_000, 99_999, 100_000] {
            let message = history.message(seq);
            assert_eq!(history.seq_of(message.id), Some(seq));
            assert_eq!(history.seq_of_client_msg_no(&message.client_msg_no), Some(seq));
            assert_eq!(message.id.unix_ms().map(|ms| ms / 1000), Some(i64::from(message.timestamp)));
        }
        assert_eq!(history.seq_of(MessageId::new(history.message(7).id.get() + 1)), None);
        assert_eq!(history.seq_of_client_msg_no("seed-bob@alice-100001"), None);
        assert_eq!(history.message(100_000).timestamp, 1_795_398_560);
    }

    #[test]
    fn members_take_turns() {
        let history = history(5);
        let senders: Vec<_> = (1..=5).map(|seq| history.message(seq).from).collect();
        assert_eq!(
            senders.iter().map(|uid| &**uid).collect::<Vec<_>>(),
            ["alice", "bob", "alice", "bob", "alice"]
        );
        assert_eq!(history.last_sent_by("alice"), Some(5));
        assert_eq!(history.last_sent_by("bob"), Some(4));
        assert_eq!(history.last_sent_by("carol"), None);
        assert_eq!(&*history.message(2).shown_channel, "alice");
    }

    #[test]
    fn a_history_longer_than_the_scheme_has_seconds_is_packed_closer() {
        let history = history(1_000_000_000);
        assert!(history.message(1).id.get() > 0);
        assert_eq!(history.seq_of(history.message(1).id), Some(1));
    }
}
