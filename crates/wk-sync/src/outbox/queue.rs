//! Which message of which channel may go out next.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use wk_store::model::{ChannelId, ClientSeq, Instant, Ordering, OutboxEntry, OutboxState, UnixMillis};

use crate::engine::JobId;

/// What an entry is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its payload is not final.
    Uploading,
    /// May be sent.
    Ready,
    /// The data source is being asked whether the server has it.
    Asking(JobId),
    /// The server was asked and does not have it.
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
    pub(super) ordering: Ordering,
    /// It is not sent again; whether the server has it is to be found out.
    pub(super) cancelled: bool,
    /// How often it failed in a way that may pass.
    pub(super) failures: u32,
    queued_at: UnixMillis,
    /// How often its answer was overdue in this session.
    overdue: u32,
}

impl Item {
    const fn of(entry: &OutboxEntry) -> Self {
        let (progress, cancelled) = match entry.state {
            OutboxState::Uploading => (Progress::Uploading, false),
            OutboxState::Cancelling(_) => (Progress::Ready, true),
            _ => (Progress::Ready, false),
        };
        Self {
            progress,
            attempts: entry.state.attempts(),
            ordering: entry.ordering,
            cancelled,
            failures: entry.failures,
            queued_at: entry.queued_at,
            overdue: 0,
        }
    }

    const fn state(&self) -> OutboxState {
        match self.progress {
            Progress::Uploading => OutboxState::Uploading,
            _ if self.cancelled => OutboxState::Cancelling(self.attempts),
            _ => OutboxState::from_attempts(self.attempts),
        }
    }

    fn is_ordered(&self) -> bool {
        self.ordering == Ordering::InOrder
    }

    /// Whether the server may be storing it just now.
    pub(super) const fn is_out(&self) -> bool {
        matches!(self.progress, Progress::Flying | Progress::Asking(_))
    }
}

/// The entries of one channel.
#[derive(Debug, Default)]
struct Lane {
    items: BTreeMap<ClientSeq, Item>,
    /// How many of those that keep their order are out.
    ordered_out: usize,
    relaxed: usize,
}

impl Lane {
    fn count(&mut self) {
        self.ordered_out = self.items.values().filter(|item| item.is_ordered() && item.is_out()).count();
        self.relaxed = self.items.values().filter(|item| !item.is_ordered()).count();
    }
}

/// All entries by channel, and the channels that may have something to send.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lanes: HashMap<ChannelId, Lane>,
    candidates: VecDeque<ChannelId>,
    is_candidate: HashSet<ChannelId>,
    /// When refused entries wake; an entry that woke for another reason stays here until its time.
    waits: BTreeSet<(Instant, ChannelId, ClientSeq)>,
}

impl Queue {
    pub(super) fn push(&mut self, entry: &OutboxEntry) {
        let lane = self.lanes.entry(entry.channel.clone()).or_default();
        let item = Item::of(entry);
        lane.relaxed += usize::from(!item.is_ordered());
        lane.items.insert(entry.client_seq, item);
        self.nominate(&entry.channel);
    }

    pub(super) fn remove(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        let Some(lane) = self.lanes.get_mut(channel) else { return };
        if let Some(item) = lane.items.remove(&client_seq) {
            lane.ordered_out -= usize::from(item.is_ordered() && item.is_out());
            lane.relaxed -= usize::from(!item.is_ordered());
        }
        if lane.items.is_empty() {
            self.lanes.remove(channel);
        } else {
            self.nominate(channel);
        }
    }

    pub(super) fn get(&self, channel: &ChannelId, client_seq: ClientSeq) -> Option<&Item> {
        self.lanes.get(channel)?.items.get(&client_seq)
    }

    /// The entries of a channel, the oldest first.
    pub(super) fn of(&self, channel: &ChannelId) -> Vec<ClientSeq> {
        self.lanes.get(channel).map(|lane| lane.items.keys().copied().collect()).unwrap_or_default()
    }

    /// The row of an entry as it is now.
    pub(super) fn entry(&self, channel: &ChannelId, client_seq: ClientSeq) -> Option<OutboxEntry> {
        self.get(channel, client_seq).map(|item| OutboxEntry {
            client_seq,
            channel: channel.clone(),
            state: item.state(),
            ordering: item.ordering,
            queued_at: item.queued_at,
            failures: item.failures,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.lanes.values().map(|lane| lane.items.len()).sum()
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
            .lanes
            .iter()
            .filter_map(|(channel, lane)| lane.items.keys().next().map(|seq| (*seq, channel.clone())))
            .collect();
        channels.sort_unstable();
        for (_, channel) in channels {
            self.nominate(&channel);
        }
    }

    /// The entry of a channel that goes out next. Of those that keep their order that is the oldest, once no other is
    /// out; the others wait for nothing. v2 servers reorder what is in flight together (docs/servers.md T54), and v3
    /// servers refuse what takes too long and take what is behind it (T71).
    pub(super) fn next_to_send(&self, channel: &ChannelId) -> Option<(ClientSeq, Item)> {
        let lane = self.lanes.get(channel)?;
        let mut blocked = lane.ordered_out > 0;
        for (client_seq, item) in &lane.items {
            if blocked && lane.relaxed == 0 {
                return None;
            }
            if blocked && item.is_ordered() {
                continue;
            }
            match item.progress {
                Progress::Ready | Progress::Unknown => return Some((*client_seq, *item)),
                _ => blocked |= item.is_ordered(),
            }
        }
        None
    }

    pub(super) fn cancel(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.change(channel, client_seq, |item| item.cancelled = true);
        self.nominate(channel);
    }

    pub(super) fn uploaded(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.change(channel, client_seq, |item| (item.progress, item.failures) = (Progress::Ready, 0));
        self.nominate(channel);
    }

    /// Its upload did not get through. Says for which time.
    pub(super) fn not_uploaded(&mut self, channel: &ChannelId, client_seq: ClientSeq) -> u32 {
        let mut failures = 0;
        self.change(channel, client_seq, |item| {
            item.failures = item.failures.saturating_add(1);
            failures = item.failures;
        });
        failures
    }

    pub(super) fn asking(&mut self, channel: &ChannelId, client_seq: ClientSeq, job: JobId) {
        self.change(channel, client_seq, |item| item.progress = Progress::Asking(job));
    }

    pub(super) fn refused(&mut self, channel: &ChannelId, client_seq: ClientSeq, until: Instant) {
        self.change(channel, client_seq, |item| {
            item.progress = Progress::Waiting(until);
            item.failures = item.failures.saturating_add(1);
        });
        self.waits.insert((until, channel.clone(), client_seq));
        self.nominate(channel);
    }

    /// The server was asked and does not have the message. An answer to an earlier question than the last changes nothing:
    /// the message may have been on the wire since.
    pub(super) fn not_found(&mut self, channel: &ChannelId, client_seq: ClientSeq, job: JobId) {
        self.change(channel, client_seq, |item| {
            if item.progress == Progress::Asking(job) {
                item.progress = Progress::Unknown;
            }
        });
        self.nominate(channel);
    }

    pub(super) fn count_attempt(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.change(channel, client_seq, |item| {
            item.attempts = item.attempts.saturating_add(1);
            item.progress = Progress::Flying;
        });
    }

    /// An answer did not come in time: the entry may go out again. Says whether that is the second time in this
    /// session, which means that the connection is no good.
    pub(super) fn overdue(&mut self, channel: &ChannelId, client_seq: ClientSeq) -> bool {
        let mut again = false;
        self.change(channel, client_seq, |item| {
            item.progress = Progress::Ready;
            item.overdue += 1;
            again = item.overdue >= 2;
        });
        self.nominate(channel);
        again
    }

    /// Nothing is on the wire any more.
    pub(super) fn ground_all(&mut self) {
        for lane in self.lanes.values_mut() {
            for item in lane.items.values_mut().filter(|item| item.progress != Progress::Uploading) {
                item.progress = Progress::Ready;
                item.overdue = 0;
            }
            lane.count();
        }
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.waits.first().map(|(until, _, _)| *until)
    }

    pub(super) fn wake(&mut self, now: Instant) {
        while self.waits.first().is_some_and(|(until, _, _)| *until <= now) {
            let Some((until, channel, client_seq)) = self.waits.pop_first() else { return };
            self.change(&channel, client_seq, |item| {
                if item.progress == Progress::Waiting(until) {
                    item.progress = Progress::Ready;
                }
            });
            self.nominate(&channel);
        }
    }

    /// The only way to an item's fields, which keeps the lane's counts.
    fn change(&mut self, channel: &ChannelId, client_seq: ClientSeq, change: impl FnOnce(&mut Item)) {
        let Some(lane) = self.lanes.get_mut(channel) else { return };
        let Some(item) = lane.items.get_mut(&client_seq) else { return };
        let was_out = item.is_ordered() && item.is_out();
        change(item);
        let is_out = item.is_ordered() && item.is_out();
        lane.ordered_out = lane.ordered_out + usize::from(is_out) - usize::from(was_out);
    }
}
