//! What a user leaves in a conversation: a draft, and where the list stood.

use wkproto::MessageSeq;

use crate::version::set;
use crate::{ChannelId, UnixMillis, Version, Written};

/// What a user left in a conversation, on this device or another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ConversationExtra {
    /// The channel.
    pub channel: ChannelId,
    /// The server's number of its last change.
    pub version: Version,
    /// As the server has it.
    pub remote: ConversationExtraState,
    /// As it was changed here, until the server has it.
    pub pending: Option<ConversationExtraState>,
}

/// What can be left in a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ConversationExtraState {
    /// The text that was not sent, empty for none.
    pub draft: String,
    /// When it was written; it sorts the list of conversations.
    pub draft_updated_at: UnixMillis,
    /// The message at which the list stood, [`MessageSeq::ZERO`] for the end.
    pub keep_seq: MessageSeq,
    /// How many pixels the list was shifted against it.
    pub keep_offset: i32,
    /// How far the user has scrolled.
    pub browse_to: MessageSeq,
}

impl ConversationExtra {
    /// A conversation in which nothing was left.
    pub fn new(channel: ChannelId) -> Self {
        Self { channel, version: Version::ZERO, remote: ConversationExtraState::default(), pending: None }
    }

    /// What to show: what was changed here, or else what the server has.
    pub fn state(&self) -> &ConversationExtraState {
        self.pending.as_ref().unwrap_or(&self.remote)
    }

    /// When the draft was written, if there is one.
    pub fn draft_time(&self) -> Option<UnixMillis> {
        let state = self.state();
        (!state.draft.is_empty()).then_some(state.draft_updated_at)
    }

    /// Takes what the server says, unless newer is known. What was changed here stays on top.
    pub fn merge(&mut self, version: Version, remote: ConversationExtraState) -> Written {
        let refused = version.refused_by(self.version);
        refused.unwrap_or_else(|| match (set(&mut self.version, version), set(&mut self.remote, remote)) {
            (Written::Unchanged, Written::Unchanged) => Written::Unchanged,
            _ => Written::Updated,
        })
    }

    /// Takes what was changed here.
    pub fn edit(&mut self, state: ConversationExtraState) -> Written {
        set(&mut self.pending, Some(state))
    }

    /// The server took `uploaded` as `version`. What was changed since then stays pending.
    pub fn uploaded(&mut self, version: Version, uploaded: &ConversationExtraState) -> Written {
        let merged = self.merge(version, uploaded.clone());
        if self.pending.as_ref() == Some(uploaded) {
            self.pending = None;
            return Written::Updated;
        }
        merged
    }
}
