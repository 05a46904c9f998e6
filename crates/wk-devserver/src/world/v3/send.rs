//! The way of a message through a v3 server (docs/servers.md §2.4, §2.5).

use std::sync::Arc;

use wk_model::{ChannelId, ChannelType, MessageId, MessageSeq, ReasonCode};
use wkproto::Flags;

use crate::faults::Faults;
use crate::world::World;
use crate::world::ids::peer_of;
use crate::world::message::Message;
use crate::world::send::{Draft, Origin, Stored};
use crate::world::v3::reads::stored_id;

impl World {
    /// Handles one message, as [`World::send`] does for a v2 server. What the sender sends again is answered as before.
    pub(in crate::world) fn send_v3(
        &mut self,
        draft: Draft,
        origin: Origin<'_>,
        unix_secs: i32,
        faults: &Faults,
    ) -> Result<Stored, ReasonCode> {
        let channel_type = draft.channel_type;
        let Place { normal, log, is_command } = place(&draft)?;
        let is_stored = !draft.flags.contains(Flags::NO_PERSIST);
        if !matches!(origin, Origin::Named(_)) {
            let device_id = match origin {
                Origin::Session(session) => &*session.device_id,
                Origin::Http | Origin::Named(_) => draft.device_id.as_deref().unwrap_or_default(),
            };
            self.check_v3(&draft.from, device_id, &normal, channel_type)?;
        }
        if !is_stored && !is_command {
            // Nobody gets it (docs/servers.md T50).
            return Ok(Stored { id: MessageId::new(0), seq: MessageSeq::ZERO });
        }
        if let Some(known) = self.sent_before(&draft, &log)? {
            return Ok(known);
        }
        let (id, first) =
            (draft.id, self.channels.get(&log, channel_type).is_none_or(|it| it.log.last_seq() == 0));
        let message = self.store(draft, &log, unix_secs);
        let receivers = match origin {
            Origin::Named(receivers) => receivers.to_vec(),
            Origin::Session(_) | Origin::Http if is_command => heard_of_command(&normal, channel_type),
            Origin::Session(_) | Origin::Http => self.receivers(&log, channel_type),
        };
        // A log of commands is in the list of the one who hears of them.
        if first && channel_type == ChannelType::PERSON {
            let (key, known_from) =
                ((message.channel.clone(), channel_type), self.changes.now_ms + self.membership_ms);
            for uid in &receivers {
                self.users.entry(uid.clone()).or_default().roster.join(key.clone(), 0, known_from);
            }
        }
        let skip = match origin {
            Origin::Session(session) => Some(session.id),
            Origin::Http | Origin::Named(_) => None,
        };
        self.push(&message, &receivers, skip, unix_secs, faults);
        Ok(Stored { id, seq: message.seq })
    }

    /// Whether a session's message would be the first one of its log.
    pub(crate) fn would_begin(&self, uid: &str, device_id: &str, draft: &Draft) -> bool {
        let Ok(Place { normal, log, .. }) = place(draft) else { return false };
        !draft.flags.contains(Flags::NO_PERSIST)
            && self.check_v3(uid, device_id, &normal, draft.channel_type).is_ok()
            && self.channels.get(&log, draft.channel_type).is_none_or(|it| it.log.last_seq() == 0)
    }

    /// What became of the same message before. One with the same number and another payload is refused.
    fn sent_before(&self, draft: &Draft, log: &str) -> Result<Option<Stored>, ReasonCode> {
        if draft.client_msg_no.is_empty() {
            return Ok(None);
        }
        let channel = self.channels.get(log, draft.channel_type);
        let same = channel.and_then(|channel| channel.numbered(&draft.from, &draft.client_msg_no));
        match same {
            Some(message) if message.payload != draft.payload => Err(ReasonCode::SYSTEM_ERROR),
            same => Ok(same.map(|message| Stored { id: message.id, seq: message.seq })),
        }
    }
}

/// Where a message belongs.
struct Place {
    /// The channel's id, without the suffix of commands.
    normal: String,
    log: String,
    is_command: bool,
}

fn place(draft: &Draft) -> Result<Place, ReasonCode> {
    let channel_type = draft.channel_type;
    if channel_type.value() == 0 {
        return Err(ReasonCode::PAYLOAD_DECODE_ERROR);
    }
    if draft.channel_id.is_empty() {
        return Err(ReasonCode::SYSTEM_ERROR);
    }
    let suffix = ChannelId::COMMAND_SUFFIX;
    let plain = draft.channel_id.strip_suffix(suffix).unwrap_or(&draft.channel_id);
    let normal = match channel_type {
        ChannelType::AGENT if !plain.contains('@') => return Err(ReasonCode::SYSTEM_ERROR),
        _ => stored_id(&draft.from, plain, channel_type).ok_or(ReasonCode::SYSTEM_ERROR)?,
    };
    let is_command = draft.flags.contains(Flags::SYNC_ONCE) || draft.channel_id.ends_with(suffix);
    let log = if is_command { format!("{normal}{suffix}") } else { normal.clone() };
    Ok(Place { normal, log, is_command })
}

/// Who is pushed a command: of two users the first in their channel's id, of a group nobody (docs/servers.md T49).
fn heard_of_command(normal: &str, channel_type: ChannelType) -> Vec<Arc<str>> {
    let first = normal.split_once('@').map(|(first, _)| first.into());
    first.into_iter().filter(|_| channel_type == ChannelType::PERSON).collect()
}

/// The channel id in a v3 server's RECV and answers, for one of its members: a person's is the peer's uid, with the suffix
/// for commands.
pub(crate) fn channel_for(message: &Message, reader: &str) -> Arc<str> {
    if message.channel_type != ChannelType::PERSON {
        return message.channel.clone();
    }
    let suffix = ChannelId::COMMAND_SUFFIX;
    let (pair, suffix) = match message.channel.strip_suffix(suffix) {
        Some(pair) => (pair, suffix),
        None => (&*message.channel, ""),
    };
    format!("{}{suffix}", peer_of(pair, reader)).into()
}
