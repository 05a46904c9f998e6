//! Messages on their way to the server: stored first, in order per channel, until the server answers.

mod ack;
mod enqueue;
mod expire;
mod queue;
mod transmit;
mod upload;
mod withdraw;

use std::collections::{BTreeMap, BTreeSet};

use wk_store::model::{ChannelId, ClientSeq, Instant, OutboxState};
use wk_store::{StoreError, StoreTx};

use crate::engine::Cx;
use crate::outbox::expire::Expiries;
use crate::outbox::queue::Queue;
use crate::outbox::upload::Uploads;
use crate::session::Online;

/// A SEND without an answer.
#[derive(Debug)]
struct Flight {
    channel: ChannelId,
    client_seq: ClientSeq,
    /// The channel had no message when it was sent.
    begins: bool,
    sent_at: Instant,
    /// When the server should have said anything at all; nothing once it was looked after.
    probe_at: Option<Instant>,
    deadline: Instant,
}

/// The outbox of the account.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Queue,
    uploads: Uploads,
    expiries: Expiries,
    /// Entries that are not written down yet. They are at the end of the input, as what became of them by then.
    fresh: BTreeMap<ClientSeq, ChannelId>,
    /// By the wire's client seq, which counts within a session.
    flights: BTreeMap<u32, Flight>,
    /// Those whose answer is overdue. It still counts, as long as the session lasts.
    overdue: BTreeMap<u32, Flight>,
    last_wire_seq: u32,
    /// Channels without messages that wait for others of their kind, the longest waiting first.
    strangers: BTreeSet<(ClientSeq, ChannelId)>,
}

impl Outbox {
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let mut outbox = Self::default();
        for entry in tx.outbox()? {
            if entry.state == OutboxState::Uploading {
                outbox.uploads.begin(&entry.channel, entry.client_seq);
            }
            outbox.expiries.watch(&entry.channel, entry.client_seq, entry.queued_at);
            outbox.queue.push(&entry);
        }
        Ok(outbox)
    }

    /// Gives up what took too long, begins uploads, sends what may be sent now, and writes down what is new.
    pub(crate) fn pump(&mut self, cx: &mut Cx<'_>, online: Option<&Online>) -> Result<(), StoreError> {
        self.expire(cx)?;
        self.upload(cx)?;
        if let Some(online) = online {
            self.admit_strangers();
            while self.flights.len() < cx.core.config.send_window {
                let Some(channel) = self.queue.next_candidate() else { break };
                self.advance(cx, online, &channel)?;
            }
        }
        while let Some((client_seq, channel)) = self.fresh.pop_first() {
            if let Some(entry) = self.queue.entry(&channel, client_seq) {
                cx.tx.put_outbox(&entry)?;
            }
        }
        Ok(())
    }

    /// A session began: everything without an answer may go out again.
    pub(crate) fn online(&mut self) {
        self.queue.all_channels_are_candidates();
    }

    /// The session ended: what was in flight has no answer coming.
    pub(crate) fn offline(&mut self) {
        self.flights.clear();
        self.overdue.clear();
        self.strangers.clear();
        self.last_wire_seq = 0;
        self.queue.ground_all();
        self.expiries.look_again();
    }

    /// The server has these messages: their echo came, a pull brought them, or they were found.
    pub(crate) fn settled(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.queue.remove(channel, client_seq);
        // Its SENDACK may still come and name a seq: the flight stays until then.
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let flights =
            self.flights.values().flat_map(|flight| [Some(flight.deadline), flight.probe_at]).flatten();
        let others = [self.queue.next_wake(), self.uploads.deadline(), self.expiries.deadline()];
        flights.chain(others.into_iter().flatten()).min()
    }

    /// Looks after overdue answers and ended waits. Says whether the connection seems to swallow what is sent.
    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) -> bool {
        let now = cx.now.instant;
        self.queue.wake(now);
        let due = self.flights.iter().filter(|(_, flight)| flight.deadline <= now);
        let due: Vec<u32> = due.map(|(wire_seq, _)| *wire_seq).collect();
        let mut lost = false;
        for wire_seq in due {
            let Some(flight) = self.flights.remove(&wire_seq) else { continue };
            lost |= self.queue.overdue(&flight.channel, flight.client_seq);
            // The message may stand there, and nobody said so.
            cx.core.logs.doubt_head(&flight.channel);
            self.overdue.insert(wire_seq, flight);
        }
        self.expiries.look_again();
        lost
    }

    /// Since when a SEND waits so long that the server should be asked whether it is still there; once for each SEND.
    pub(crate) fn waits_since(&mut self, cx: &Cx<'_>) -> Option<Instant> {
        let now = cx.now.instant;
        let due = self.flights.values_mut().filter(|flight| flight.probe_at.is_some_and(|at| at <= now));
        due.map(|flight| {
            flight.probe_at = None;
            flight.sent_at
        })
        .max()
    }

    /// How many entries wait, and how many SENDs are unanswered.
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.queue.len(), self.flights.len() + self.overdue.len())
    }

    fn flight(&self, wire_seq: u32) -> Option<&Flight> {
        self.flights.get(&wire_seq).or_else(|| self.overdue.get(&wire_seq))
    }

    fn land(&mut self, wire_seq: u32) -> Option<Flight> {
        self.flights.remove(&wire_seq).or_else(|| self.overdue.remove(&wire_seq))
    }
}
