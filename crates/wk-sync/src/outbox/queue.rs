//! Which message of which channel may go out next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use wk_store::model::{ChannelId, ClientSeq, Instant, OutboxEntry, UnixMillis};

use crate::engine::JobId;

/// What an entry is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// May be sent.
    Ready,
    /// The data source is being asked whether the server has it.
    Asking(JobId),
    /// The server was asked and does not have it: send it.
    Unknown,
    /// On the wire.
    Flying,
    /// Refused for now; not before this moment.
    Waiting(Instant),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) progress: Progress,
    /// How often it was handed to a connection.
    pub(super) attempts: u32,
    pub(super) queued_at: UnixMillis,
    /// How often its answer was overdue in this session.
    overdue: u32,
    /// It was refused for now: until it is accepted, what comes after it waits even where sends are pipelined.
    refused: bool,
}

/// All entries by channel, and the channels that may have something to send.
#[derive(Debug, Default)]
pub(super) struct Queue {
    channels: HashMap<ChannelId, BTreeMap<ClientSeq, Item>>,
    candidates: VecDeque<ChannelId>,
    is_candidate: HashSet<ChannelId>,
    /// When refused entries wake; an entry that woke for another reason stays here until its time.
    waits: BTreeSet<(Instant, ChannelId, ClientSeq)>,
}

impl Queue {
    pub(super) fn push(&mut self, entry: OutboxEntry) {
        let item = Item {
            progress: Progress::Ready,
            attempts: entry.state.attempts(),
            queued_at: entry.queued_at,
            overdue: 0,
            refused: false,
        };
        self.channels.entry(entry.channel.clone()).or_default().insert(entry.client_seq, item);
        self.nominate(&entry.channel);
    }

    pub(super) fn remove(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        if let Some(items) = self.channels.get_mut(channel) {
            items.remove(&client_seq);
            if items.is_empty() {
                self.channels.remove(channel);
            } else {
                self.nominate(channel);
            }
        }
    }

    pub(super) fn nominate(&mut self, channel: &ChannelId) {
        if self.is_candidate.insert(channel.clone()) {
            self.candidates.push_back(channel.clone());
        }
    }

    pub(super) fn next_candidate(&mut self) -> Option<ChannelId> {
        let channel = self.candidates.pop_front()?;
        self.is_candidate.remove(&channel);
        Some(channel)
    }

    pub(super) fn all_channels_are_candidates(&mut self) {
        // The channel whose oldest message is oldest goes first.
        let mut channels: Vec<_> = self
            .channels
            .iter()
            .filter_map(|(channel, items)| items.first_key_value().map(|(seq, _)| (*seq, channel.clone())))
            .collect();
        channels.sort_unstable();
        for (_, channel) in channels {
            self.nominate(&channel);
        }
    }

    /// The entry of a channel that goes out next. Where order is kept by waiting (`pipelined` false) that is the oldest,
    /// otherwise the oldest that is not on the wire; nothing while an older one waits.
    pub(super) fn next_to_send(&self, channel: &ChannelId, pipelined: bool) -> Option<(ClientSeq, Item)> {
        let items = self.channels.get(channel)?;
        for (client_seq, item) in items {
            match item.progress {
                Progress::Ready | Progress::Unknown => return Some((*client_seq, *item)),
                Progress::Flying if pipelined && !item.refused => {}
                Progress::Flying | Progress::Asking(_) | Progress::Waiting(_) => return None,
            }
        }
        None
    }

    pub(super) fn asking(&mut self, channel: &ChannelId, client_seq: ClientSeq, job: JobId) {
        if let Some(item) = self.item(channel, client_seq) {
            item.progress = Progress::Asking(job);
        }
    }

    pub(super) fn refused(&mut self, channel: &ChannelId, client_seq: ClientSeq, until: Instant) {
        if let Some(item) = self.item(channel, client_seq) {
            item.progress = Progress::Waiting(until);
            item.refused = true;
            self.waits.insert((until, channel.clone(), client_seq));
        }
    }

    /// The server was asked and does not have the message. An answer to an earlier question than the last changes nothing:
    /// the message may have been on the wire since.
    pub(super) fn not_found(&mut self, channel: &ChannelId, client_seq: ClientSeq, job: JobId) {
        if let Some(item) = self.item(channel, client_seq)
            && item.progress == Progress::Asking(job)
        {
            item.progress = Progress::Unknown;
            self.nominate(channel);
        }
    }

    pub(super) fn count_attempt(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        if let Some(item) = self.item(channel, client_seq) {
            item.attempts = item.attempts.saturating_add(1);
            item.progress = Progress::Flying;
        }
    }

    /// An answer did not come in time: the entry may go out again. Says whether that is the second time in this
    /// session, which means that the connection is no good.
    pub(super) fn overdue(&mut self, channel: &ChannelId, client_seq: ClientSeq) -> bool {
        let Some(item) = self.item(channel, client_seq) else { return false };
        item.progress = Progress::Ready;
        item.overdue += 1;
        let again = item.overdue >= 2;
        self.nominate(channel);
        again
    }

    /// Nothing is on the wire any more.
    pub(super) fn ground_all(&mut self) {
        for item in self.channels.values_mut().flat_map(BTreeMap::values_mut) {
            item.progress = Progress::Ready;
            item.overdue = 0;
        }
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.waits.first().map(|(until, _, _)| *until)
    }

    pub(super) fn wake(&mut self, now: Instant) {
        while self.waits.first().is_some_and(|(until, _, _)| *until <= now) {
            let Some((until, channel, client_seq)) = self.waits.pop_first() else { return };
            let Some(item) = self.item(&channel, client_seq) else { continue };
            if item.progress == Progress::Waiting(until) {
                item.progress = Progress::Ready;
                self.nominate(&channel);
            }
        }
    }

    fn item(&mut self, channel: &ChannelId, client_seq: ClientSeq) -> Option<&mut Item> {
        self.channels.get_mut(channel)?.get_mut(&client_seq)
    }
}
