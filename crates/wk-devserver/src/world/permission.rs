//! Whether a SEND from a connection is allowed, and the reason code if not (docs/servers.md §2.4).

use wk_model::{ChannelType, ReasonCode};

use super::World;
use super::channel::Channel;
use super::ids::SYSTEM_DEVICE_ID;

/// Types whose channels are open to everybody and cannot be banned.
const OPEN: [ChannelType; 3] = [ChannelType::INFO, ChannelType::CUSTOMER_SERVICE, ChannelType::AGENT];

impl World {
    /// The check of the channel itself, which HTTP sends must pass too.
    pub(super) fn check_channel(&self, stored: &str, channel_type: ChannelType) -> Result<(), ReasonCode> {
        let exempt = OPEN.contains(&channel_type) || channel_type == ChannelType::VISITORS;
        match self.channels.get(stored, channel_type) {
            Some(channel) if channel.info.ban && !exempt => Err(ReasonCode::BAN),
            Some(channel) if channel.info.disband && !exempt => Err(ReasonCode::DISBAND),
            _ => Ok(()),
        }
    }

    /// The check of the sender, in the server's order: own ban, channel, denylist, membership, allowlist.
    pub(super) fn check_sender(
        &self,
        from: &str,
        device_id: &str,
        shown: &str,
        stored: &str,
        channel_type: ChannelType,
    ) -> Result<(), ReasonCode> {
        self.check_channel(stored, channel_type)?;
        if self.is_system(from) || device_id == SYSTEM_DEVICE_ID || OPEN.contains(&channel_type) {
            return Ok(());
        }
        if channel_type == ChannelType::PERSON {
            // The lists of a person are kept under the bare uid of the receiver.
            return match self.channels.get(shown, channel_type) {
                Some(receiver) if receiver.deny.contains(from) => Err(ReasonCode::IN_BLACKLIST),
                _ => Ok(()),
            };
        }
        let Some(channel) = self.channels.get(stored, channel_type) else {
            return if is_visitor(from, stored, channel_type) {
                Ok(())
            } else {
                Err(ReasonCode::SUBSCRIBER_NOT_EXIST)
            };
        };
        check_member(from, channel)
    }

    /// Whether the user may send nothing at all. The switch is on the person channel with the uid as its id.
    pub(crate) fn is_send_banned(&self, uid: &str) -> bool {
        self.channels.get(uid, ChannelType::PERSON).is_some_and(|own| own.info.send_ban)
    }
}

fn is_visitor(from: &str, stored: &str, channel_type: ChannelType) -> bool {
    channel_type == ChannelType::VISITORS && from == stored
}

fn check_member(from: &str, channel: &Channel) -> Result<(), ReasonCode> {
    if channel.deny.contains(from) {
        Err(ReasonCode::IN_BLACKLIST)
    } else if !channel.subscribers.contains(from) && !is_visitor(from, &channel.id, channel.channel_type) {
        Err(ReasonCode::SUBSCRIBER_NOT_EXIST)
    } else if !channel.allow.is_empty() && !channel.allow.contains(from) {
        Err(ReasonCode::NOT_IN_WHITELIST)
    } else {
        Ok(())
    }
}
