//! A channel in the hands of the program that embeds the server.

use std::sync::Arc;

use wk_model::{ChannelId, Uid};

use crate::shared::Shared;
use crate::world::channel::UserList;

/// Changes members and lists of one channel, as the HTTP API does. Made by
/// [`DevServer::channel`](crate::DevServer::channel).
#[derive(Debug)]
pub struct ChannelAdmin<'a> {
    shared: &'a Shared,
    channel: ChannelId,
}

impl<'a> ChannelAdmin<'a> {
    pub(crate) fn new(shared: &'a Shared, channel: ChannelId) -> Self {
        Self { shared, channel }
    }

    /// Adds members and creates the channel if there is none. Each gets a conversation that is read up to now.
    pub fn add_subscribers<'u>(&self, uids: impl IntoIterator<Item = &'u Uid>) -> &Self {
        let uids = texts(uids);
        self.shared.world().add_subscribers(self.channel.id(), self.channel.channel_type(), &uids);
        self
    }

    /// Removes members and their conversations.
    pub fn remove_subscribers<'u>(&self, uids: impl IntoIterator<Item = &'u Uid>) -> &Self {
        let uids = texts(uids);
        self.shared.world().remove_subscribers(self.channel.id(), self.channel.channel_type(), &uids);
        self
    }

    /// Adds to the denylist. The list of a person is that of the receiver: the channel is then the receiver's uid.
    pub fn deny<'u>(&self, uids: impl IntoIterator<Item = &'u Uid>) -> &Self {
        self.add(UserList::Deny, uids)
    }

    /// Adds to the allowlist. While it has entries, nobody else may send.
    pub fn allow<'u>(&self, uids: impl IntoIterator<Item = &'u Uid>) -> &Self {
        self.add(UserList::Allow, uids)
    }

    fn add<'u>(&self, list: UserList, uids: impl IntoIterator<Item = &'u Uid>) -> &Self {
        let uids = texts(uids);
        self.shared.world().add_to_list(list, self.channel.id(), self.channel.channel_type(), &uids);
        self
    }

    /// Bans the channel or lifts the ban: SENDs get reason 19.
    pub fn ban(&self, ban: bool) -> &Self {
        self.shared.world().channels.entry(self.channel.id(), self.channel.channel_type()).info.ban = ban;
        self
    }

    /// Disbands the channel or revives it: SENDs get reason 24.
    pub fn disband(&self, disband: bool) -> &Self {
        self.shared.world().channels.entry(self.channel.id(), self.channel.channel_type()).info.disband =
            disband;
        self
    }
}

fn texts<'u>(uids: impl IntoIterator<Item = &'u Uid>) -> Vec<Arc<str>> {
    uids.into_iter().map(|uid| uid.as_str().into()).collect()
}
