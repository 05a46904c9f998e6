//! A message on its way through the server: checked, stored, pushed.

use std::sync::Arc;

use bytes::Bytes;
use wk_model::{ChannelId, ChannelType, MessageId, MessageSeq, ReasonCode, Setting};
use wkproto::Flags;

use super::World;
use super::channel::log_id;
use super::ids::SYSTEM_UID;
use super::message::Message;
use super::session::{Outgoing, Push, Session};
use crate::config::Generation;
use crate::faults::{Faults, PushFate};

/// A message as its sender wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) id: MessageId,
    pub(crate) flags: Flags,
    pub(crate) setting: Setting,
    pub(crate) from: Arc<str>,
    /// The device that a caller of the HTTP API says it is.
    pub(crate) device_id: Option<Arc<str>>,
    pub(crate) client_msg_no: Arc<str>,
    pub(crate) channel_id: Arc<str>,
    pub(crate) channel_type: ChannelType,
    pub(crate) topic: Arc<str>,
    pub(crate) expire: u32,
    pub(crate) payload: Bytes,
}

/// What the server says of a message that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) id: MessageId,
    /// Zero if it is not stored.
    pub(crate) seq: MessageSeq,
}

/// Where a message comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// A SEND. Its sender is checked, and that connection gets no RECV of it.
    Session(&'a Session),
    /// The HTTP API, whose callers may do nearly everything.
    Http,
    /// The HTTP API with receivers of its own instead of a channel's.
    Named(&'a [Arc<str>]),
}

impl World {
    /// Handles one message: what it was given, or why it was refused. The time is in seconds since 1970; pushes may suffer
    /// from faults.
    pub(crate) fn send(
        &mut self,
        draft: Draft,
        origin: Origin<'_>,
        unix_secs: i32,
        faults: &Faults,
    ) -> Result<Stored, ReasonCode> {
        if self.generation == Generation::V3 {
            return self.send_v3(draft, origin, unix_secs, faults);
        }
        let channel_type = draft.channel_type;
        let normal = log_id(&draft.from, &draft.channel_id, channel_type);
        match origin {
            Origin::Session(session) => {
                if self.is_send_banned(&session.uid) {
                    return Err(ReasonCode::SEND_BAN);
                }
                self.check_sender(
                    &session.uid,
                    &session.device_id,
                    &draft.channel_id,
                    &normal,
                    channel_type,
                )?;
            }
            Origin::Http | Origin::Named(_) => self.check_channel(&normal, channel_type)?,
        }
        // Commands have a log of their own, but only those that come over HTTP (docs/servers.md T48).
        let from_http = !matches!(origin, Origin::Session(_));
        let is_command = from_http && draft.flags.contains(Flags::SYNC_ONCE);
        let stored = if is_command && !normal.ends_with(ChannelId::COMMAND_SUFFIX) {
            normal + ChannelId::COMMAND_SUFFIX
        } else {
            normal
        };
        let message = self.store(draft, &stored, unix_secs);
        let receivers = match origin {
            Origin::Named(receivers) => receivers.to_vec(),
            Origin::Session(_) | Origin::Http => self.receivers(&stored, channel_type),
        };
        if message.seq == MessageSeq::FIRST && !matches!(origin, Origin::Named(_)) {
            self.create_conversations(&message, &receivers);
        }
        let skip = match origin {
            Origin::Session(session) => Some(session.id),
            Origin::Http | Origin::Named(_) => None,
        };
        self.push(&message, &receivers, skip, unix_secs, faults);
        Ok(Stored { id: message.id, seq: message.seq })
    }

    pub(super) fn store(&mut self, draft: Draft, stored: &str, unix_secs: i32) -> Arc<Message> {
        let channel = self.channels.entry(stored, draft.channel_type);
        channel.placed = true;
        let message = Message {
            id: draft.id,
            seq: MessageSeq::ZERO,
            flags: draft.flags.without(Flags::DUP),
            setting: draft.setting,
            from: draft.from,
            client_msg_no: draft.client_msg_no,
            channel: channel.id.clone(),
            shown_channel: draft.channel_id,
            channel_type: draft.channel_type,
            topic: draft.topic,
            expire: draft.expire,
            timestamp: unix_secs,
            payload: draft.payload,
        };
        if message.flags.contains(Flags::NO_PERSIST) {
            return Arc::new(message);
        }
        let message = channel.log.append(message);
        channel.note_sent(&message.from, message.seq.get());
        if self.generation == Generation::V3 {
            channel.note_number(&message);
        }
        message
    }

    /// The users who get what is sent to a channel. In a chat with oneself that is one user twice.
    pub(super) fn receivers(&self, stored: &str, channel_type: ChannelType) -> Vec<Arc<str>> {
        let normal = stored.strip_suffix(ChannelId::COMMAND_SUFFIX).unwrap_or(stored);
        match channel_type {
            ChannelType::PERSON | ChannelType::AGENT => {
                let mut parts = normal.split('@');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(first), Some(second), None) => {
                        // A command's suffix may be on the first part when a client put it on the peer's uid.
                        let first = first.strip_suffix(ChannelId::COMMAND_SUFFIX).unwrap_or(first);
                        vec![first.into(), second.into()]
                    }
                    _ => Vec::new(),
                }
            }
            _ => {
                let channel = self.channels.get(normal, channel_type);
                let mut receivers: Vec<_> =
                    channel.map(|channel| channel.subscribers.iter().cloned().collect()).unwrap_or_default();
                if channel_type == ChannelType::VISITORS && !receivers.iter().any(|uid| **uid == *normal) {
                    receivers.push(normal.into());
                }
                receivers
            }
        }
    }

    /// The first message of a person's channel puts it into both lists, the first command of any channel into the
    /// lists of its members (docs/servers.md §6).
    fn create_conversations(&mut self, message: &Message, receivers: &[Arc<str>]) {
        let is_command = message.channel.ends_with(ChannelId::COMMAND_SUFFIX);
        let is_joined = !matches!(message.channel_type, ChannelType::PERSON | ChannelType::CUSTOMER_SERVICE);
        if is_joined && !is_command {
            return;
        }
        for uid in receivers {
            let read_to = if *uid == message.from { message.seq.get() } else { 0 };
            let key = (message.channel.clone(), message.channel_type);
            let user = self.users.entry(uid.clone()).or_default();
            let list = if is_command { &mut user.commands } else { &mut user.conversations };
            list.first_message(key, read_to, &mut self.changes);
        }
    }

    pub(super) fn push(
        &self,
        message: &Arc<Message>,
        receivers: &[Arc<str>],
        skip: Option<u64>,
        unix_secs: i32,
        faults: &Faults,
    ) {
        let shown = match self.generation {
            Generation::V2 => Flags::NO_PERSIST | Flags::RED_DOT | Flags::SYNC_ONCE,
            // A command is known by its channel.
            Generation::V3 => Flags::RED_DOT,
        };
        let shown = message.flags.intersection(shown);
        for uid in receivers {
            let Some(user) = self.users.get(uid) else { continue };
            // To the sender's own devices nothing is unread, says v2.
            let is_own = self.generation == Generation::V2 && *uid == message.from;
            let flags = if is_own { shown.without(Flags::RED_DOT) } else { shown };
            let gets = |session: &&Arc<Session>| Some(session.id) != skip && self.is_present(session);
            for session in user.sessions.iter().filter(gets) {
                let push = Push { message: message.clone(), flags, timestamp: unix_secs };
                match faults.push_fate() {
                    PushFate::Lost => {}
                    PushFate::Once => session.push(Outgoing::Recv(push)),
                    PushFate::Twice => {
                        session.push(Outgoing::Recv(push.clone()));
                        session.push(Outgoing::Recv(push));
                    }
                }
            }
        }
    }
}

impl World {
    /// Whether a session is delivered to: v3 forgets those that did not ping lately (docs/servers.md T18).
    fn is_present(&self, session: &Session) -> bool {
        self.generation == Generation::V2 || session.pinged_ms() + self.presence_ms >= self.changes.now_ms
    }
}

/// The sender that a request names: nobody and blanks stand for the system.
pub(crate) fn sender_or_system(from: &str) -> &str {
    if from.trim().is_empty() { SYSTEM_UID } else { from }
}
