//! What happened to messages, as the application's backend keeps it: a version for each change, none for a repetition.

use std::collections::{BTreeMap, BTreeSet};

use wk_sync::store::model::{
    ChannelId, MessageEdit, MessageExtraInfo, MessageId, PinnedMessage, Reaction, Uid, UnixMillis, Version,
};
use wk_sync::{FetchRequest, Fetched, MessageRef, Report, ReportRequest, SourceError, Topic};

use super::Server;
use crate::common::Stored;
use crate::letters::{log_of, members};
use crate::weather::Luck as _;

/// A message to which something happened.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    info: MessageExtraInfo,
    read_by: BTreeSet<String>,
}

impl Happened {
    /// What a user is told of it.
    pub fn seen_by(&self, uid: &str, log: &ChannelId) -> MessageExtraInfo {
        let read_count = self.read_by.len() as u32;
        MessageExtraInfo {
            read: self.read_by.contains(uid),
            read_count,
            unread_count: (members(log).len() as u32).saturating_sub(1 + read_count),
            ..self.info.clone()
        }
    }
}

/// All that the backend knows of the messages of a log.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    pub messages: BTreeMap<MessageId, Happened>,
    pub reactions: BTreeMap<(MessageId, Uid), Reaction>,
    pub pins: BTreeMap<MessageId, PinnedMessage>,
}

impl Extras {
    /// The emojis of those who react to a message, by their names.
    pub fn reactions_to(&self, id: MessageId) -> BTreeMap<Uid, (String, Version)> {
        let rows = self.reactions.values().filter(|row| row.message_id == id && !row.deleted);
        rows.map(|row| (row.uid.clone(), (row.emoji.clone(), row.seq))).collect()
    }

    pub fn is_pinned(&self, id: MessageId) -> bool {
        self.pins.get(&id).is_some_and(|row| !row.deleted)
    }
}

impl Server {
    /// Whether a message is deleted for all, or a copy of it: where that was taken for the message, the message goes.
    pub fn is_deleted(&self, log: &ChannelId, message: &Stored) -> bool {
        let happened = self.extras.get(log).and_then(|extras| extras.messages.get(&message.id));
        let number = (message.from.clone(), message.client_msg_no.clone());
        happened.is_some_and(|happened| happened.info.mutual_deleted)
            || !message.client_msg_no.is_empty() && self.deleted.contains(&number)
    }

    /// What has a larger version than the reader knows, the lowest first.
    pub(super) fn fetch(&self, request: &FetchRequest) -> Result<Fetched, SourceError> {
        let uid = request.uid.as_str();
        let (Topic::MessageExtras(channel) | Topic::Reactions(channel) | Topic::PinnedMessages(channel)) =
            &request.topic
        else {
            panic!("not offered: {request:?}");
        };
        let log = log_of(uid, channel);
        let none = Extras::default();
        let extras = self.extras.get(&log).unwrap_or(&none);
        Ok(match &request.topic {
            Topic::Reactions(_) => {
                let rows = extras.reactions.values().cloned();
                Fetched::Reactions(page(request, rows.collect(), |row: &Reaction| row.seq))
            }
            Topic::PinnedMessages(_) => {
                let rows = extras.pins.values().cloned();
                Fetched::PinnedMessages(page(request, rows.collect(), |row: &PinnedMessage| row.version))
            }
            _ => {
                let rows = extras.messages.iter().map(|(id, row)| (*id, row.seen_by(uid, &log)));
                Fetched::MessageExtras(page(request, rows.collect(), |(_, info)| info.version))
            }
        })
    }

    /// Takes what a user did, or refuses it for good.
    pub(super) fn report(&mut self, request: &ReportRequest) -> Result<Version, SourceError> {
        if self.whims.chance(self.weather.refuse) {
            self.tally.add("report refused");
            return Err(SourceError::Refused { status: 403, message: "no".to_owned() });
        }
        let uid = request.uid.as_str();
        let version = Version::new(self.versions + 1);
        self.versions += 1;
        let taken = match &request.report {
            Report::Edit { message, payload, edited_at } => {
                let edit = MessageEdit { payload: payload.clone(), edited_at: *edited_at };
                self.happen(uid, message, version, |row| row.info.edit = Some(edit))
            }
            Report::Revoke(message) => self.happen(uid, message, version, |row| {
                row.info.revoker.get_or_insert_with(|| Uid::new(uid));
                row.info.revoked = true;
            }),
            Report::DeleteForAll(message) => {
                let place = self.ids.get(&message.message_id);
                let stored = place.and_then(|(log, seq)| self.logs.get(log)?.get(*seq));
                self.deleted.extend(stored.map(|stored| (stored.from, stored.client_msg_no)));
                self.happen(uid, message, version, |row| row.info.mutual_deleted = true)
            }
            Report::React { message, emoji } => self.react(uid, message, emoji.as_deref(), version),
            Report::Pin { message, pinned } => {
                self.pin(uid, message, *pinned, version);
                self.happen(uid, message, version, |row| row.info.pinned = Some(*pinned))
            }
            Report::Receipts { channel, messages } => {
                for (message_id, seq) in messages {
                    let message = MessageRef { channel: channel.clone(), message_id: *message_id, seq: *seq };
                    // No two rows share a version: an answer could end between them.
                    self.versions += 1;
                    let version = Version::new(self.versions);
                    self.happen(uid, &message, version, |row| {
                        row.read_by.insert(uid.to_owned());
                    });
                }
                Version::ZERO
            }
            other => panic!("nobody did this: {other:?}"),
        };
        Ok(taken)
    }

    /// Changes what is known of a message. What changes nothing has no new version.
    fn happen(
        &mut self,
        uid: &str,
        message: &MessageRef,
        version: Version,
        change: impl FnOnce(&mut Happened),
    ) -> Version {
        let extras = self.extras.entry(log_of(uid, &message.channel)).or_default();
        let row = extras.messages.entry(message.message_id).or_default();
        let before = row.clone();
        change(row);
        if (&row.info, &row.read_by) != (&before.info, &before.read_by) {
            row.info.version = version;
        }
        row.info.version
    }

    fn react(&mut self, uid: &str, message: &MessageRef, emoji: Option<&str>, version: Version) -> Version {
        let created_at = UnixMillis::new(self.unix_ms());
        let extras = self.extras.entry(log_of(uid, &message.channel)).or_default();
        let new = || Reaction {
            message_id: message.message_id,
            uid: Uid::new(uid),
            channel: message.channel.clone(),
            name: String::new(),
            emoji: String::new(),
            seq: version,
            deleted: true,
            created_at,
        };
        let row = extras.reactions.entry((message.message_id, Uid::new(uid))).or_insert_with(new);
        let emoji_now = (!row.deleted).then_some(row.emoji.as_str());
        if emoji_now != emoji {
            (row.deleted, row.seq, row.created_at) = (emoji.is_none(), version, created_at);
            emoji.unwrap_or_default().clone_into(&mut row.emoji);
        }
        row.seq
    }

    fn pin(&mut self, uid: &str, message: &MessageRef, pinned: bool, version: Version) {
        let extras = self.extras.entry(log_of(uid, &message.channel)).or_default();
        let new = || PinnedMessage {
            message_id: message.message_id,
            channel: message.channel.clone(),
            seq: message.seq,
            version,
            deleted: !pinned,
        };
        let row = extras.pins.entry(message.message_id).or_insert_with(new);
        if row.deleted == pinned {
            (row.deleted, row.version) = (!pinned, version);
        }
    }
}

/// The rows of one answer.
fn page<T>(request: &FetchRequest, mut rows: Vec<T>, version: impl Fn(&T) -> Version) -> Vec<T> {
    rows.retain(|row| version(row) > request.after);
    rows.sort_by_key(|row| version(row));
    rows.truncate(request.limit as usize);
    rows
}
