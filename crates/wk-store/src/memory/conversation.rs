//! Conversations in memory.

use std::cmp::Reverse;

use wk_model::{ChannelId, Conversation};

use super::state::{State, Undo};
use super::{Access, View, Writing};
use crate::{ConversationRead, ConversationWrite, StoreError};

impl<A: Access> ConversationRead for View<A> {
    fn conversation(&mut self, channel: &ChannelId) -> Result<Option<Conversation>, StoreError> {
        Ok(self.0.read(|state| {
            let stored = state.channels.get(channel)?.conversation.as_ref()?;
            Some(state.with_last_message(stored))
        }))
    }

    fn conversations(&mut self) -> Result<Vec<Conversation>, StoreError> {
        Ok(self.0.read(|state| {
            let mut all: Vec<Conversation> =
                state.listed().map(|stored| state.with_last_message(stored)).collect();
            all.sort_unstable_by(|a, b| sort_key(a).cmp(&sort_key(b)));
            all
        }))
    }

    fn conversations_with_read_unsent(&mut self) -> Result<Vec<Conversation>, StoreError> {
        Ok(self.0.read(|state| {
            let stored = state.channels.values().filter_map(|channel| channel.conversation.as_ref());
            stored.filter(|stored| stored.read_unsent).cloned().collect()
        }))
    }
}

impl ConversationWrite for View<Writing<'_>> {
    fn put_conversation(&mut self, conversation: &Conversation) -> Result<(), StoreError> {
        let Writing { state, undo } = &mut self.0;
        let stored = Conversation { last_message: None, ..conversation.clone() };
        let before = state.channel_mut(&conversation.channel).conversation.replace(stored);
        undo.push(Undo::Conversation(Box::new((conversation.channel.clone(), before))));
        Ok(())
    }
}

impl State {
    /// The conversations that are listed, without messages.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Conversation> {
        let stored = self.channels.values().filter_map(|channel| channel.conversation.as_ref());
        stored.filter(|stored| stored.is_listed())
    }

    pub(super) fn with_last_message(&self, stored: &Conversation) -> Conversation {
        Conversation { last_message: self.newest_visible(&stored.channel), ..stored.clone() }
    }
}

fn sort_key(conversation: &Conversation) -> impl Ord + '_ {
    let channel = &conversation.channel;
    (Reverse(conversation.timestamp), channel.channel_type(), channel.id())
}
