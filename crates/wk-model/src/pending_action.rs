//! What has still to be done: told to the server or to the application, or done when its time comes.

use std::fmt;

use bytes::Bytes;
use wkproto::{MessageId, MessageSeq};

use crate::{ChannelId, UnixMillis};

/// The store's number of a pending action. Numbers are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionId(i64);

impl ActionId {
    /// The action with this number.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ActionKind {
    /// Tell the application of a command, until it says that it is done with it.
    Command,
    /// Delete a message that was viewed, when its time is over.
    Burn,
    /// Look how far a message is that is still being written.
    Stream,
    /// Tell the server that a message is taken back.
    Revoke,
    /// Tell the server that a message is deleted for all its readers.
    DeleteForAll,
    /// Tell the server of a reaction to a message, or that it is taken back.
    React,
    /// Tell the server that a message is pinned, or no longer.
    Pin,
    /// Tell the server that a conversation is deleted.
    DeleteConversation,
    /// Tell the server of an edit whose message was cleared here before it was told.
    Edit,
}

impl ActionKind {
    const ALL: [Self; 9] = [
        Self::Command,
        Self::Burn,
        Self::Stream,
        Self::Revoke,
        Self::DeleteForAll,
        Self::React,
        Self::Pin,
        Self::DeleteConversation,
        Self::Edit,
    ];

    /// The number that is stored.
    pub const fn code(self) -> u8 {
        match self {
            Self::Command => 1,
            Self::Burn => 2,
            Self::Stream => 3,
            Self::Revoke => 16,
            Self::DeleteForAll => 17,
            Self::React => 18,
            Self::Pin => 19,
            Self::DeleteConversation => 20,
            Self::Edit => 21,
        }
    }

    /// The kind of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether it is the server that has to be told.
    pub const fn is_upload(self) -> bool {
        !matches!(self, Self::Command | Self::Burn | Self::Stream)
    }
}

/// Something that has still to be done. There is one of each kind for a message, or for a channel: the last word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct PendingAction {
    /// What.
    pub kind: ActionKind,
    /// The channel.
    pub channel: ChannelId,
    /// The message, [`MessageId::ZERO`] where it is about the channel.
    pub message_id: MessageId,
    /// Its seq.
    pub seq: MessageSeq,
    /// When it was asked for; for a command, when the server took it; for [`ActionKind::Burn`], when it is due.
    pub at: UnixMillis,
    /// A word that the kind needs: the sender of a command, the emoji of a reaction.
    pub text: String,
    /// The payload of a command or of an edit, empty for the other kinds.
    pub payload: Bytes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_kinds_belong_together() {
        let known = (0..=u8::MAX).filter_map(|code| Some((code, ActionKind::from_code(code)?)));
        let known: Vec<_> = known.collect();
        assert_eq!(known.len(), ActionKind::ALL.len());
        assert!(known.iter().all(|(code, kind)| kind.code() == *code));
    }
}
