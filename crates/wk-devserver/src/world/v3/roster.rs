//! A user's memberships: how far each channel was read, and what of it the user may see (docs/servers.md §6).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wk_model::ChannelType;

use crate::world::conversation::ChannelKey;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) read_seq: u64,
    /// Nothing at or below is shown: it was there before the user joined, or was deleted.
    pub(crate) deleted_to: u64,
    /// When the user activated it, in nanoseconds since 1970; the order of the list.
    pub(crate) active_at: i64,
    /// When it begins to count, in milliseconds since 1970.
    known_from: i64,
    /// The user left, which the list goes on to say.
    pub(crate) left: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Roster {
    by_channel: HashMap<ChannelKey, Membership>,
}

/// Where a membership stands in the list: the last activated first, then by id, the shorter one first.
pub(crate) type Place = (Reverse<i64>, usize, Arc<str>, ChannelType);

pub(crate) fn place(key: &ChannelKey, active_at: i64) -> Place {
    (Reverse(active_at), key.0.len(), key.0.clone(), key.1)
}

impl Roster {
    /// A membership from before the server's start.
    pub(crate) fn plant(&mut self, key: ChannelKey, read_seq: u64) {
        self.by_channel.insert(key, Membership { read_seq, ..Membership::default() });
    }

    /// Every membership, in any order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&ChannelKey, &Membership)> {
        self.by_channel.iter()
    }

    /// A membership from an earlier run.
    pub(crate) fn restore(&mut self, key: ChannelKey, membership: Membership) {
        self.by_channel.insert(key, membership);
    }

    /// The user becomes a member: what is there already is hidden for good (docs/servers.md T70). Nothing changes for one
    /// who is a member.
    pub(crate) fn join(&mut self, key: ChannelKey, last_seq: u64, known_from: i64) {
        let fresh =
            Membership { read_seq: last_seq, deleted_to: last_seq, known_from, ..Membership::default() };
        match self.by_channel.get_mut(&key) {
            Some(membership) if !membership.left => {}
            Some(membership) => *membership = fresh,
            None => {
                self.by_channel.insert(key, fresh);
            }
        }
    }

    pub(crate) fn leave(&mut self, key: &ChannelKey) {
        if let Some(membership) = self.by_channel.get_mut(key) {
            membership.left = true;
        }
    }

    /// The user's membership, if it is one by now.
    pub(crate) fn get_mut(&mut self, key: &ChannelKey, now_ms: i64) -> Option<&mut Membership> {
        self.by_channel.get_mut(key).filter(|found| !found.left && found.known_from <= now_ms)
    }

    /// All that are known by now, in the order of the list, those that were left too.
    pub(crate) fn list(&self, now_ms: i64) -> Vec<(ChannelKey, Membership)> {
        let known = self.by_channel.iter().filter(|(_, membership)| membership.known_from <= now_ms);
        let mut list: Vec<_> = known.map(|(key, membership)| (key.clone(), membership.clone())).collect();
        list.sort_by_key(|(key, membership)| place(key, membership.active_at));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(channel: &str) -> ChannelKey {
        (channel.into(), ChannelType::GROUP)
    }

    #[test]
    fn joining_hides_what_is_there_and_joining_again_only_after_leaving() {
        let (mut roster, g) = (Roster::default(), key("g"));
        roster.join(g.clone(), 4, 0);
        roster.join(g.clone(), 9, 0);
        assert_eq!(roster.get_mut(&g, 0).unwrap().deleted_to, 4);
        roster.leave(&g);
        assert_eq!(roster.get_mut(&g, 0), None);
        assert!(roster.list(0)[0].1.left);
        roster.join(g.clone(), 9, 0);
        assert_eq!(roster.get_mut(&g, 0).unwrap().deleted_to, 9);
    }

    #[test]
    fn a_membership_counts_when_it_is_known_and_the_list_has_an_order() {
        let mut roster = Roster::default();
        roster.join(key("bb"), 0, 100);
        roster.join(key("c"), 0, 0);
        roster.join(key("aa"), 0, 0);
        assert_eq!(roster.get_mut(&key("bb"), 99), None);
        let names = |roster: &Roster, now| {
            roster.list(now).into_iter().map(|(key, _)| key.0.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(&roster, 99), ["c", "aa"]);
        roster.get_mut(&key("bb"), 100).unwrap().active_at = 5;
        assert_eq!(names(&roster, 100), ["bb", "c", "aa"]);
    }
}
