//! The world as a file keeps it between two runs of the server (docs in [`crate::Builder::state_file`]).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use wk_model::{ChannelType, DeviceFlag, MessageId, MessageSeq, Setting};
use wkproto::{DeviceLevel, Flags};

use super::World;
use super::channel::ChannelInfo;
use super::conversation::Stored;
use super::message::Message;
use super::user::Token;
use super::v3::roster::Membership;
use crate::config::Generation;

/// What the first line of such a file says, so that no other file is taken for one.
const FORMAT: &str = "wk-devserver state 1";

#[derive(Serialize, Deserialize)]
struct State {
    format: String,
    generation: String,
    channels: Vec<Channel>,
    users: Vec<User>,
    system_uids: Vec<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
struct Channel {
    id: Arc<str>,
    channel_type: u8,
    large: bool,
    ban: bool,
    disband: bool,
    send_ban: bool,
    allow_stranger: bool,
    subscribers: Vec<Arc<str>>,
    deny: Vec<Arc<str>>,
    allow: Vec<Arc<str>>,
    placed: bool,
    created: bool,
    messages: Vec<Logged>,
}

#[derive(Serialize, Deserialize)]
struct Logged {
    id: i64,
    flags: u8,
    setting: u8,
    from: Arc<str>,
    client_msg_no: Arc<str>,
    shown_channel: Arc<str>,
    topic: Arc<str>,
    expire: u32,
    timestamp: i32,
    /// In base64: it is any bytes.
    payload: String,
}

#[derive(Serialize, Deserialize)]
struct User {
    uid: Arc<str>,
    /// Device flag, token, level.
    tokens: Vec<(u8, String, u8)>,
    conversations: Vec<Stored>,
    commands: Vec<Stored>,
    roster: Vec<(Arc<str>, u8, Membership)>,
}

impl World {
    /// Everything but connections and what was written of streams, as JSON.
    pub(crate) fn to_state(&self) -> Result<Vec<u8>, String> {
        let channels = self.channels.all().map(|channel| Channel {
            id: channel.id.clone(),
            channel_type: channel.channel_type.value(),
            large: channel.info.large,
            ban: channel.info.ban,
            disband: channel.info.disband,
            send_ban: channel.info.send_ban,
            allow_stranger: channel.info.allow_stranger,
            subscribers: channel.subscribers.iter().cloned().collect(),
            deny: channel.deny.iter().cloned().collect(),
            allow: channel.allow.iter().cloned().collect(),
            placed: channel.placed,
            created: channel.created,
            messages: channel.log.range(1..=channel.log.last_seq()).map(|message| logged(&message)).collect(),
        });
        let users = self.users.iter().map(|(uid, user)| User {
            uid: uid.clone(),
            tokens: (user.tokens.iter())
                .map(|(flag, token)| (flag.value(), token.token.clone(), token.level.value()))
                .collect(),
            conversations: user.conversations.stored(),
            commands: user.commands.stored(),
            roster: (user.roster.all())
                .map(|(key, membership)| (key.0.clone(), key.1.value(), membership.clone()))
                .collect(),
        });
        let state = State {
            format: FORMAT.to_owned(),
            generation: name(self.generation).to_owned(),
            channels: channels.collect(),
            users: users.collect(),
            system_uids: self.system_uids.clone(),
        };
        serde_json::to_vec(&state).map_err(|error| error.to_string())
    }

    /// Puts into a new world what [`Self::to_state`] wrote.
    pub(crate) fn restore(&mut self, state: &[u8]) -> Result<(), String> {
        let state: State = serde_json::from_slice(state)
            .map_err(|error| format!("it is no state of this server: {error}"))?;
        if state.format != FORMAT {
            return Err(format!("it is of the format {:?}, and this server writes {FORMAT:?}", state.format));
        }
        if state.generation != name(self.generation) {
            return Err(format!("it is of generation {}", state.generation));
        }
        for kept in state.channels {
            self.restore_channel(kept)?;
        }
        for kept in state.users {
            let user = self.users.entry(kept.uid).or_default();
            for (flag, token, level) in kept.tokens {
                let token = Token { token, level: DeviceLevel::new(level) };
                user.tokens.insert(DeviceFlag::new(flag), token);
            }
            user.conversations.restore(kept.conversations, &mut self.changes);
            user.commands.restore(kept.commands, &mut self.changes);
            for (id, channel_type, membership) in kept.roster {
                user.roster.restore((id, ChannelType::new(channel_type)), membership);
            }
        }
        self.system_uids = state.system_uids;
        Ok(())
    }

    fn restore_channel(&mut self, kept: Channel) -> Result<(), String> {
        let channel_type = ChannelType::new(kept.channel_type);
        let numbers_matter = self.generation == Generation::V3;
        let channel = self.channels.entry(&kept.id, channel_type);
        channel.info = ChannelInfo {
            large: kept.large,
            ban: kept.ban,
            disband: kept.disband,
            send_ban: kept.send_ban,
            allow_stranger: kept.allow_stranger,
        };
        channel.subscribers.extend(kept.subscribers);
        channel.deny.extend(kept.deny);
        channel.allow.extend(kept.allow);
        (channel.placed, channel.created) = (kept.placed, kept.created);
        for one in kept.messages {
            let id = MessageId::new(one.id);
            self.message_ids.skip_past(id);
            let message = channel.log.append(Message {
                id,
                seq: MessageSeq::ZERO,
                flags: Flags::from_bits(one.flags),
                setting: Setting::from_bits(one.setting),
                from: one.from,
                client_msg_no: one.client_msg_no,
                channel: channel.id.clone(),
                shown_channel: one.shown_channel,
                channel_type,
                topic: one.topic,
                expire: one.expire,
                timestamp: one.timestamp,
                payload: STANDARD.decode(one.payload).map_err(|error| error.to_string())?.into(),
            });
            channel.note_sent(&message.from, message.seq.get());
            if numbers_matter {
                channel.note_number(&message);
            }
        }
        Ok(())
    }
}

fn logged(message: &Message) -> Logged {
    Logged {
        id: message.id.get(),
        flags: message.flags.bits(),
        setting: message.setting.bits(),
        from: message.from.clone(),
        client_msg_no: message.client_msg_no.clone(),
        shown_channel: message.shown_channel.clone(),
        topic: message.topic.clone(),
        expire: message.expire,
        timestamp: message.timestamp,
        payload: STANDARD.encode(&message.payload),
    }
}

const fn name(generation: Generation) -> &'static str {
    match generation {
        Generation::V2 => "v2",
        Generation::V3 => "v3",
    }
}
