//! The log of a channel: a generated history, then what was sent since.

use std::ops::RangeInclusive;
use std::sync::Arc;

use wk_model::{MessageId, MessageSeq};

use super::message::Message;
use crate::seed::History;

#[derive(Debug, Default)]
pub(crate) struct Log {
    history: Option<History>,
    sent: Vec<Arc<Message>>,
}

impl Log {
    pub(crate) fn with_history(history: History) -> Self {
        Self { history: Some(history), sent: Vec::new() }
    }

    fn history_len(&self) -> u64 {
        self.history.as_ref().map_or(0, History::len)
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.history_len() + self.sent.len() as u64
    }

    fn sent(&self, seq: u64) -> Option<Arc<Message>> {
        let index = seq.checked_sub(self.history_len() + 1)?;
        self.sent.get(usize::try_from(index).ok()?).cloned()
    }

    pub(crate) fn read(&self, seq: u64) -> Option<Arc<Message>> {
        match &self.history {
            Some(history) if (1..=history.len()).contains(&seq) => Some(Arc::new(history.message(seq))),
            _ => self.sent(seq),
        }
    }

    /// The messages of a range that exist, in order.
    pub(crate) fn range(
        &self,
        seqs: RangeInclusive<u64>,
    ) -> impl DoubleEndedIterator<Item = Arc<Message>> + '_ {
        let first = (*seqs.start()).max(1);
        let last = (*seqs.end()).min(self.last_seq());
        (first..=last).filter_map(|seq| self.read(seq))
    }

    /// Gives the message the next seq and keeps it.
    pub(crate) fn append(&mut self, mut message: Message) -> Arc<Message> {
        message.seq = MessageSeq::new(self.last_seq() + 1);
        let message = Arc::new(message);
        self.sent.push(message.clone());
        message
    }

    pub(crate) fn by_id(&self, id: MessageId) -> Option<Arc<Message>> {
        let generated = self.history.as_ref().and_then(|history| history.seq_of(id));
        match generated {
            Some(seq) => self.read(seq),
            // Ids nearly follow the seqs, so the newest are looked at first.
            None => self.sent.iter().rev().find(|message| message.id == id).cloned(),
        }
    }

    /// All messages with this number, in the order of their seqs: the server stores a resend twice.
    pub(crate) fn by_client_msg_no(&self, number: &str) -> Vec<Arc<Message>> {
        let generated = self.history.as_ref().and_then(|history| history.seq_of_client_msg_no(number));
        let generated = generated.and_then(|seq| self.read(seq));
        let sent = self.sent.iter().filter(|message| *message.client_msg_no == *number).cloned();
        generated.into_iter().chain(sent).collect()
    }

    /// The last message that `uid` sent in the generated part.
    pub(crate) fn history_last_sent_by(&self, uid: &str) -> Option<u64> {
        self.history.as_ref().and_then(|history| history.last_sent_by(uid))
    }
}
