//! A search and its answers, as values.

use std::ops::Range;

use super::SearchPattern;
use crate::{ChannelId, ContentType, Message, Uid, UnixMillis, parse_payload};

/// A search for messages, by the text that lists show: that of the last edit. What lists do not show, what was taken back
/// and what has expired is not found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchQuery {
    /// What the user typed; see [`SearchPattern`] for what it finds. Empty text finds every message.
    pub text: String,
    /// Only in this channel.
    pub channel: Option<ChannelId>,
    /// Only from this sender.
    pub from_uid: Option<Uid>,
    /// Only of these types; empty for all.
    pub content_types: Vec<ContentType>,
    /// Only from this time on.
    pub since: Option<UnixMillis>,
    /// Only before this time.
    pub until: Option<UnixMillis>,
    /// The time, for what has expired.
    pub now: UnixMillis,
    /// Only behind this place: [`SearchPage::next`] of the page before.
    pub after: Option<SearchCursor>,
    /// The most hits of a page, 1 to [`SearchQuery::MAX_LIMIT`]; others are taken as the nearest of these.
    pub limit: u32,
}

impl SearchQuery {
    /// The largest page.
    pub const MAX_LIMIT: u32 = 1000;
    /// The page of a new query.
    pub const DEFAULT_LIMIT: u32 = 20;

    /// A search of everything for what the user typed.
    pub fn new(text: impl Into<String>, now: UnixMillis) -> Self {
        Self {
            text: text.into(),
            channel: None,
            from_uid: None,
            content_types: Vec::new(),
            since: None,
            until: None,
            now,
            after: None,
            limit: Self::DEFAULT_LIMIT,
        }
    }

    /// The same in one channel.
    #[must_use]
    pub fn channel(self, channel: ChannelId) -> Self {
        Self { channel: Some(channel), ..self }
    }

    /// The same from one sender.
    #[must_use]
    pub fn from_uid(self, from_uid: Uid) -> Self {
        Self { from_uid: Some(from_uid), ..self }
    }

    /// The same for these types.
    #[must_use]
    pub fn content_types(self, types: impl IntoIterator<Item = ContentType>) -> Self {
        Self { content_types: types.into_iter().collect(), ..self }
    }

    /// The same from this time on.
    #[must_use]
    pub fn since(self, since: UnixMillis) -> Self {
        Self { since: Some(since), ..self }
    }

    /// The same before this time.
    #[must_use]
    pub fn until(self, until: UnixMillis) -> Self {
        Self { until: Some(until), ..self }
    }

    /// The same behind this place.
    #[must_use]
    pub fn after(self, after: SearchCursor) -> Self {
        Self { after: Some(after), ..self }
    }

    /// The same for at most so many hits.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        Self { limit, ..self }
    }

    /// The most hits of a page, within its bounds.
    pub fn page_len(&self) -> usize {
        self.limit.clamp(1, Self::MAX_LIMIT) as usize
    }

    /// Where a message stands in the order of this search: in one channel the order of the channel, otherwise that
    /// of time. Larger is newer, and comes first.
    pub fn cursor(&self, message: &Message) -> SearchCursor {
        match self.channel {
            Some(_) => {
                let seq = i64::try_from(message.position.seq.get()).unwrap_or(i64::MAX);
                SearchCursor { major: seq, minor: i64::from(message.position.index) }
            }
            None => SearchCursor { major: message.timestamp.get(), minor: message.client_seq.get() },
        }
    }

    /// The hit that a message is, if it is one. The pattern is that of the text, made once for many messages; the
    /// payload is the one that lists show, which is not the message's own if it was edited. Messages that were taken
    /// back are no hits, and not to be asked about ([`MessageExtra::is_taken_back`](crate::MessageExtra::is_taken_back)).
    /// [`SearchQuery::after`] is not looked at.
    pub fn hit(&self, pattern: &SearchPattern, message: &Message, payload: &[u8]) -> Option<SearchHit> {
        if !self.admits(message) {
            return None;
        }
        let text = parse_payload(payload).content.searchable_text().into_owned();
        let highlights = pattern.find(&text)?;
        Some(SearchHit { message: message.clone(), text, highlights })
    }

    fn admits(&self, message: &Message) -> bool {
        message.is_visible()
            && !message.is_expired(self.now)
            && self.channel.as_ref().is_none_or(|channel| *channel == message.channel)
            && self.from_uid.as_ref().is_none_or(|uid| *uid == message.from_uid)
            && (self.content_types.is_empty() || self.content_types.contains(&message.content_type))
            && self.since.is_none_or(|since| since <= message.timestamp)
            && self.until.is_none_or(|until| message.timestamp < until)
    }
}

/// A place in the order of a search. It means something only to the same search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_structs, reason = "an application may keep it as two numbers")]
pub struct SearchCursor {
    /// The seq in one channel, otherwise the time.
    pub major: i64,
    /// The local index in one channel, otherwise the row.
    pub minor: i64,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SearchHit {
    /// The message.
    pub message: Message,
    /// Its text in which the terms were found, the edited one if it was edited:
    /// [`Content::searchable_text`](crate::Content::searchable_text).
    pub text: String,
    /// Where they stand in it: ranges of bytes, ascending, none touching another.
    pub highlights: Vec<Range<usize>>,
}

/// Some of what a search finds, the newest first.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SearchPage {
    /// The hits. They may be fewer than asked for, even none, where a rare text would need much work at once.
    pub hits: Vec<SearchHit>,
    /// Where to go on; nothing if there is no more.
    pub next: Option<SearchCursor>,
}

impl SearchPage {
    /// A page.
    pub const fn new(hits: Vec<SearchHit>, next: Option<SearchCursor>) -> Self {
        Self { hits, next }
    }
}

/// How much a search finds in one channel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChannelHits {
    /// The channel.
    pub channel: ChannelId,
    /// How many messages.
    pub count: u64,
    /// The newest of them.
    pub newest: SearchHit,
}

/// How much a search finds, per channel.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SearchCounts {
    /// The channels, that with the newest hit first.
    pub channels: Vec<ChannelHits>,
    /// Where counting stopped because it would need much work at once: the same search behind this place counts the
    /// rest. Nothing if the counts are whole.
    pub next: Option<SearchCursor>,
}

impl SearchCounts {
    /// Counts hits that come in the order of the search.
    pub fn of(hits: impl IntoIterator<Item = SearchHit>, next: Option<SearchCursor>) -> Self {
        let mut channels: Vec<ChannelHits> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for newest in hits {
            let channel = newest.message.channel.clone();
            let place = *places.entry(channel.clone()).or_insert(channels.len());
            match channels.get_mut(place) {
                Some(found) => found.count = found.count.saturating_add(1),
                None => channels.push(ChannelHits { channel, count: 1, newest }),
            }
        }
        Self { channels, next }
    }
}
