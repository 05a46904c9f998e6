//! What users do to messages: the last word of each device reaches the backend, and everybody shows what it has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wk_sync::store::MessageScan;
use wk_sync::store::model::{
    ChannelId, Direction, Message, MessageId, MessageWithExtra, Position, Setting, Version, text_payload,
};
use wk_sync::{Change, FetchRequest, Input, MessageRef, Report, Topic};

use super::common::Flavour;
use super::device::{Device, Waiting};
use super::letters::{channels_of, log_of};
use super::server::Extras;
use super::weather::Luck as _;
use super::world::World;

/// How many of the newest messages of a channel users do something to.
const WITHIN_REACH: u32 = 30;

/// Something that a device says of a message; the last word counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Edit(MessageId),
    Revoke(MessageId),
    DeleteForAll(MessageId),
    React(MessageId),
    Pin(MessageId),
    Read(MessageId),
}

/// What was said of it.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    channel: ChannelId,
    /// The application was told that it is written down.
    accepted: bool,
}

/// What all devices said, what of it the backend took last, and what it refused.
#[derive(Debug, Default)]
pub struct Words {
    said: BTreeMap<(usize, Subject), Vec<Word>>,
    taken: BTreeMap<(usize, Subject), String>,
    refused: BTreeSet<(usize, Subject, String)>,
    count: u64,
}

impl Words {
    fn say(&mut self, device: usize, subject: Subject, text: &str, channel: &ChannelId) -> usize {
        let words = self.said.entry((device, subject)).or_default();
        words.push(Word { text: text.to_owned(), channel: channel.clone(), accepted: false });
        words.len() - 1
    }

    /// It is written down, says the device.
    pub fn accept(&mut self, device: usize, subject: Subject, number: usize) {
        self.said.get_mut(&(device, subject)).unwrap()[number].accepted = true;
    }

    pub fn take(&mut self, device: usize, report: &Report) {
        for (subject, text) in parts(report) {
            self.taken.insert((device, subject), text);
        }
    }

    pub fn refuse(&mut self, device: usize, report: &Report) {
        for (subject, text) in parts(report) {
            self.refused.insert((device, subject, text));
        }
    }
}

/// Of what a report tells, and what.
fn parts(report: &Report) -> Vec<(Subject, String)> {
    let of = |subject: fn(MessageId) -> Subject, message: &MessageRef, text: &str| {
        vec![(subject(message.message_id), text.to_owned())]
    };
    match report {
        Report::Edit { message, payload, .. } => of(Subject::Edit, message, str::from_utf8(payload).unwrap()),
        Report::Revoke(message) => of(Subject::Revoke, message, ""),
        Report::DeleteForAll(message) => of(Subject::DeleteForAll, message, ""),
        Report::React { message, emoji } => of(Subject::React, message, emoji.as_deref().unwrap_or_default()),
        Report::Pin { message, pinned } => of(Subject::Pin, message, pin_word(*pinned)),
        Report::Receipts { messages, .. } => {
            messages.iter().map(|(id, _)| (Subject::Read(*id), String::new())).collect()
        }
        other => panic!("nobody did this: {other:?}"),
    }
}

const fn pin_word(pinned: bool) -> &'static str {
    if pinned { "pinned" } else { "" }
}

impl World {
    /// A user does something to one of the messages that he sees.
    pub fn do_to_messages(&mut self, device: usize, channel: &ChannelId) {
        let times = if self.whims.chance(2000) { 4 } else { 1 };
        for _ in 0..times {
            self.do_to_a_message(device, channel);
        }
    }

    fn do_to_a_message(&mut self, device: usize, channel: &ChannelId) {
        // What is asked of a busy device comes to a state that nobody has seen yet.
        let idle = self.devices[device].running
            && self.devices[device].mailbox.is_empty()
            && self.devices[device].busy_until <= self.now;
        if !idle {
            return;
        }
        let shown = within_reach(&self.devices[device], channel);
        if shown.is_empty() {
            return;
        }
        // Mostly to one of the newest, so that several meet at one message.
        let among = if self.whims.chance(6000) { shown.len().min(2) } else { shown.len() };
        let id = shown[self.whims.below(among)].message_id;
        self.words.count += 1;
        let count = self.words.count;
        match self.whims.below(20) {
            0..5 => {
                let payload = text_payload(&format!("edit {count}"));
                let text = str::from_utf8(&payload).unwrap().to_owned();
                self.say(
                    device,
                    channel,
                    (Subject::Edit(id), &text),
                    Change::Edit { message_id: id, payload },
                );
            }
            5 => self.say(device, channel, (Subject::Revoke(id), ""), Change::Revoke(id)),
            6 => self.say(device, channel, (Subject::DeleteForAll(id), ""), Change::DeleteForAll(id)),
            7..12 => {
                let shown = shown_reaction(&self.devices[device], id).filter(|_| self.whims.chance(4000));
                let (emoji, word) = match shown {
                    Some(emoji) => (emoji, String::new()),
                    None => (format!("e{count}"), format!("e{count}")),
                };
                self.say(
                    device,
                    channel,
                    (Subject::React(id), &word),
                    Change::React { message_id: id, emoji },
                );
            }
            12..15 => {
                let pinned = self.whims.chance(6000);
                let change = Change::Pin { message_id: id, pinned };
                self.say(device, channel, (Subject::Pin(id), pin_word(pinned)), change);
            }
            15..18 => self.read_with_receipts(device, channel, &shown),
            _ => self.fetch(device, channel),
        }
    }

    fn say(&mut self, device: usize, channel: &ChannelId, (subject, text): (Subject, &str), change: Change) {
        let number = self.words.say(device, subject, text, channel);
        let ticket = self.devices[device].ticket(Waiting::Word(vec![(subject, number)]));
        self.input(device, Input::Change { ticket, change });
    }

    /// The newest messages are read.
    fn read_with_receipts(&mut self, device: usize, channel: &ChannelId, shown: &[Message]) {
        let mut words = Vec::new();
        for message in shown {
            let id = message.message_id;
            let asks = message.setting.contains(Setting::RECEIPT)
                && message.from_uid.as_str() != self.devices[device].uid;
            let known = self.devices[device].rig.reader().message_extra(id).unwrap();
            if asks && !known.is_some_and(|extra| extra.info.read) {
                words.push((Subject::Read(id), self.words.say(device, Subject::Read(id), "", channel)));
            }
        }
        let seqs = shown.iter().map(Message::message_seq).collect();
        let ticket = self.devices[device].ticket(Waiting::Word(words));
        let change = Change::Receipts { channel: channel.clone(), seqs };
        self.input(device, Input::Change { ticket, change });
    }

    /// The application wants to know what happened to the messages of a channel.
    fn fetch(&mut self, device: usize, channel: &ChannelId) {
        for topic in [Topic::MessageExtras, Topic::Reactions, Topic::PinnedMessages] {
            if !self.devices[device].running {
                return;
            }
            let ticket = self.devices[device].ticket(Waiting::Done);
            let change = Change::Fetch(topic(channel.clone()));
            self.input(device, Input::Change { ticket, change });
        }
    }

    /// What is asked of a topic never goes back behind what was asked before.
    pub fn check_fetch(&mut self, at: usize, request: &FetchRequest) {
        let before = self.devices[at].fetched.insert(request.topic.clone(), request.after);
        assert!(before <= Some(request.after), "device {at} knew more before: {before:?} {request:?}");
    }

    /// What is told of a message is not older than what was told before.
    pub fn check_changed(&mut self, at: usize, messages: &[MessageWithExtra]) {
        let device = &mut self.devices[at];
        for changed in messages {
            let message = &changed.message;
            let version = changed.extra.as_ref().map_or(Version::ZERO, |extra| extra.info.version);
            let before = device.versions.insert(message.message_id, version);
            assert!(before <= Some(version), "older than {before:?}: {changed:?}");
        }
    }

    /// Everything that users did is told, and then everybody asks what happened.
    pub fn everybody_fetches(&mut self) {
        let told = self.run_until(self.now + Duration::from_secs(900), |world| {
            world.devices.iter().all(|device| unreported(device).is_empty())
        });
        let left: Vec<_> = self.devices.iter().map(unreported).collect();
        assert!(told, "what users did is not told: {left:?}");
        for device in 0..self.devices.len() {
            for channel in channels_of(&self.devices[device].uid) {
                self.fetch(device, &channel);
            }
            self.settle();
        }
        self.check_words();
    }

    /// The last word that an application knows to be written down reached the backend, or a later one, or it was refused.
    fn check_words(&mut self) {
        let mut told = 0;
        for ((device, subject), words) in &self.words.said {
            let Some(last) = words.iter().rposition(|word| word.accepted) else { continue };
            // An edit goes with its message when that expires.
            let lost = self.devices[*device].mortal.contains(&words[last].channel)
                || self.plan.flavour == Flavour::V2 && self.plan.whims.mortal > 0;
            if matches!(subject, Subject::Edit(_)) && lost {
                continue;
            }
            let taken = self.words.taken.get(&(*device, *subject));
            let refused = |word: &Word| self.words.refused.contains(&(*device, *subject, word.text.clone()));
            let reached = words[last..].iter().any(|word| taken == Some(&word.text) || refused(word));
            assert!(reached, "device {device}: {subject:?} is lost: {words:?}, taken {taken:?}");
            told += 1;
        }
        self.tally.add_many("words told", told);
    }

    /// Every message that a device shows is as the backend has it.
    pub fn check_extras(&self, at: usize) {
        let device = &self.devices[at];
        let mut reader = device.rig.reader();
        for channel in channels_of(&device.uid) {
            let log = log_of(&device.uid, &channel);
            let none = Extras::default();
            let extras = self.server.extras.get(&log).unwrap_or(&none);
            let pinned: BTreeSet<MessageId> =
                reader.pinned_messages(&channel).unwrap().iter().map(|row| row.message_id).collect();
            assert!(pinned.iter().all(|id| extras.is_pinned(*id)), "device {at} has pinned what nobody has");
            for row in device.rig.rows(&channel) {
                let id = row.message_id;
                // What is known of a message goes when it expires; with the rows of a log that is gone, that it did.
                let forgotten = self.server.wiped.contains(&log) && device.gone.contains(&id);
                if id.is_zero() || !row.is_visible() || forgotten {
                    continue;
                }
                let stored = reader.message_extra(id).unwrap();
                let pending = stored.as_ref().is_some_and(|extra| extra.pending_edit.is_some());
                assert!(!pending, "{stored:?}");
                let known = stored.map(|extra| extra.info).unwrap_or_default();
                let truth = extras.messages.get(&id).map(|row| row.seen_by(&device.uid, &log));
                let truth = truth.unwrap_or_default();
                assert!(!truth.mutual_deleted, "device {at} shows what is deleted: {row:?} {known:?}");
                assert_eq!(known, truth, "device {at}: what happened to {row:?}");
                assert_eq!(pinned.contains(&id), extras.is_pinned(id), "device {at}: whether {id} is pinned");
                let reactions = reader.reactions(&[id]).unwrap().into_iter();
                let known: BTreeMap<_, _> = reactions.map(|row| (row.uid, (row.emoji, row.seq))).collect();
                assert_eq!(known, extras.reactions_to(id), "device {at}: the reactions to {id}");
            }
        }
    }
}

/// What a device has not told.
fn unreported(device: &Device) -> Vec<String> {
    let mut reader = device.rig.reader();
    let actions = reader.pending_actions().unwrap().into_iter();
    let actions = actions.filter(|(_, action)| action.kind.is_upload()).map(|action| format!("{action:?}"));
    let edits = reader.message_edits_pending().unwrap().into_iter().map(|edit| format!("{edit:?}"));
    let receipts = reader.receipt_channels().unwrap().into_iter().map(|channel| format!("{channel:?}"));
    actions.chain(edits).chain(receipts).collect()
}

pub fn within_reach(device: &Device, channel: &ChannelId) -> Vec<Message> {
    let newest = MessageScan {
        channel,
        from: Position::MIN,
        to: Position::MAX,
        direction: Direction::Older,
        limit: WITHIN_REACH,
        visible_only: true,
    };
    let mut shown = device.rig.reader().scan_messages(&newest).unwrap();
    shown.retain(|message| !message.position.is_local() && !message.message_id.is_zero());
    shown
}

/// What the user sees as his reaction, when all is told.
fn shown_reaction(device: &Device, id: MessageId) -> Option<String> {
    let mut reader = device.rig.reader();
    let actions = reader.pending_actions().unwrap();
    let waits = actions
        .into_iter()
        .map(|(_, action)| action)
        .find(|action| action.message_id == id && action.kind == wk_sync::store::model::ActionKind::React);
    let emoji = match waits {
        Some(action) => action.text,
        None => {
            let mine = reader.reaction(id, &device.uid.as_str().into()).unwrap();
            mine.filter(|row| !row.deleted).map(|row| row.emoji).unwrap_or_default()
        }
    };
    (!emoji.is_empty()).then_some(emoji)
}
