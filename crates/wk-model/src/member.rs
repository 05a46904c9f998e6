//! A member of a channel.

use crate::version::set;
use crate::{ChannelId, Uid, UnixMillis, Version, Written};

/// A member of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct Member {
    /// The channel.
    pub channel: ChannelId,
    /// The user.
    pub uid: Uid,
    /// What the server says.
    pub info: MemberInfo,
    /// Only here: changes when the cached avatar is to be fetched again.
    pub avatar_cache_key: String,
}

/// What the server says of a member, all of one version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a row: a backend must fill every column")]
pub struct MemberInfo {
    /// The server's number of its last change.
    pub version: Version,
    /// The name in the channel.
    pub name: String,
    /// The name this user gave the member.
    pub remark: String,
    /// Where the avatar is.
    pub avatar: String,
    /// What the member may do.
    pub role: MemberRole,
    /// The application's status: 1 normal, 2 blacklisted.
    pub status: i32,
    /// No longer a member. The row stays, because its version does.
    pub deleted: bool,
    /// A robot.
    pub robot: bool,
    /// Who invited the member, if anybody did.
    pub inviter: Option<Uid>,
    /// The member may not speak before this time, 0 for always.
    pub forbidden_until: UnixMillis,
    /// The application's JSON from the server, empty for none.
    pub extra: String,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberRole(u8);

impl MemberRole {
    /// Nothing special.
    pub const MEMBER: Self = Self(0);
    /// The one who made the channel.
    pub const CREATOR: Self = Self(1);
    /// A manager.
    pub const MANAGER: Self = Self(2);

    /// Any role of the application.
    pub const fn new(code: u8) -> Self {
        Self(code)
    }

    /// Its number.
    pub const fn code(self) -> u8 {
        self.0
    }
}

impl Member {
    /// A member of whom nothing is known.
    pub fn new(channel: ChannelId, uid: Uid) -> Self {
        Self { channel, uid, info: MemberInfo::default(), avatar_cache_key: String::new() }
    }

    /// Takes what the server says, unless newer is known.
    pub fn merge(&mut self, info: MemberInfo) -> Written {
        info.version.refused_by(self.info.version).unwrap_or_else(|| set(&mut self.info, info))
    }

    /// Takes the key of the cached avatar.
    pub fn set_avatar_cache_key(&mut self, key: String) -> Written {
        set(&mut self.avatar_cache_key, key)
    }

    /// What to call the member: the name this user gave, or else the one in the channel.
    pub fn display_name(&self) -> &str {
        if self.info.remark.is_empty() { &self.info.name } else { &self.info.remark }
    }
}

/// A page of the members of a channel, those who left excepted, in the order of their uids.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "a question in full")]
pub struct MemberQuery<'a> {
    /// The channel.
    pub channel: &'a ChannelId,
    /// Only of this role.
    pub role: Option<MemberRole>,
    /// The page begins behind this uid.
    pub after: Option<&'a Uid>,
    /// The most members it may hold.
    pub limit: u32,
}
