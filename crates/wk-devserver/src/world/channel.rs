//! A channel: its settings, its lists of users, its log.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use wk_model::{ChannelId, ChannelType};

use super::ids::person_channel;
use super::log::Log;
use super::message::Message;

/// The switches of a channel. Those of a person channel with the uid as its id are the user's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChannelInfo {
    pub(crate) large: bool,
    pub(crate) ban: bool,
    pub(crate) disband: bool,
    pub(crate) send_ban: bool,
    pub(crate) allow_stranger: bool,
}

/// The lists that say who may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserList {
    Deny,
    Allow,
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) id: Arc<str>,
    pub(crate) channel_type: ChannelType,
    pub(crate) info: ChannelInfo,
    pub(crate) subscribers: BTreeSet<Arc<str>>,
    pub(crate) deny: BTreeSet<Arc<str>>,
    pub(crate) allow: BTreeSet<Arc<str>>,
    pub(crate) log: Log,
    /// The seq of the last message of each sender; unread counts start there.
    last_sent: HashMap<Arc<str>, u64>,
    /// v3: the seq of each message by its sender and the sender's number.
    numbers: HashMap<(Arc<str>, Arc<str>), u64>,
    /// Whether the channel has a place in the cluster: only then its last message may be asked for.
    pub(crate) placed: bool,
    /// v3: whether the application has made it; only then its members may send.
    pub(crate) created: bool,
}

impl Channel {
    fn new(id: Arc<str>, channel_type: ChannelType) -> Self {
        Self {
            id,
            channel_type,
            info: ChannelInfo::default(),
            subscribers: BTreeSet::new(),
            deny: BTreeSet::new(),
            allow: BTreeSet::new(),
            log: Log::default(),
            last_sent: HashMap::new(),
            numbers: HashMap::new(),
            placed: false,
            created: false,
        }
    }

    pub(crate) fn list_mut(&mut self, list: UserList) -> &mut BTreeSet<Arc<str>> {
        match list {
            UserList::Deny => &mut self.deny,
            UserList::Allow => &mut self.allow,
        }
    }

    pub(crate) fn note_sent(&mut self, uid: &Arc<str>, seq: u64) {
        match self.last_sent.get_mut(uid) {
            Some(last) => *last = seq,
            None => {
                self.last_sent.insert(uid.clone(), seq);
            }
        }
    }

    pub(crate) fn note_number(&mut self, message: &Message) {
        let name = (message.from.clone(), message.client_msg_no.clone());
        self.numbers.insert(name, message.seq.get());
    }

    /// The message that this sender gave this number, where numbers are noted.
    pub(crate) fn numbered(&self, from: &Arc<str>, number: &Arc<str>) -> Option<Arc<Message>> {
        self.log.read(*self.numbers.get(&(from.clone(), number.clone()))?)
    }

    /// The seq of the last message that `uid` sent here.
    pub(crate) fn last_sent_by(&self, uid: &str) -> Option<u64> {
        self.last_sent.get(uid).copied().or_else(|| self.log.history_last_sent_by(uid))
    }
}

/// All channels, found by type and by the id under which they are stored.
#[derive(Debug, Default)]
pub(crate) struct Channels(HashMap<ChannelType, HashMap<Arc<str>, Channel>>);

impl Channels {
    pub(crate) fn get(&self, id: &str, channel_type: ChannelType) -> Option<&Channel> {
        self.0.get(&channel_type)?.get(id)
    }

    /// Every channel, in any order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Channel> {
        self.0.values().flat_map(HashMap::values)
    }

    /// The channel, made on first use: the server has no notion of a channel that does not exist.
    pub(crate) fn entry(&mut self, id: &str, channel_type: ChannelType) -> &mut Channel {
        let id: Arc<str> = id.into();
        let of_type = self.0.entry(channel_type).or_default();
        of_type.entry(id.clone()).or_insert_with(|| Channel::new(id, channel_type))
    }
}

/// The id under which the channel that `uid` calls `id` is stored.
pub(crate) fn stored_id(uid: &str, id: &str, channel_type: ChannelType) -> String {
    if channel_type == ChannelType::PERSON { person_channel(uid, id) } else { id.to_owned() }
}

/// The id of the log that a message of `from` goes to. The two directions of a chat with an agent are two logs.
pub(crate) fn log_id(from: &str, id: &str, channel_type: ChannelType) -> String {
    if channel_type == ChannelType::AGENT {
        format!("{from}@{id}")
    } else {
        stored_id(from, id, channel_type)
    }
}

/// The same for a channel of the model.
pub(crate) fn stored_id_of(uid: &str, channel: &ChannelId) -> String {
    stored_id(uid, channel.id(), channel.channel_type())
}
