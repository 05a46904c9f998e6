//! What a server calls a channel on the wire, and what its reader calls it: the name that history knows it by.

use std::borrow::Cow;

use wk_store::model::proto::{ChannelType, ProtocolVersion};
use wk_store::model::{ChannelId, Uid};

/// The channel of a RECV, as `reader` names it. `from` is its sender.
pub(crate) fn read(wire_id: &str, channel_type: ChannelType, from: &Uid, reader: &Uid) -> ChannelId {
    let id = wire_id.strip_suffix(ChannelId::COMMAND_SUFFIX).unwrap_or(wire_id);
    if id.is_empty() {
        // v2 leaves the channel of a system message empty (docs/servers.md T40).
        return ChannelId::new(from.as_str(), channel_type);
    }
    match (channel_type, id.split_once('@')) {
        // The log of a person's channel has both names; it can show through where commands go (docs/servers.md T49).
        (ChannelType::PERSON, Some((one, other))) if one == reader.as_str() => {
            ChannelId::new(other, channel_type)
        }
        (ChannelType::PERSON, Some((one, other))) if other == reader.as_str() => {
            ChannelId::new(one, channel_type)
        }
        // v2 names only whom the sender wrote to, and keeps a log for each direction (docs/servers.md §2.6).
        (ChannelType::AGENT, None) => ChannelId::new(format!("{from}@{id}"), channel_type),
        _ => ChannelId::new(id, channel_type),
    }
}

/// The full name of a channel that its user may name shortly: an agent's, by the agent alone.
pub(crate) fn full(channel: ChannelId, user: &Uid) -> ChannelId {
    let is_short = channel.channel_type() == ChannelType::AGENT && !channel.id().contains('@');
    if is_short && !channel.id().is_empty() {
        return ChannelId::new(format!("{user}@{}", channel.id()), ChannelType::AGENT);
    }
    channel
}

/// What `sender` calls a channel in a SEND: v2 puts the sender before an agent itself.
pub(crate) fn write<'a>(channel: &'a ChannelId, version: ProtocolVersion, sender: &Uid) -> Cow<'a, str> {
    let id = channel.id();
    if channel.channel_type() != ChannelType::AGENT {
        return id.into();
    }
    match id.split_once('@') {
        Some((own, agent)) if !version.has_wide_seq() && own == sender.as_str() => agent.into(),
        _ => id.into(),
    }
}
