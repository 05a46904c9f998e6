//! The identity of a channel: its id and its type.

use std::fmt;
use std::sync::Arc;

use wkproto::ChannelType;

use crate::Uid;
use crate::ids::{IdError, check_length, check_reserved};

/// A channel as its members name it: the peer's uid for a person, the group's id for a group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId {
    id: Arc<str>,
    channel_type: ChannelType,
}

impl ChannelId {
    /// What servers append to a channel's id to name its command log.
    pub const COMMAND_SUFFIX: &'static str = "____cmd";

    /// A channel of any type.
    pub fn new(id: impl Into<Arc<str>>, channel_type: ChannelType) -> Self {
        Self { id: id.into(), channel_type }
    }

    /// The conversation with one user.
    pub fn person(peer: impl Into<Arc<str>>) -> Self {
        Self::new(peer, ChannelType::PERSON)
    }

    /// A group.
    pub fn group(id: impl Into<Arc<str>>) -> Self {
        Self::new(id, ChannelType::GROUP)
    }

    /// The id: the peer's uid for a person.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The type.
    pub const fn channel_type(&self) -> ChannelType {
        self.channel_type
    }

    /// Whether this names the command log of a channel and not its messages.
    pub fn is_command(&self) -> bool {
        self.id.ends_with(Self::COMMAND_SUFFIX)
    }

    /// Whether a server may be asked about this channel: the id has 1 to 255 bytes and nothing that servers reserve
    /// (docs/servers.md T63).
    ///
    /// # Errors
    /// The first rule that the channel breaks.
    pub fn check(&self) -> Result<(), IdError> {
        check_length("channel id", &self.id)?;
        check_reserved("channel id", &self.id, &[Self::COMMAND_SUFFIX])?;
        if self.channel_type == ChannelType::PERSON {
            check_reserved("channel id", &self.id, &["@", "#", "&"])?;
        }
        Ok(())
    }

    /// Whether `uid` may send here: [`check`](Self::check) holds, and the channel is not the sender himself.
    ///
    /// # Errors
    /// The first rule that the channel breaks.
    pub fn check_send(&self, uid: &Uid) -> Result<(), IdError> {
        self.check()?;
        if self.channel_type == ChannelType::PERSON && *self.id == *uid.as_str() {
            return Err(IdError::Reserved { what: "channel id", reserved: "own uid" });
        }
        Ok(())
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel_type.value(), self.id)
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_would_harm_a_server_are_refused() {
        let me = Uid::new("alice");
        assert!(ChannelId::person("bob").check_send(&me).is_ok());
        assert!(ChannelId::person("alice").check_send(&me).is_err());
        assert!(ChannelId::person("").check_send(&me).is_err());
        assert!(ChannelId::group("g____cmd").check_send(&me).is_err());
        assert!(ChannelId::person("a#b").check_send(&me).is_err());
        assert!(ChannelId::new("u@agent", ChannelType::AGENT).check_send(&me).is_ok());
    }
}
