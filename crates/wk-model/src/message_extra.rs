//! What happened to a message after it was sent: read, revoked, edited, pinned.

use std::collections::HashMap;

use bytes::Bytes;
use wkproto::MessageId;

use crate::version::set;
use crate::{ChannelId, ClientSeq, Message, MessageLocal, Reaction, Uid, UnixMillis, Version, Written};

/// What happened to a message after it was sent. It may be known before the message is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct MessageExtra {
    /// The message.
    pub message_id: MessageId,
    /// Its channel.
    pub channel: ChannelId,
    /// What the server says.
    pub info: MessageExtraInfo,
    /// The version of [`MessageExtraInfo::pinned`], because not every source says it.
    pub pinned_version: Version,
    /// This user's edit that the server has not got. It stays on top of what the server says.
    pub pending_edit: Option<MessageEdit>,
}

/// What the server says happened to a message, all of one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct MessageExtraInfo {
    /// The server's number of its last change.
    pub version: Version,
    /// This user has read it.
    pub read: bool,
    /// How many have read it.
    pub read_count: u32,
    /// How many have not.
    pub unread_count: u32,
    /// Taken back.
    pub revoked: bool,
    /// By whom, if it is known.
    pub revoker: Option<Uid>,
    /// Deleted for all its readers.
    pub mutual_deleted: bool,
    /// What it was changed to.
    pub edit: Option<MessageEdit>,
    /// Whether it is pinned; nothing where the source does not say, which leaves what is known.
    pub pinned: Option<bool>,
}

/// What a message was changed to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a payload and its time")]
pub struct MessageEdit {
    /// The payload's plain bytes.
    pub payload: Bytes,
    /// When.
    pub edited_at: UnixMillis,
}

impl MessageExtra {
    /// A message to which nothing happened.
    pub fn new(message_id: MessageId, channel: ChannelId) -> Self {
        let (info, pinned_version) = (MessageExtraInfo::default(), Version::ZERO);
        Self { message_id, channel, info, pinned_version, pending_edit: None }
    }

    /// What the message was changed to: here, or else by the server.
    pub fn edit(&self) -> Option<&MessageEdit> {
        self.pending_edit.as_ref().or(self.info.edit.as_ref())
    }

    /// Whether nothing of the message is shown any more: it was revoked, or deleted for all.
    pub const fn is_taken_back(&self) -> bool {
        self.info.revoked || self.info.mutual_deleted
    }

    /// Takes what the server says, unless newer is known. A pending edit stays.
    pub fn merge(&mut self, mut info: MessageExtraInfo) -> Written {
        let mut pinning = Written::Unchanged;
        let pinned_is_news = info.pinned.is_some() && info.version.refused_by(self.pinned_version).is_none();
        if pinned_is_news {
            self.pinned_version = info.version;
            pinning = set(&mut self.info.pinned, info.pinned);
        }
        info.pinned = self.info.pinned;
        match info.version.refused_by(self.info.version) {
            Some(_) if pinned_is_news => Written::Updated,
            Some(refused) => refused,
            None if set(&mut self.info, info).is_change() => Written::Updated,
            None => pinning,
        }
    }

    /// Takes an edit of this user.
    pub fn set_pending_edit(&mut self, edit: MessageEdit) -> Written {
        set(&mut self.pending_edit, Some(edit))
    }

    /// The server took `uploaded`, which shows until the server says more. An edit made since then stays pending.
    pub fn edit_uploaded(&mut self, uploaded: &MessageEdit) -> Written {
        if self.pending_edit.as_ref() != Some(uploaded) {
            return Written::Unchanged;
        }
        self.pending_edit = None;
        if self.info.edit.as_ref().is_none_or(|known| known.edited_at < uploaded.edited_at) {
            self.info.edit = Some(uploaded.clone());
        }
        Written::Updated
    }
}

/// A message with all that happened to it.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::exhaustive_structs, reason = "a message and what belongs to it")]
pub struct MessageWithExtra {
    /// The message as it was sent.
    pub message: Message,
    /// What happened to it, if anything did.
    pub extra: Option<MessageExtra>,
    /// The reactions to it that were not taken back.
    pub reactions: Vec<Reaction>,
    /// What the application keeps beside it here.
    pub local: MessageLocal,
}

impl MessageWithExtra {
    /// Gives each message what belongs to it; what belongs to other messages is left out.
    pub fn join(
        messages: Vec<Message>,
        extras: Vec<MessageExtra>,
        reactions: Vec<Reaction>,
        locals: Vec<(ClientSeq, MessageLocal)>,
    ) -> Vec<Self> {
        let mut locals: HashMap<ClientSeq, MessageLocal> = locals.into_iter().collect();
        let mut extras: HashMap<MessageId, MessageExtra> =
            extras.into_iter().map(|extra| (extra.message_id, extra)).collect();
        let mut reactions_of: HashMap<MessageId, Vec<Reaction>> = HashMap::new();
        for reaction in reactions {
            reactions_of.entry(reaction.message_id).or_default().push(reaction);
        }
        let joined = messages.into_iter().map(|message| Self {
            extra: extras.remove(&message.message_id),
            reactions: reactions_of.remove(&message.message_id).unwrap_or_default(),
            local: locals.remove(&message.client_seq).unwrap_or_default(),
            message,
        });
        joined.collect()
    }

    /// The payload to show: the edited one, or else the one that was sent.
    pub fn payload(&self) -> &Bytes {
        let edit = self.extra.as_ref().and_then(MessageExtra::edit);
        edit.map_or(&self.message.payload, |edit| &edit.payload)
    }
}
