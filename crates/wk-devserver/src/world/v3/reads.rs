//! What a user sees of a channel, and how far it was read.

use std::sync::Arc;

use wk_model::ChannelType;

use crate::world::World;
use crate::world::channel::Channel;
use crate::world::conversation::ChannelKey;
use crate::world::ids::person_channel;
use crate::world::message::Message;
use crate::world::v3::roster::Membership;

/// The id under which a channel is stored that `uid` names; a person's by the peer's uid or by the joint id, in which the
/// user must be.
pub(crate) fn stored_id(uid: &str, id: &str, channel_type: ChannelType) -> Option<String> {
    if channel_type != ChannelType::PERSON {
        return Some(id.to_owned());
    }
    match id.split_once('@') {
        None => Some(pair(uid, id)),
        Some((one, other)) if one == uid || other == uid => Some(pair(one, other)),
        Some(_) => None,
    }
}

/// With equal checksums the ids themselves decide, so that there is one channel for both directions.
pub(crate) fn pair(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    person_channel(first, second)
}

/// A membership, and what the channel has for it.
pub(crate) struct Seen<'a> {
    pub(crate) channel: &'a Channel,
    pub(crate) membership: Membership,
}

/// Why nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hidden {
    NoMember,
    Disbanded,
    /// A channel without a message is not there yet (docs/servers.md T65).
    Empty(Arc<str>),
}

impl World {
    /// What a member may see of a channel.
    pub(crate) fn seen(&mut self, uid: &str, key: &ChannelKey) -> Result<Seen<'_>, Hidden> {
        let now = self.changes.now_ms;
        let user = self.users.get_mut(uid);
        let membership = user.and_then(|user| user.roster.get_mut(key, now)).cloned();
        let channel = self.channels.get(&key.0, key.1);
        match (membership, channel) {
            (_, Some(channel)) if channel.info.disband => Err(Hidden::Disbanded),
            (None, _) => Err(Hidden::NoMember),
            (Some(membership), Some(channel)) if channel.log.last_seq() > 0 => {
                Ok(Seen { channel, membership })
            }
            (Some(_), _) => Err(Hidden::Empty(key.0.clone())),
        }
    }

    /// Changes a membership, given the last seq. False for who is no member, and for a channel without messages.
    pub(crate) fn change_membership(
        &mut self,
        uid: &str,
        key: &ChannelKey,
        change: impl FnOnce(&mut Membership, u64),
    ) -> bool {
        let Ok(Seen { channel, .. }) = self.seen(uid, key) else { return false };
        let (last, now) = (channel.log.last_seq(), self.changes.now_ms);
        let user = self.users.get_mut(uid);
        let Some(membership) = user.and_then(|user| user.roster.get_mut(key, now)) else { return false };
        change(membership, last);
        true
    }
}

impl Seen<'_> {
    /// The newest message that the user may see.
    pub(crate) fn last_message(&self) -> Option<Arc<Message>> {
        let last = self.channel.log.last_seq();
        if last > self.membership.deleted_to { self.channel.log.read(last) } else { None }
    }

    pub(crate) fn unread(&self, uid: &str) -> u64 {
        let own = self.channel.last_sent_by(uid).unwrap_or(0);
        self.all_unread().min(self.channel.log.last_seq().saturating_sub(own))
    }

    /// The same with the user's own messages.
    pub(crate) fn all_unread(&self) -> u64 {
        let Membership { read_seq, deleted_to, .. } = self.membership;
        self.channel.log.last_seq().saturating_sub(read_seq.max(deleted_to))
    }
}
