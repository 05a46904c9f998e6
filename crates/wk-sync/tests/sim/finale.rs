//! What must hold when everything is repaired and quiet: everybody has everything, once and in order.

use std::collections::HashSet;
use std::time::Duration;

use wk_sync::Input;
use wk_sync::store::model::{ChannelId, Direction, MessageStatus, Page, PageQuery, Visibility};

use super::checks::{check_is_real, is_ash};
use super::common::Flavour;
use super::letters::{Kind, channels_of, log_of};
use super::server::Log;
use super::world::World;

/// How long it may take until everything is as it should be.
const PATIENCE: Duration = Duration::from_secs(900);

impl World {
    /// Repairs everything, lets everybody catch up, and counts.
    pub fn finish(&mut self) {
        // The server told a device of everything while it was connected, unless it lost a RECV.
        let told_all = self.plan.weather.lose_push == 0 || self.plan.flavour == Flavour::V3;
        self.calm();
        // What a sleeping device still has to learn, such as a kick, it learns first.
        self.everybody_online();
        self.wait(Duration::from_secs(60));
        self.everybody_online();
        self.uploads_go_on();
        self.settle();
        // What was sent last still has to be pushed.
        self.wait(Duration::from_secs(5));
        self.everybody_fetches();
        self.everybody_reads(told_all);
        self.reconnect();
        self.everybody_reads(true);
        for device in 0..self.devices.len() {
            self.check_rows(device);
            self.check_extras(device);
            self.check_mortals(device);
        }
        self.check_order();
        self.check_commands();
        self.check_quiet();
    }

    fn everybody_online(&mut self) {
        for at in 0..self.devices.len() {
            if self.devices[at].running {
                self.input(at, Input::Connect);
            } else {
                self.launch(at);
            }
        }
    }

    /// Waits until nobody waits for anything.
    pub fn settle(&mut self) {
        let settled = self.run_until(self.now + PATIENCE, |world| {
            world.devices.iter().all(|device| {
                device.is_online()
                    && device.waiting.is_empty()
                    && device.asked.is_empty()
                    && device.mailbox.is_empty()
                    && device.rig.outbox().is_empty()
            })
        });
        if !settled {
            let states = self.devices.iter().map(|device| {
                format!(
                    "{:?} {:?} {:?} {:?}",
                    device.state,
                    device.waiting,
                    device.asked,
                    device.rig.outbox()
                )
            });
            panic!("it does not come to rest:\n{}", states.collect::<Vec<_>>().join("\n"));
        }
    }

    pub fn wait(&mut self, wait: Duration) {
        self.run_until(self.now + wait, |_| false);
    }

    /// Every connection is cut, and everybody comes back.
    pub fn reconnect(&mut self) {
        for wire in self.network.all_open() {
            self.cut(wire);
        }
        self.wait(Duration::from_secs(5));
        self.settle();
        self.wait(Duration::from_secs(30));
        self.settle();
    }

    /// Everybody reads every channel from its end to its start, and from its start to its end.
    fn everybody_reads(&mut self, complete: bool) {
        for device in 0..self.devices.len() {
            for channel in channels_of(&self.devices[device].uid) {
                let from_the_end = PageQuery::newest(channel.clone()).limit(37);
                let mut from_the_start = from_the_end.clone().limit(41);
                from_the_start.direction = Direction::Newer;
                // A copy of a message stands for it until the first one is known.
                self.read_all(device, from_the_end.clone());
                let older = self.read_all(device, from_the_end);
                let newer = self.read_all(device, from_the_start);
                // Meanwhile some may have come to their end.
                let lives = |seqs: &[u64]| -> Vec<u64> {
                    let lives = |seq: &&u64| !self.may_be_over(device, &channel, **seq);
                    seqs.iter().filter(lives).copied().collect()
                };
                same(&lives(&older), &lives(&newer), || {
                    format!("device {device} reads {channel:?} differently the other way")
                });
                if complete && !self.is_outgrown(device, &channel) {
                    let truth = self.truth(device, &channel);
                    let is_certain = |seq: &u64| {
                        !self.may_be_gone(device, &channel, *seq)
                            && !self.may_be_a_copy(device, &channel, *seq)
                    };
                    let older: Vec<u64> = older.into_iter().filter(is_certain).collect();
                    same(&older, &truth, || format!("device {device} does not read all of {channel:?}"));
                }
            }
        }
    }

    /// The seqs of all server messages of a channel, page by page.
    fn read_all(&mut self, device: usize, mut query: PageQuery) -> Vec<u64> {
        let (channel, direction) = (query.channel.clone(), query.direction);
        let mut seqs = Vec::new();
        loop {
            let page = self.read(device, query.clone());
            assert_eq!(page.incomplete, None, "with everything repaired: {query:?}");
            let server = page.messages.iter().filter(|message| !message.position.is_local());
            let mut read: Vec<u64> = server.map(|message| message.position.seq.get()).collect();
            let limit = query.limit;
            let (next, ended) = match direction {
                Direction::Older => {
                    read.append(&mut seqs);
                    seqs = read;
                    (page.older(&channel), page.reached_start)
                }
                Direction::Newer => {
                    seqs.append(&mut read);
                    (page.newer(&channel), page.reached_end)
                }
            };
            match next {
                Some(next) if !ended => query = next.limit(limit),
                _ => return seqs,
            }
        }
    }

    /// Asks for a page and waits for it.
    pub fn read(&mut self, device: usize, query: PageQuery) -> Page {
        self.devices[device].answered = None;
        self.page(device, query.clone());
        self.settle();
        let (of, page) = self.devices[device].answered.take().expect("an answer to a page");
        assert_eq!(of, query);
        page
    }

    /// The seqs that a device must show of a channel.
    fn truth(&self, device: usize, channel: &ChannelId) -> Vec<u64> {
        let uid = &self.devices[device].uid;
        let empty = Log::default();
        let log = self.server.logs.get(&log_of(uid, channel)).unwrap_or(&empty);
        let shown = log
            .range(1..=log.last())
            .filter(|message| !log.is_copy(message.seq) && self.server.letters.shows(&message.payload, uid))
            .filter(|message| !self.may_be_gone(device, channel, message.seq));
        shown.map(|message| message.seq).collect()
    }

    /// The rows of a device are the server's, and its own messages came to their end.
    fn check_rows(&self, at: usize) {
        let device = &self.devices[at];
        let mut letters = HashSet::new();
        for channel in channels_of(&device.uid) {
            let log = self.server.logs.get(&log_of(&device.uid, &channel));
            for row in device.rig.rows(&channel) {
                if row.visibility != Visibility::Visible && row.payload.is_empty() || is_ash(&row) {
                    // Only the place of a copy, or of what was viewed.
                    continue;
                }
                let number = self.server.letters.find(&row.payload);
                assert!(letters.insert(number), "two rows of one message: {row:?}");
                let letter = self.server.letters.get(&row.payload);
                assert_eq!(letter.log, log_of(&device.uid, &channel), "a row in the wrong channel: {row:?}");
                if !row.position.is_local() {
                    let cleared = self.cleared(at, &channel);
                    assert!(row.position.seq.get() > cleared, "cleared up to {cleared}, and back: {row:?}");
                    if self.is_outgrown(at, &channel) {
                        continue;
                    }
                    check_is_real(log.expect("a log"), &row);
                    assert_eq!(row.status, MessageStatus::Sent, "{row:?}");
                    continue;
                }
                assert_eq!(letter.device, Some(at), "a local row of another device: {row:?}");
                let unstored = matches!(letter.kind, Kind::Transient | Kind::Command);
                // One that is always refused for now is given up in the end.
                let refused = letter.refused || letter.delayed;
                let given_up = row.status == MessageStatus::Failed && refused
                    || row.status == MessageStatus::Cancelled && letter.withdrawn
                    || row.status == MessageStatus::NotUploaded
                        && (letter.withdrawn || letter.not_uploaded)
                        && self.server.letters.is_draft(&row.payload);
                assert!(given_up || unstored && row.status == MessageStatus::Sent, "{letter:?}: {row:?}");
                let there = letter
                    .number
                    .as_ref()
                    .is_some_and(|number| log.is_some_and(|log| log.known(&letter.author, number).is_some()));
                let outgrown = self.is_outgrown(at, &channel);
                assert!(!there || outgrown, "the server has it, and the device does not say so: {row:?}");
            }
            let conversation = device.rig.conversation(&channel);
            let told = conversation.is_none_or(|conversation| !conversation.read_unsent);
            assert!(told, "the server was not told how far {channel:?} is read");
        }
        self.check_stored(at, usize::MAX);
    }

    /// What a device wrote in one channel stands in the log in that order.
    fn check_order(&self) {
        for (channel, log) in &self.server.logs {
            let mut last = vec![None; self.devices.len()];
            let messages = log.range(log.old + 1..=log.last()).filter(|message| !log.is_copy(message.seq));
            for message in messages {
                let letter = self.server.letters.get(&message.payload);
                let Some(device) = letter.device.filter(|_| !letter.withdrawn) else { continue };
                let written = self.server.letters.find(&message.payload);
                assert!(last[device] < written, "{channel:?}: {letter:?} came too late");
                last[device] = written;
            }
        }
    }

    /// With no news a reconnect costs one sync, v3's two looks at its list, and no message, and then nothing at all happens but PINGs.
    fn check_quiet(&mut self) {
        let count = |world: &Self| -> Vec<[usize; 4]> {
            let devices = world.devices.iter();
            devices.map(|it| [it.questions - it.turned, it.syncs, it.synced, it.fetches]).collect()
        };
        let (before, packets) = (count(self), self.server.packets);
        self.reconnect();
        self.wait(Duration::from_secs(300));
        for ((at, after), before) in count(self).into_iter().enumerate().zip(before) {
            assert!(self.devices[at].is_online(), "{:?}", self.devices[at].state);
            let [questions, syncs, synced, fetches] = [0, 1, 2, 3].map(|which| after[which] - before[which]);
            let looks = looks(self.plan.flavour);
            assert_eq!(
                (questions, syncs, synced, fetches),
                (looks, looks, 0, 0),
                "device {at}: questions, syncs, messages, fetches"
            );
        }
        assert_eq!(self.server.packets, packets, "a quiet connection carries no message");
    }
}

/// How many questions a sync without news is: v3's list is looked at twice.
pub fn looks(flavour: Flavour) -> usize {
    if flavour == Flavour::V3 { 2 } else { 1 }
}

/// Two lists of seqs are the same, or what only one of them has is printed.
fn same(left: &[u64], right: &[u64], what: impl FnOnce() -> String) {
    if left != right {
        let lacks = |of: &[u64], other: &[u64]| -> Vec<u64> {
            of.iter().filter(|seq| !other.contains(seq)).copied().collect()
        };
        panic!("{}: only left {:?}, only right {:?}", what(), lacks(left, right), lacks(right, left));
    }
}
