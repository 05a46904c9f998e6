//! Everything the server knows, behind one lock: channels, users, ids. No IO happens here.

pub(crate) mod channel;
pub(crate) mod conversation;
pub(crate) mod ids;
pub(crate) mod log;
pub(crate) mod membership;
pub(crate) mod message;
mod permission;
pub(crate) mod send;
pub(crate) mod session;
pub(crate) mod sessions;
mod state;
pub(crate) mod stream;
mod stream_push;
pub(crate) mod user;
pub(crate) mod v3;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use wk_model::{ChannelType, MessageId, UnixMillis};

use crate::config::{Config, Generation};
use crate::seed::Seed;
use channel::Channels;
use conversation::Changes;
use ids::{MessageIds, SYSTEM_UID};
use log::Log;
use stream::Streams;
use user::User;
use v3::streams::StreamsV3;

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) channels: Channels,
    pub(crate) users: HashMap<Arc<str>, User>,
    pub(crate) changes: Changes,
    /// Messages that are written piece by piece.
    pub(crate) streams: Streams,
    /// The same on v3.
    pub(crate) streams_v3: StreamsV3,
    /// Uids that the application declared to be its own, in the order in which it did.
    pub(crate) system_uids: Vec<Arc<str>>,
    pub(crate) generation: Generation,
    /// Of the timings of v3, in milliseconds: until the two of a new channel are its members, and from a PING until nothing
    /// is delivered any more.
    pub(crate) membership_ms: i64,
    pub(crate) presence_ms: i64,
    message_ids: MessageIds,
    sessions_made: u64,
}

impl World {
    /// A world with generated histories in it.
    pub(crate) fn with_seeds(seeds: Vec<Seed>, started: UnixMillis, config: &Config) -> Self {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2);
        let mut world = Self {
            generation: config.generation,
            membership_ms: millis(config.timings.membership),
            presence_ms: millis(config.timings.presence),
            ..Self::default()
        };
        // The last seed is the oldest by default, so it comes first and ends up last in the lists.
        for (index, seed) in (0..).zip(seeds).collect::<Vec<_>>().into_iter().rev() {
            world.plant(seed, started, index);
        }
        world
    }

    fn plant(&mut self, seed: Seed, started: UnixMillis, index: u32) {
        let channel_type = seed.channel_type();
        let channel = self.channels.entry(seed.stored_id(), channel_type);
        (channel.placed, channel.created) = (true, true);
        let id = channel.id.clone();
        for uid in seed.members() {
            if channel_type != ChannelType::PERSON {
                channel.subscribers.insert(uid.as_str().into());
            }
            let (user, key) =
                (self.users.entry(uid.as_str().into()).or_default(), (id.clone(), channel_type));
            let read_to = seed.read_position(uid);
            match self.generation {
                Generation::V2 => user.conversations.join(key, read_to, &mut self.changes),
                Generation::V3 => user.roster.plant(key, read_to),
            }
        }
        channel.log = Log::with_history(seed.into_history(started, index));
    }

    pub(crate) fn next_message_id(&mut self, unix_ms: i64) -> MessageId {
        MessageId::new(self.message_ids.next(unix_ms))
    }

    /// Whether no rule stops this sender.
    pub(crate) fn is_system(&self, uid: &str) -> bool {
        uid == SYSTEM_UID || self.system_uids.iter().any(|known| **known == *uid)
    }

    pub(crate) fn user(&mut self, uid: &str) -> &mut User {
        self.users.entry(uid.into()).or_default()
    }
}
