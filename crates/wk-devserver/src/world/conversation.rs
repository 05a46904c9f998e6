//! A user's list of conversations: what was read, what was hidden, and in which order the server tells it.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wk_model::ChannelType;

pub(crate) type ChannelKey = (Arc<str>, ChannelType);

#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) channel: Arc<str>,
    pub(crate) channel_type: ChannelType,
    /// The read position. It can leave the range of seqs, see [`position_for_unread`].
    pub(crate) read_to: u64,
    /// Hidden up to this seq.
    pub(crate) deleted_to: u64,
    /// When it was created, read or written down, in milliseconds since 1970.
    pub(crate) changed_ms: i64,
    /// Larger for what changed later; the order of the list.
    revision: u64,
    /// The flush period in which it was created, while the server has it only in its cache.
    cached_in: Option<u64>,
}

impl Conversation {
    /// What the server reads: in the cache the position is not known yet.
    pub(crate) fn known_read_to(&self) -> u64 {
        if self.cached_in.is_some() { 0 } else { self.read_to }
    }
}

/// A conversation as a file keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    channel: Arc<str>,
    channel_type: u8,
    read_to: u64,
    deleted_to: u64,
    changed_ms: i64,
}

/// Counts the changes of all lists and the periods after which the server's cache is written down.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The current period. The caller moves it forward with the clock.
    pub(crate) period: u64,
    /// The time, in milliseconds since 1970. Moved by the caller too.
    pub(crate) now_ms: i64,
    revision: u64,
}

impl Changes {
    fn next(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }
}

#[derive(Debug, Default)]
pub(crate) struct Conversations {
    by_channel: HashMap<ChannelKey, Conversation>,
}

impl Conversations {
    fn put(&mut self, key: ChannelKey, read_to: u64, cached_in: Option<u64>, changes: &mut Changes) {
        let (channel, channel_type) = key.clone();
        let fresh = Conversation {
            channel,
            channel_type,
            read_to,
            deleted_to: 0,
            changed_ms: changes.now_ms,
            revision: changes.next(),
            cached_in,
        };
        self.by_channel.insert(key, fresh);
    }

    /// All of them, the one that changed first in front; those in the cache count as written down.
    pub(crate) fn stored(&self) -> Vec<Stored> {
        let mut all: Vec<_> = self.by_channel.values().collect();
        all.sort_by_key(|known| known.revision);
        let stored = all.into_iter().map(|known| Stored {
            channel: known.channel.clone(),
            channel_type: known.channel_type.value(),
            read_to: known.read_to,
            deleted_to: known.deleted_to,
            changed_ms: known.changed_ms,
        });
        stored.collect()
    }

    /// Puts in what [`Self::stored`] gave.
    pub(crate) fn restore(&mut self, stored: Vec<Stored>, changes: &mut Changes) {
        for Stored { channel, channel_type, read_to, deleted_to, changed_ms } in stored {
            let channel_type = ChannelType::new(channel_type);
            let revision = changes.next();
            let key = (channel.clone(), channel_type);
            let cached_in = None;
            let known =
                Conversation { channel, channel_type, read_to, deleted_to, changed_ms, revision, cached_in };
            self.by_channel.insert(key, known);
        }
    }

    pub(crate) fn get(&self, key: &ChannelKey) -> Option<&Conversation> {
        self.by_channel.get(key)
    }

    /// A member was added: the conversation is new, read up to now, even if there was one (docs/servers.md T70).
    pub(crate) fn join(&mut self, key: ChannelKey, last_seq: u64, changes: &mut Changes) {
        self.put(key, last_seq, None, changes);
    }

    /// The first message of a channel that nobody joins: it is in the cache until the next flush.
    pub(crate) fn first_message(&mut self, key: ChannelKey, read_to: u64, changes: &mut Changes) {
        if !self.by_channel.contains_key(&key) {
            self.put(key, read_to, Some(changes.period), changes);
        }
    }

    pub(crate) fn remove(&mut self, key: &ChannelKey) {
        self.by_channel.remove(key);
    }

    /// Moves what was cached in an earlier period to the database, before everything that is there and in the same
    /// order as it had in the cache.
    fn flush(&mut self, changes: &mut Changes) {
        let is_due = |cached_in: u64| cached_in < changes.period;
        let mut due: Vec<&mut Conversation> =
            self.by_channel.values_mut().filter(|known| known.cached_in.is_some_and(is_due)).collect();
        due.sort_by_key(|known| Reverse(known.revision));
        for known in due {
            known.cached_in = None;
            known.changed_ms = changes.now_ms;
            known.revision = changes.next();
        }
    }

    /// The list as the server tells it: stored ones, last changed first, at most `limit`, then cached ones.
    pub(crate) fn list(&mut self, limit: usize, changes: &mut Changes) -> Vec<Conversation> {
        self.flush(changes);
        let (mut cached, mut stored): (Vec<_>, Vec<_>) =
            self.by_channel.values().cloned().partition(|known| known.cached_in.is_some());
        stored.sort_by_key(|known| Reverse(known.revision));
        stored.truncate(limit);
        cached.sort_by_key(|known| known.revision);
        stored.append(&mut cached);
        stored
    }

    /// Moves the read position, only ever forward. A cached or unknown conversation becomes a stored one.
    pub(crate) fn read(&mut self, key: ChannelKey, read_to: u64, changes: &mut Changes) {
        self.flush(changes);
        match self.by_channel.get_mut(&key) {
            Some(known) if read_to <= known.known_read_to() => {}
            Some(known) => {
                known.read_to = read_to;
                known.cached_in = None;
                known.changed_ms = changes.now_ms;
                known.revision = changes.next();
            }
            None if read_to == 0 => {}
            None => self.put(key, read_to, None, changes),
        }
    }

    /// The same for a conversation that is stored, without a change of its place; a cached one stays as it is.
    pub(crate) fn read_if_stored(&mut self, key: &ChannelKey, read_to: u64, changes: &mut Changes) {
        self.flush(changes);
        if let Some(known) = self.by_channel.get_mut(key)
            && known.cached_in.is_none()
        {
            known.read_to = known.read_to.max(read_to);
        }
    }

    /// Hides what is there now. A conversation that is only cached is not found and stays.
    pub(crate) fn delete(&mut self, key: &ChannelKey, last_seq: u64, changes: &mut Changes) {
        self.flush(changes);
        if let Some(known) = self.by_channel.get_mut(key)
            && known.cached_in.is_none()
        {
            known.deleted_to = last_seq;
        }
    }
}

/// Where the read position goes when `unread` messages shall be unread. Too many and negative numbers leave one
/// unread; on an empty channel that is below zero and wraps, which spoils the conversation for good
/// (docs/servers.md T43).
pub(crate) fn position_for_unread(last_seq: u64, unread: i64) -> u64 {
    match u64::try_from(unread).ok().and_then(|unread| last_seq.checked_sub(unread)) {
        Some(read_to) => read_to,
        None => last_seq.wrapping_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(channel: &str) -> ChannelKey {
        (channel.into(), ChannelType::GROUP)
    }

    fn names(list: &[Conversation]) -> Vec<&str> {
        list.iter().map(|known| &*known.channel).collect()
    }

    #[test]
    fn stored_ones_come_first_and_cached_ones_are_written_down_later() {
        let (mut list, mut changes) = (Conversations::default(), Changes::default());
        list.first_message(key("p"), 1, &mut changes);
        list.join(key("a"), 0, &mut changes);
        list.join(key("b"), 0, &mut changes);
        assert_eq!(names(&list.list(10, &mut changes)), ["b", "a", "p"]);
        assert_eq!(list.get(&key("p")).unwrap().known_read_to(), 0);
        list.read(key("a"), 5, &mut changes);
        assert_eq!(names(&list.list(10, &mut changes)), ["a", "b", "p"]);
        assert_eq!(names(&list.list(1, &mut changes)), ["a", "p"]);
        changes.period += 1;
        assert_eq!(names(&list.list(10, &mut changes)), ["p", "a", "b"]);
        assert_eq!(list.get(&key("p")).unwrap().known_read_to(), 1);
    }

    #[test]
    fn deleting_needs_a_stored_conversation() {
        let (mut list, mut changes) = (Conversations::default(), Changes::default());
        list.first_message(key("p"), 0, &mut changes);
        list.delete(&key("p"), 3, &mut changes);
        assert_eq!(list.get(&key("p")).unwrap().deleted_to, 0);
        changes.period += 1;
        list.delete(&key("p"), 3, &mut changes);
        assert_eq!(list.get(&key("p")).unwrap().deleted_to, 3);
    }

    #[test]
    fn unread_positions() {
        assert_eq!(position_for_unread(10, 0), 10);
        assert_eq!(position_for_unread(10, 10), 0);
        assert_eq!(position_for_unread(10, 11), 9);
        assert_eq!(position_for_unread(2, -1), 1);
        assert_eq!(position_for_unread(0, 0), 0);
        assert_eq!(position_for_unread(0, 1), u64::MAX);
    }

    #[test]
    fn the_position_only_moves_forward() {
        let (mut list, mut changes) = (Conversations::default(), Changes::default());
        list.join(key("g"), 4, &mut changes);
        list.read(key("g"), 3, &mut changes);
        assert_eq!(list.get(&key("g")).unwrap().read_to, 4);
        list.read(key("unknown"), 0, &mut changes);
        assert!(!list.by_channel.contains_key(&key("unknown")));
    }
}
