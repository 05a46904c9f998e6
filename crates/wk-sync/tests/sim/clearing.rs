//! What need not be there in the end: what a user cleared, and what stood in a log that was lost.

use wk_sync::Input;
use wk_sync::store::model::{ChannelId, MessageSeq, MessageStatus};

use super::device::Waiting;
use super::letters::log_of;
use super::weather::Luck as _;
use super::world::World;

impl World {
    /// Clears a channel on one device, up to anywhere or all of it.
    pub fn clear(&mut self, device: usize, channel: ChannelId) {
        let log = log_of(&self.devices[device].uid, &channel);
        let last = self.server.logs.get(&log).map_or(0, |log| log.last());
        let up_to = (!self.luck.chance(3000)).then(|| MessageSeq::new(self.luck.within(&(0..=last + 3))));
        self.tally.add("channel cleared");
        let ticket = self.devices[device].ticket(Waiting::Done);
        self.devices[device].clears.insert(channel.clone());
        // One on its way may still arrive, behind what is written next.
        for row in self.devices[device].rig.rows(&channel) {
            if row.status == MessageStatus::Sending && self.server.letters.find(&row.payload).is_some() {
                self.server.letters.get_mut(&row.payload).withdrawn = true;
            }
        }
        self.input(device, Input::Clear { ticket, channel, up_to });
    }

    /// Up to where a device has cleared a channel.
    pub fn cleared(&self, device: usize, channel: &ChannelId) -> u64 {
        self.devices[device].rig.log(channel).cleared_to.get()
    }

    /// Whether a new log became longer than what a device knew of the old one. If it was away meanwhile, nothing that it is
    /// told meets what it knows, and it takes both for one.
    pub fn is_outgrown(&self, device: usize, channel: &ChannelId) -> bool {
        let log = log_of(&self.devices[device].uid, channel);
        let last = self.server.logs.get(&log).map_or(0, |log| log.last());
        self.devices[device].lost_tails.get(channel).is_some_and(|tail| last > *tail)
    }

    /// Whether a device need not show what stands at a seq: it was cleared there, or before it had that seq, or it is deleted
    /// for all, or its time is over.
    pub fn may_be_gone(&self, device: usize, channel: &ChannelId, seq: u64) -> bool {
        let cleared = self.cleared(device, channel);
        let payload =
            self.server.logs.get(&log_of(&self.devices[device].uid, channel)).map(|log| log.payload(seq));
        let written_here = payload
            .flatten()
            .and_then(|payload| self.server.letters.find(payload).map(|_| self.server.letters.get(payload)))
            .is_some_and(|letter| letter.device == Some(device));
        seq <= cleared
            || self.is_deleted(device, channel, seq)
            || self.may_be_over(device, channel, seq)
            || self.devices[device].clears.contains(channel) && written_here
    }

    fn is_deleted(&self, device: usize, channel: &ChannelId, seq: u64) -> bool {
        let log = log_of(&self.devices[device].uid, channel);
        let message = self.server.logs.get(&log).and_then(|log| log.get(seq));
        message.is_some_and(|message| self.server.is_deleted(&log, &message))
    }

    /// Whether a device may show a copy at a seq, because what it is a copy of was cleared.
    pub fn may_be_a_copy(&self, device: usize, channel: &ChannelId, seq: u64) -> bool {
        let log = self.server.logs.get(&log_of(&self.devices[device].uid, channel));
        self.devices[device].clears.contains(channel) && log.is_some_and(|log| log.is_copy(seq))
    }
}
