//! The outputs that wait for the commit: in order, but many messages of one transaction are one event and one write.

use std::collections::{HashSet, VecDeque};

use wk_store::model::proto::{Packet, ProtocolVersion, Recvack};
use wk_store::model::{ChannelId, Message};

use crate::engine::{LinkId, Output};
use crate::event::{Event, Origin};

/// What to do, in this order. Events about messages and conversations are added to an earlier one of their kind; only
/// writes, and what these two kinds of events say, are so passed over.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    queue: VecDeque<Output>,
    /// Where the events stand that more can be added to.
    messages: Vec<(Origin, usize)>,
    conversations: Option<(usize, HashSet<ChannelId>)>,
    /// Acknowledgements that go out together, behind the queue.
    acks: Option<(LinkId, Vec<u8>)>,
}

impl Outputs {
    pub(crate) fn push_back(&mut self, output: Output) {
        if matches!(output, Output::Transmit { .. }) {
            self.flush();
        } else {
            self.close();
        }
        self.queue.push_back(output);
    }

    /// The acknowledgement of a RECV, behind what is told of it.
    pub(crate) fn push_ack(&mut self, link: LinkId, version: ProtocolVersion, ack: Recvack) {
        if self.acks.as_ref().is_some_and(|(of, _)| *of != link) {
            self.flush();
        }
        let (_, bytes) = self.acks.get_or_insert_with(|| (link, Vec::new()));
        if let Err(error) = Packet::Recvack(ack).encode(version, bytes) {
            tracing::warn!(%error, id = ack.message_id.get(), "a message cannot be acknowledged");
        }
    }

    /// A message that listeners are told of as new.
    pub(crate) fn push_message(&mut self, message: Message, origin: Origin) {
        let earlier = self.messages.iter().find(|(of, _)| *of == origin).map(|(_, index)| *index);
        match earlier.and_then(|index| self.queue.get_mut(index)) {
            Some(Output::Emit(Event::Messages { messages, .. })) => messages.push(message),
            _ => {
                self.messages.push((origin, self.queue.len()));
                self.queue.push_back(Output::Emit(Event::Messages { messages: vec![message], origin }));
            }
        }
    }

    /// A conversation that changed.
    pub(crate) fn push_conversation(&mut self, channel: &ChannelId) {
        let (index, known) = self.conversations.get_or_insert_with(|| (self.queue.len(), HashSet::new()));
        if known.contains(channel) {
            return;
        }
        known.insert(channel.clone());
        match self.queue.get_mut(*index) {
            Some(Output::Emit(Event::Conversations(earlier))) => earlier.push(channel.clone()),
            _ => self.queue.push_back(Output::Emit(Event::Conversations(vec![channel.clone()]))),
        }
    }

    /// The next one. What comes later is an event of its own.
    pub(crate) fn pop_front(&mut self) -> Option<Output> {
        self.close();
        self.queue.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len() + usize::from(self.acks.is_some())
    }

    /// What comes now stands behind everything before.
    fn close(&mut self) {
        self.flush();
        self.messages.clear();
        self.conversations = None;
    }

    fn flush(&mut self) {
        if let Some((link, bytes)) = self.acks.take().filter(|(_, bytes)| !bytes.is_empty()) {
            self.queue.push_back(Output::Transmit { link, bytes: bytes.into() });
        }
    }
}
