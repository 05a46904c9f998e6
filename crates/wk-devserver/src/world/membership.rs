//! Who belongs to a channel, and what that does to their conversations (docs/servers.md §6).

use std::sync::Arc;

use wk_model::ChannelType;

use super::World;
use super::channel::{ChannelInfo, UserList, stored_id};
use crate::config::Generation;

impl World {
    pub(crate) fn set_channel_info(&mut self, id: &str, channel_type: ChannelType, info: ChannelInfo) {
        self.channels.entry(id, channel_type).info = info;
    }

    /// Marks the channel as disbanded. Its messages stay, and creating it again revives it.
    pub(crate) fn disband(&mut self, id: &str, channel_type: ChannelType) {
        self.channels.entry(id, channel_type).info.disband = true;
    }

    /// Adds members. Each gets a conversation that is read up to now, also who was a member before.
    pub(crate) fn add_subscribers(&mut self, id: &str, channel_type: ChannelType, uids: &[Arc<str>]) {
        let channel = self.channels.entry(id, channel_type);
        (channel.placed, channel.created) = (true, true);
        channel.subscribers.extend(uids.iter().cloned());
        if channel_type == ChannelType::LIVE {
            return;
        }
        let (id, last_seq) = (channel.id.clone(), channel.log.last_seq());
        for uid in uids {
            let (user, key) = (self.users.entry(uid.clone()).or_default(), (id.clone(), channel_type));
            match self.generation {
                Generation::V2 => user.conversations.join(key, last_seq, &mut self.changes),
                Generation::V3 => user.roster.join(key, last_seq, 0),
            }
        }
    }

    /// Removes members and their conversations.
    pub(crate) fn remove_subscribers(&mut self, id: &str, channel_type: ChannelType, uids: &[Arc<str>]) {
        let channel = self.channels.entry(id, channel_type);
        for uid in uids {
            channel.subscribers.remove(uid);
        }
        let key = (channel.id.clone(), channel_type);
        for uid in uids {
            self.forget_conversation(uid, &key);
        }
    }

    /// Removes all members; their conversations stay, but on v3.
    pub(crate) fn clear_subscribers(&mut self, id: &str, channel_type: ChannelType) {
        let channel = self.channels.entry(id, channel_type);
        let (key, members) = ((channel.id.clone(), channel_type), std::mem::take(&mut channel.subscribers));
        if self.generation == Generation::V3 {
            members.iter().for_each(|uid| self.forget_conversation(uid, &key));
        }
    }

    /// Adds to the denylist or allowlist. On v2, who is denied loses the conversation; whom a person allows gets one.
    pub(crate) fn add_to_list(
        &mut self,
        list: UserList,
        id: &str,
        channel_type: ChannelType,
        uids: &[Arc<str>],
    ) {
        let channel = self.channels.entry(id, channel_type);
        channel.list_mut(list).extend(uids.iter().cloned());
        let key = (channel.id.clone(), channel_type);
        if self.generation == Generation::V3 {
            return;
        }
        match list {
            UserList::Deny => uids.iter().for_each(|uid| self.forget_conversation(uid, &key)),
            UserList::Allow if channel_type == ChannelType::PERSON => {
                for uid in uids {
                    let key = (stored_id(id, uid, channel_type).into(), channel_type);
                    self.users.entry(uid.clone()).or_default().conversations.join(key, 0, &mut self.changes);
                }
            }
            UserList::Allow => {}
        }
    }

    /// Removes from the denylist or allowlist. Who is no longer denied gets a conversation, member or not, with
    /// nothing read; for a person it has the bare uid as its channel and is of no use.
    pub(crate) fn remove_from_list(
        &mut self,
        list: UserList,
        id: &str,
        channel_type: ChannelType,
        uids: &[Arc<str>],
    ) {
        let channel = self.channels.entry(id, channel_type);
        for uid in uids {
            channel.list_mut(list).remove(uid);
        }
        if list == UserList::Deny && self.generation == Generation::V2 {
            let key = (channel.id.clone(), channel_type);
            for uid in uids {
                let conversations = &mut self.users.entry(uid.clone()).or_default().conversations;
                conversations.join(key.clone(), 0, &mut self.changes);
            }
        }
    }

    /// Empties a list without any effect on conversations.
    pub(crate) fn clear_list(&mut self, list: UserList, id: &str, channel_type: ChannelType) {
        self.channels.entry(id, channel_type).list_mut(list).clear();
    }

    fn forget_conversation(&mut self, uid: &Arc<str>, key: &(Arc<str>, ChannelType)) {
        if let Some(user) = self.users.get_mut(uid) {
            match self.generation {
                Generation::V2 => user.conversations.remove(key),
                Generation::V3 => user.roster.leave(key),
            }
        }
    }
}
