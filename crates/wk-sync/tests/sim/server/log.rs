//! The server's logs: what came in the run, behind any number of older messages that are only made up when asked for.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;

use bytes::Bytes;
use wk_sync::store::model::MessageId;

use super::super::common::Stored;
use super::super::common::rig::EPOCH_MS;

#[derive(Debug, Clone, Default)]
pub struct Log {
    /// How many messages were there before the run.
    pub old: u64,
    /// What sets their ids apart from those of another log.
    salt: i64,
    new: Vec<Stored>,
    /// The lowest seq of each (sender, number).
    numbers: HashMap<(String, String), u64>,
    copies: HashSet<u64>,
}

impl Log {
    /// A log with so many messages from before the run.
    pub fn with_history(old: u64, salt: i64) -> Self {
        Self { old, salt, ..Self::default() }
    }

    pub fn last(&self) -> u64 {
        self.old + self.new.len() as u64
    }

    /// The message at a seq.
    pub fn get(&self, seq: u64) -> Option<Stored> {
        if (1..=self.old).contains(&seq) { Some(self.made_up(seq)) } else { self.written(seq).cloned() }
    }

    /// The payload of the message at a seq, if it came in the run.
    pub fn payload(&self, seq: u64) -> Option<&Bytes> {
        self.written(seq).map(|message| &message.payload)
    }

    /// The messages of a stretch, ascending.
    pub fn range(&self, seqs: RangeInclusive<u64>) -> impl DoubleEndedIterator<Item = Stored> + '_ {
        let (first, last) = (*seqs.start(), (*seqs.end()).min(self.last()));
        (first..=last).filter_map(|seq| self.get(seq))
    }

    /// The newest messages of a sender with these numbers, and what they are copies of.
    pub fn numbered<'a>(&'a self, from: &'a str, number: &'a str) -> impl Iterator<Item = &'a Stored> {
        self.new.iter().filter(move |message| message.from == from && message.client_msg_no == number)
    }

    /// The newest seq that a user wrote himself, or 0.
    pub fn last_by(&self, uid: &str) -> u64 {
        self.new.iter().rev().find(|message| message.from == uid).map_or(0, |message| message.seq)
    }

    /// The same sender used the same number before: readers see the first one only.
    pub fn is_copy(&self, seq: u64) -> bool {
        self.copies.contains(&seq)
    }

    pub fn append(&mut self, message: Stored) -> &Stored {
        let seq = self.last() + 1;
        if !message.client_msg_no.is_empty() {
            let number = (message.from.clone(), message.client_msg_no.clone());
            if *self.numbers.entry(number).or_insert(seq) < seq {
                self.copies.insert(seq);
            }
        }
        self.new.push(Stored { seq, ..message });
        self.new.last().unwrap()
    }

    /// What a number stands for already.
    pub fn known(&self, from: &str, number: &str) -> Option<&Stored> {
        self.numbers.get(&(from.to_owned(), number.to_owned())).and_then(|seq| self.written(*seq))
    }

    fn written(&self, seq: u64) -> Option<&Stored> {
        self.new.get(usize::try_from(seq.checked_sub(self.old + 1)?).unwrap())
    }

    /// One a second, the last of them a day before the run.
    fn made_up(&self, seq: u64) -> Stored {
        let at_ms = EPOCH_MS - 86_400_000 - (self.old as i64 - seq as i64) * 1000;
        let id = MessageId::new(((at_ms - 1_288_834_974_657) << 22) | (0x3f_0000 + self.salt));
        Stored { seq, id, at_ms, ..Stored::text("robot", &format!("old {seq}")) }
    }
}
