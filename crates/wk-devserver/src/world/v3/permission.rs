//! Who may send to which channel of a v3 server, and the reason code if not (docs/servers.md §2.4).

use wk_model::{ChannelType, ReasonCode};

use crate::world::World;
use crate::world::ids::SYSTEM_DEVICE_ID;

/// Types in which only a disbanded channel refuses.
const OPEN: [u8; 8] = [3, 4, 5, 6, 7, 8, 9, 12];

impl World {
    /// `stored` is the channel's id, without the suffix of commands.
    pub(super) fn check_v3(
        &self,
        from: &str,
        device_id: &str,
        stored: &str,
        channel_type: ChannelType,
    ) -> Result<(), ReasonCode> {
        if self.is_send_banned(from) {
            return Err(ReasonCode::SEND_BAN);
        }
        let channel = self.channels.get(stored, channel_type);
        if channel.is_some_and(|channel| channel.info.disband) {
            return Err(ReasonCode::DISBAND);
        }
        if self.is_system(from) || device_id == SYSTEM_DEVICE_ID {
            return Ok(());
        }
        if channel_type == ChannelType::PERSON || channel_type == ChannelType::AGENT {
            let peer = match stored.split_once('@') {
                Some((one, other)) if one == from => other,
                Some((one, other)) if other == from => one,
                _ => return Err(ReasonCode::NOT_ALLOW_SEND),
            };
            // The lists of a person are kept under the bare uid of the receiver.
            return match self.channels.get(peer, ChannelType::PERSON) {
                Some(receiver) if receiver.deny.contains(from) => Err(ReasonCode::IN_BLACKLIST),
                _ => Ok(()),
            };
        }
        if OPEN.contains(&channel_type.value()) || channel_type.value() > 12 {
            return Ok(());
        }
        let is_visitor = channel_type == ChannelType::VISITORS && from == stored;
        let Some(channel) = channel.filter(|channel| channel.created) else {
            return match channel_type {
                ChannelType::GROUP => Err(ReasonCode::CHANNEL_NOT_EXIST),
                _ if is_visitor => Ok(()),
                _ => Err(ReasonCode::SUBSCRIBER_NOT_EXIST),
            };
        };
        if channel.info.ban {
            Err(ReasonCode::BAN)
        } else if channel.deny.contains(from) {
            Err(ReasonCode::IN_BLACKLIST)
        } else if !channel.subscribers.contains(from) && !is_visitor {
            Err(ReasonCode::SUBSCRIBER_NOT_EXIST)
        } else if !channel.allow.is_empty() && !channel.allow.contains(from) {
            Err(ReasonCode::NOT_IN_WHITELIST)
        } else {
            Ok(())
        }
    }
}
