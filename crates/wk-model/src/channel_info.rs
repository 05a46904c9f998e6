//! What is known of a channel besides its messages: its name, settings and presence.

use wkproto::DeviceFlag;

use crate::version::set;
use crate::{ChannelId, UnixMillis, Version, Written};

/// A channel as the application shows it. What the server says and what was changed here are apart, so that
/// neither can erase the other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Channel {
    /// Which channel it is.
    pub id: ChannelId,
    /// What the server says.
    pub info: ChannelInfo,
    /// Whether the user is online, for a person.
    pub presence: Presence,
    /// What is known only here.
    pub local: ChannelLocal,
}

/// What the server says of a channel, all of one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ChannelInfo {
    /// The server's number of its last change.
    pub version: Version,
    /// The name.
    pub name: String,
    /// The name for logging in or searching, mostly empty.
    pub username: String,
    /// The name this user gave it, mostly empty.
    pub remark: String,
    /// Where the avatar is.
    pub avatar: String,
    /// The application's kind of account, such as "service" or "system".
    pub category: String,
    /// The application's status; [`ChannelInfo::NORMAL`] for a channel that works.
    pub status: i32,
    /// Deleted on the server.
    pub deleted: bool,
    /// Stands first in the list of conversations.
    pub top: bool,
    /// Makes no sound and does not count as unread.
    pub mute: bool,
    /// Saved to the address book.
    pub save: bool,
    /// Shows the names of members.
    pub show_nick: bool,
    /// This user follows it: a friend or a subscription.
    pub follow: bool,
    /// Only managers may speak.
    pub forbidden: bool,
    /// Joining needs an invitation.
    pub invite: bool,
    /// Messages ask for receipts.
    pub receipt: bool,
    /// A robot.
    pub robot: bool,
    /// Messages vanish after they were read.
    pub flame: bool,
    /// How long after, in seconds.
    pub flame_secs: u32,
    /// The channel that this one belongs to, such as a community.
    pub parent: Option<ChannelId>,
    /// The application's JSON from the server, as it came; empty for none.
    pub remote_extra: String,
}

impl ChannelInfo {
    /// The status of a channel that works.
    pub const NORMAL: i32 = 1;
}

/// Whether a user is online. It has no version: the last word counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Presence {
    /// Online with any device.
    pub online: bool,
    /// When the last device left, 0 for not known.
    pub last_offline: UnixMillis,
    /// The kind of the device.
    pub device_flag: DeviceFlag,
}

/// What is known of a channel only here. Nothing that the server says touches it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct ChannelLocal {
    /// The application's own JSON, empty for none.
    pub extra: String,
    /// Changes when the cached avatar is to be fetched again.
    pub avatar_cache_key: String,
    /// [`ChannelInfo::top`] as the user set it, until the server has confirmed it.
    pub top: Option<bool>,
    /// [`ChannelInfo::mute`] as the user set it, until the server has confirmed it.
    pub mute: Option<bool>,
    /// [`ChannelInfo::save`] as the user set it, until the server has confirmed it.
    pub save: Option<bool>,
    /// [`ChannelInfo::show_nick`] as the user set it, until the server has confirmed it.
    pub show_nick: Option<bool>,
    /// [`ChannelInfo::remark`] as the user set it, until the server has confirmed it.
    pub remark: Option<String>,
}

impl Channel {
    /// A channel of which nothing is known.
    pub fn new(id: ChannelId) -> Self {
        Self {
            id,
            info: ChannelInfo::default(),
            presence: Presence::default(),
            local: ChannelLocal::default(),
        }
    }

    /// Takes what the server says, unless newer is known.
    pub fn merge(&mut self, info: ChannelInfo) -> Written {
        info.version.refused_by(self.info.version).unwrap_or_else(|| set(&mut self.info, info))
    }

    /// Takes the presence.
    pub fn set_presence(&mut self, presence: Presence) -> Written {
        set(&mut self.presence, presence)
    }

    /// Takes what was changed here.
    pub fn set_local(&mut self, local: ChannelLocal) -> Written {
        set(&mut self.local, local)
    }

    /// Whether it stands first in the list of conversations.
    pub fn is_top(&self) -> bool {
        self.local.top.unwrap_or(self.info.top)
    }

    /// Whether it does not count as unread.
    pub fn is_muted(&self) -> bool {
        self.local.mute.unwrap_or(self.info.mute)
    }

    /// Whether it is saved to the address book.
    pub fn is_saved(&self) -> bool {
        self.local.save.unwrap_or(self.info.save)
    }

    /// Whether names of members are shown.
    pub fn shows_nick(&self) -> bool {
        self.local.show_nick.unwrap_or(self.info.show_nick)
    }

    /// What to call it: the name this user gave it, or else its own.
    pub fn display_name(&self) -> &str {
        let remark = self.local.remark.as_ref().unwrap_or(&self.info.remark);
        if remark.is_empty() { &self.info.name } else { remark }
    }
}

/// Which channels to list. What is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelFilter {
    /// Of this type.
    pub channel_type: Option<crate::ChannelType>,
    /// Followed or not.
    pub follow: Option<bool>,
    /// Of this status.
    pub status: Option<i32>,
    /// With this in its name, username or remark, whatever the case of the letters.
    pub text: String,
}

impl ChannelFilter {
    /// Whether a channel is asked for.
    pub fn matches(&self, channel: &Channel) -> bool {
        let same = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
        self.channel_type.is_none_or(|asked| asked == channel.id.channel_type())
            && same(self.follow, channel.info.follow)
            && self.status.is_none_or(|asked| asked == channel.info.status)
            && self.matches_text(channel)
    }

    fn matches_text(&self, channel: &Channel) -> bool {
        let wanted = self.text.to_lowercase();
        let names = [&channel.info.name, &channel.info.username, &channel.info.remark];
        let names = names.into_iter().chain(&channel.local.remark);
        wanted.is_empty() || names.into_iter().any(|name| name.to_lowercase().contains(&wanted))
    }
}
