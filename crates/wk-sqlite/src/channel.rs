//! Channels in SQLite: their names, settings and presence.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use wk_store::model::{
    Channel, ChannelFilter, ChannelId, ChannelInfo, ChannelLocal, DeviceFlag, Presence, UnixMillis, Version,
    folded_names,
};
use wk_store::{ChannelRead, ChannelWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, Link, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> ChannelRead for View<A> {
    fn channel(&mut self, id: &ChannelId) -> Result<Option<Channel>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(id)? else { return Ok(None) };
            let row: Option<ChannelRow> = Fetch::new(ByChannel, [number.into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a channel's profile"))?;
            row.map(|row| row.into_channel(link)).transpose()
        })
    }

    fn channels(&mut self, filter: &ChannelFilter) -> Result<Vec<Channel>, StoreError> {
        self.0.with(|link| {
            let rows: Vec<ChannelRow> = Fetch::new(All, [])
                .load(&mut link.connection)
                .map_err(failed("reads the profiles of channels"))?;
            let all: Result<Vec<Channel>, _> = rows.into_iter().map(|row| row.into_channel(link)).collect();
            let mut found = all?;
            // Here and not in SQLite, which knows the cases of ASCII letters only.
            found.retain(|channel| filter.matches(channel));
            found.sort_unstable_by(|a, b| {
                (a.id.channel_type(), a.id.id()).cmp(&(b.id.channel_type(), b.id.id()))
            });
            Ok(found)
        })
    }
}

impl ChannelWrite for View<Writing<'_>> {
    fn put_channel(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let Channel { id, info, presence, local } = channel;
        self.0.with(|link| {
            let version = to_db("channel version", info.version.get())?;
            let parent = info.parent.as_ref().map(|parent| link.intern_channel(parent)).transpose()?;
            let folded = folded_names(&channel.names());
            let values = [
                link.intern_channel(id)?.into(),
                version.into(),
                (&info.name).into(),
                (&info.username).into(),
                (&info.remark).into(),
                (&info.avatar).into(),
                (&info.category).into(),
                info.status.into(),
                info.deleted.into(),
                info.top.into(),
                info.mute.into(),
                info.save.into(),
                info.show_nick.into(),
                info.follow.into(),
                info.forbidden.into(),
                info.invite.into(),
                info.receipt.into(),
                info.robot.into(),
                info.flame.into(),
                i64::from(info.flame_secs).into(),
                parent.into(),
                (&info.remote_extra).into(),
                presence.online.into(),
                presence.last_offline.get().into(),
                i64::from(presence.device_flag.value()).into(),
                (&local.extra).into(),
                (&local.avatar_cache_key).into(),
                local.top.into(),
                local.mute.into(),
                local.save.into(),
                local.show_nick.into(),
                local.remark.as_deref().into(),
                (&folded).into(),
            ];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a channel's profile"))
        })
    }
}

/// All columns but the folded names, in groups because a tuple has at most sixteen.
pub(crate) type ChannelColumns = (
    (BigInt, BigInt, Text, Text, Text, Text, Text, BigInt, Bool),
    (Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, Bool, BigInt),
    (Nullable<BigInt>, Text, Bool, BigInt, BigInt),
    (Text, Text, Nullable<Bool>, Nullable<Bool>, Nullable<Bool>, Nullable<Bool>, Nullable<Text>),
);

/// The columns in their order.
macro_rules! columns {
    () => {
        "channel, version, name, username, remark, avatar, category, status, deleted, top, mute, save, \
        show_nick, follow, forbidden, invite, receipt, robot, flame, flame_secs, parent, remote_extra, \
        online, last_offline, device_flag, local_extra, avatar_cache_key, pending_top, pending_mute, \
        pending_save, pending_show_nick, pending_remark"
    };
}
pub(crate) use columns as channel_columns;

sql!(ByChannel -> ChannelColumns, "SELECT ", columns!(), " FROM channel_info WHERE channel = ?");
sql!(All -> ChannelColumns, "SELECT ", columns!(), " FROM channel_info");
sql!(
    Put,
    "INSERT INTO channel_info (channel, version, name, username, remark, avatar, category, status, deleted, \
    top, mute, save, show_nick, follow, forbidden, invite, receipt, robot, flame, flame_secs, parent, \
    remote_extra, online, last_offline, device_flag, local_extra, avatar_cache_key, pending_top, \
    pending_mute, pending_save, pending_show_nick, pending_remark, folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET \
    version = excluded.version, name = excluded.name, username = excluded.username, remark = \
    excluded.remark, avatar = excluded.avatar, category = excluded.category, status = excluded.status, \
    deleted = excluded.deleted, top = excluded.top, mute = excluded.mute, save = excluded.save, show_nick = \
    excluded.show_nick, follow = excluded.follow, forbidden = excluded.forbidden, invite = excluded.invite, \
    receipt = excluded.receipt, robot = excluded.robot, flame = excluded.flame, flame_secs = \
    excluded.flame_secs, parent = excluded.parent, remote_extra = excluded.remote_extra, online = \
    excluded.online, last_offline = excluded.last_offline, device_flag = excluded.device_flag, local_extra \
    = excluded.local_extra, avatar_cache_key = excluded.avatar_cache_key, pending_top = \
    excluded.pending_top, pending_mute = excluded.pending_mute, pending_save = excluded.pending_save, \
    pending_show_nick = excluded.pending_show_nick, pending_remark = excluded.pending_remark, folded = excluded.folded"
);

/// The columns of a channel.
#[derive(Queryable)]
pub(crate) struct ChannelRow {
    names: NameRow,
    switches: SwitchRow,
    rest: RestRow,
    local: LocalRow,
}

#[derive(Queryable)]
pub(crate) struct NameRow {
    channel: i64,
    version: i64,
    name: String,
    username: String,
    remark: String,
    avatar: String,
    category: String,
    status: i64,
    deleted: bool,
}

#[derive(Queryable)]
pub(crate) struct SwitchRow {
    top: bool,
    mute: bool,
    save: bool,
    show_nick: bool,
    follow: bool,
    forbidden: bool,
    invite: bool,
    receipt: bool,
    robot: bool,
    flame: bool,
    flame_secs: i64,
}

#[derive(Queryable)]
pub(crate) struct RestRow {
    parent: Option<i64>,
    remote_extra: String,
    online: bool,
    last_offline: i64,
    device_flag: i64,
}

#[derive(Queryable)]
pub(crate) struct LocalRow {
    extra: String,
    avatar_cache_key: String,
    top: Option<bool>,
    mute: Option<bool>,
    save: Option<bool>,
    show_nick: Option<bool>,
    remark: Option<String>,
}

impl ChannelRow {
    pub(crate) fn into_channel(self, link: &mut Link) -> Result<Channel, StoreError> {
        let id = link.channel(self.names.channel)?;
        self.into_channel_of(id, link)
    }

    /// The number of the channel.
    pub(crate) const fn number(&self) -> i64 {
        self.names.channel
    }

    /// The channel, whose id is known already.
    pub(crate) fn into_channel_of(self, id: ChannelId, link: &mut Link) -> Result<Channel, StoreError> {
        let Self { names, switches, rest, local } = self;
        Ok(Channel {
            id,
            info: ChannelInfo {
                version: Version::new(from_db("channel version", names.version)?),
                name: names.name,
                username: names.username,
                remark: names.remark,
                avatar: names.avatar,
                category: names.category,
                status: from_db("channel status", names.status)?,
                deleted: names.deleted,
                top: switches.top,
                mute: switches.mute,
                save: switches.save,
                show_nick: switches.show_nick,
                follow: switches.follow,
                forbidden: switches.forbidden,
                invite: switches.invite,
                receipt: switches.receipt,
                robot: switches.robot,
                flame: switches.flame,
                flame_secs: from_db("flame seconds", switches.flame_secs)?,
                parent: rest.parent.map(|parent| link.channel(parent)).transpose()?,
                remote_extra: rest.remote_extra,
            },
            presence: Presence {
                online: rest.online,
                last_offline: UnixMillis::new(rest.last_offline),
                device_flag: DeviceFlag::new(from_db("device flag", rest.device_flag)?),
            },
            local: ChannelLocal {
                extra: local.extra,
                avatar_cache_key: local.avatar_cache_key,
                top: local.top,
                mute: local.mute,
                save: local.save,
                show_nick: local.show_nick,
                remark: local.remark,
            },
        })
    }
}
