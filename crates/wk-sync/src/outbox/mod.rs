//! Messages on their way to the server: stored first, in order per channel, until the server answers.

mod ack;
mod enqueue;
mod queue;
mod transmit;

use std::collections::BTreeMap;

use wk_store::model::{ChannelId, ClientSeq, Instant};
use wk_store::{StoreError, StoreTx};

use crate::engine::Cx;
use crate::outbox::queue::Queue;
use crate::session::Online;

/// A SEND without an answer.
#[derive(Debug)]
struct Flight {
    channel: ChannelId,
    client_seq: ClientSeq,
    deadline: Instant,
}

/// The outbox of the account.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Queue,
    /// By the wire's client seq, which counts within a session.
    flights: BTreeMap<u32, Flight>,
    /// Those whose answer is overdue. It still counts, as long as the session lasts.
    overdue: BTreeMap<u32, Flight>,
    last_wire_seq: u32,
}

impl Outbox {
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let mut outbox = Self::default();
        for entry in tx.outbox()? {
            outbox.queue.push(entry);
        }
        Ok(outbox)
    }

    /// Sends what may be sent now.
    pub(crate) fn pump(&mut self, cx: &mut Cx<'_>, online: &Online) -> Result<(), StoreError> {
        while self.flights.len() < cx.core.config.send_window {
            let Some(channel) = self.queue.next_candidate() else { return Ok(()) };
            self.advance(cx, online, &channel)?;
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
        self.last_wire_seq = 0;
        self.queue.ground_all();
    }

    /// The server has these messages: their echo came, a pull brought them, or they were found.
    pub(crate) fn settled(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.queue.remove(channel, client_seq);
        // Its SENDACK may still come and name a seq: the flight stays until then.
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let flights = self.flights.values().map(|flight| flight.deadline);
        flights.chain(self.queue.next_wake()).min()
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
        lost
    }

    fn flight(&self, wire_seq: u32) -> Option<&Flight> {
        self.flights.get(&wire_seq).or_else(|| self.overdue.get(&wire_seq))
    }

    fn land(&mut self, wire_seq: u32) -> Option<Flight> {
        self.flights.remove(&wire_seq).or_else(|| self.overdue.remove(&wire_seq))
    }
}
