//! Messages whose life ends: none goes early, and none that went is shown again.

use wk_sync::store::model::{ChannelId, Message, NewMessage};
use wk_sync::{Change, Input};

use super::common::Flavour;
use super::device::Waiting;
use super::extras::within_reach;
use super::letters::{Letter, channels_of, log_of};
use super::weather::Luck as _;
use super::world::World;

/// How far a device's idea of the server's time may be ahead: by the time that its CONNECT took, and some.
pub const AHEAD_MS: i64 = 4000;

impl World {
    /// Some messages live for a while only, some burn when they were viewed.
    pub fn make_mortal(&mut self, device: usize, message: &mut NewMessage) {
        if !self.whims.chance(self.plan.whims.mortal) {
            return;
        }
        let longest = if self.whims.chance(5000) { 20 } else { 400 };
        let seconds = self.whims.within(&(1..=longest)) as u32;
        if self.whims.chance(3000) && !message.needs_upload {
            message.payload = self.server.letters.burning(&message.payload, seconds);
        } else {
            let now = self.server.unix_ms();
            self.server.letters.get_mut(&message.payload).life = Some((now, seconds));
            message.expire = seconds;
            self.devices[device].mortal.insert(message.channel.clone());
        }
    }

    /// The user views one of the newest messages.
    pub fn view(&mut self, device: usize, channel: &ChannelId) {
        let shown = within_reach(&self.devices[device], channel);
        let burning = |message: &&Message| {
            self.server
                .letters
                .find(&message.payload)
                .is_some_and(|at| self.server.letters.at(at).burns.is_some())
        };
        let burning: Vec<&Message> = shown.iter().filter(burning).collect();
        if burning.is_empty() {
            return;
        }
        let message = *self.whims.pick(&burning);
        let seconds = self.server.letters.get(&message.payload).burns.unwrap();
        // By the letter: of several copies any may be the one that was viewed.
        let letter = self.server.letters.find(&message.payload).unwrap();
        let end = self.server.unix_ms() + i64::from(seconds) * 1000;
        let first = self.devices[device].viewed.get(&letter).copied().unwrap_or(end);
        self.devices[device].viewed.insert(letter, first.min(end));
        let ticket = self.devices[device].ticket(Waiting::Viewed(letter, seconds));
        self.input(device, Input::Change { ticket, change: Change::Viewed(message.client_seq) });
    }

    /// These are not shown any more: their time is over, or they are deleted for all.
    pub fn check_removed(&mut self, at: usize, channel: &ChannelId, messages: &[Message]) {
        let (now, log) = (self.server.unix_ms() + AHEAD_MS, log_of(&self.devices[at].uid, channel));
        for message in messages {
            let device = &mut self.devices[at];
            let known =
                self.server.extras.get(&log).and_then(|extras| extras.messages.get(&message.message_id));
            let deleted = known.is_some_and(|known| known.seen_by(&device.uid, &log).mutual_deleted);
            let letter = self.server.letters.get(&message.payload);
            let taken = (!message.position.is_local()).then(|| message.message_id.unix_ms()).flatten();
            let expired = end(letter, taken).is_some_and(|end| end <= now);
            let number = self.server.letters.find(&message.payload).unwrap();
            let burnt = device.viewed.get(&number).is_some_and(|end| *end <= now);
            assert!(deleted || expired || burnt, "device {at} removes it early: {letter:?} {message:?}");
            if !message.message_id.is_zero() {
                device.gone.insert(message.message_id);
            }
            self.tally.add(if deleted { "message deleted" } else { "message expired" });
        }
    }

    /// Whether a device may have removed what stands at a seq, because its time is over.
    pub fn may_be_over(&self, device: usize, channel: &ChannelId, seq: u64) -> bool {
        let log = self.server.logs.get(&log_of(&self.devices[device].uid, channel));
        let Some(payload) = log.and_then(|log| log.payload(seq)) else { return false };
        let Some(at) = self.server.letters.find(payload) else { return false };
        let letter = self.server.letters.at(at);
        if letter.life.is_none() && letter.burns.is_none() {
            return false;
        }
        let now = self.server.unix_ms() + AHEAD_MS;
        let message = log.and_then(|log| log.get(seq)).unwrap();
        // The device that wrote it may count from then.
        let taken = (letter.device != Some(device)).then_some(message.at_ms);
        let viewed = self.devices[device].viewed.get(&at);
        end(letter, taken).is_some_and(|end| end <= now) || viewed.is_some_and(|end| *end <= now)
    }

    /// Whether the time of what a device wrote may be over.
    pub fn is_letter_over(&self, letter: &Letter) -> bool {
        end(letter, None).is_some_and(|end| end <= self.server.unix_ms() + AHEAD_MS)
    }

    /// Nothing is shown whose time is over, and nothing that went before.
    pub fn check_mortals(&self, at: usize) {
        let device = &self.devices[at];
        let now = self.server.unix_ms() - AHEAD_MS;
        for channel in channels_of(&device.uid) {
            for row in device.rig.rows(&channel).into_iter().filter(Message::is_visible) {
                let over = row.expires_at().is_some_and(|end| end.get() < now);
                assert!(!over, "device {at} shows what has expired: {row:?}");
                if self.server.wiped.contains(&log_of(&device.uid, &channel)) {
                    // With the rows of a log that is gone goes what was known of them, some of them wrongly.
                    continue;
                }
                assert!(!device.gone.contains(&row.message_id), "device {at} shows it again: {row:?}");
                let letter = self.server.letters.get(&row.payload);
                // v3 tells nobody of the end: only the device that wrote it knows, unless it was cleared there.
                let wrote_it = letter.device == Some(at) && !device.clears.contains(&channel);
                let is_told = self.plan.flavour == Flavour::V2 || wrote_it;
                if is_told && !row.message_id.is_zero() {
                    let over = end(letter, row.message_id.unix_ms()).is_some_and(|end| end < now);
                    assert!(!over, "device {at} does not know that it has expired: {letter:?} {row:?}");
                }
                let number = self.server.letters.find(&row.payload).unwrap();
                let burnt = device.burning.get(&number).is_some_and(|end| *end < now);
                let is_copy = self.may_be_a_copy(at, &channel, row.message_seq().get());
                assert!(!burnt || is_copy, "device {at} has viewed it, and shows it: {row:?}");
            }
        }
    }

    /// The application was told that a view counts.
    pub fn viewed(&mut self, at: usize, letter: usize, seconds: u32) {
        let end = self.server.unix_ms() + i64::from(seconds) * 1000;
        self.devices[at].burning.entry(letter).or_insert(end);
    }
}

/// When a message ends that the server took then, or that has not been taken yet.
fn end(letter: &Letter, taken: Option<i64>) -> Option<i64> {
    letter.life.map(|(written, seconds)| taken.unwrap_or(written) + i64::from(seconds) * 1000)
}
