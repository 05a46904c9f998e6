//! Members in SQLite.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use wk_store::model::{
    ChannelId, Member, MemberInfo, MemberQuery, MemberRole, Uid, UnixMillis, Version, folded_names,
};
use wk_store::{MemberRead, MemberWrite, StoreError};

use crate::fixed::{Fetch, Fixed, sql};
use crate::link::{Access, View, Writing, failed};
use crate::number::{from_db, to_db};

impl<A: Access> MemberRead for View<A> {
    fn member(&mut self, channel: &ChannelId, uid: &Uid) -> Result<Option<Member>, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(None) };
            let row: Option<MemberRow> = Fetch::new(ByUid, [number.into(), uid.as_str().into()])
                .get_result(&mut link.connection)
                .optional()
                .map_err(failed("reads a member"))?;
            row.map(|row| row.into_member(channel.clone())).transpose()
        })
    }

    fn members(&mut self, query: &MemberQuery<'_>) -> Result<Vec<Member>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        self.0.with(|link| {
            let Some(number) = link.find_channel(query.channel)? else { return Ok(Vec::new()) };
            // From the uid and not behind it, so that there is one statement; its own row is left out below.
            let first = query.after.map_or("", Uid::as_str);
            let is_behind = |row: &QueryResult<MemberRow>| {
                query.after.is_none_or(|uid| row.as_ref().map_or(true, |row| row.uid != uid.as_str()))
            };
            let connection = &mut link.connection;
            let rows: QueryResult<Vec<MemberRow>> = match query.role {
                Some(role) => {
                    let values = [number.into(), i64::from(role.code()).into(), first.into()];
                    let rows = Fetch::new(PageOfRole, values).load_iter(connection);
                    rows.and_then(|rows| rows.filter(is_behind).take(limit).collect())
                }
                None => {
                    let rows = Fetch::new(Page, [number.into(), first.into()]).load_iter(connection);
                    rows.and_then(|rows| rows.filter(is_behind).take(limit).collect())
                }
            };
            let rows = rows.map_err(failed("reads members"))?;
            rows.into_iter().map(|row| row.into_member(query.channel.clone())).collect()
        })
    }

    fn count_members(&mut self, channel: &ChannelId, role: Option<MemberRole>) -> Result<u64, StoreError> {
        self.0.with(|link| {
            let Some(number) = link.find_channel(channel)? else { return Ok(0) };
            let connection = &mut link.connection;
            let count: QueryResult<i64> = match role {
                Some(role) => Fixed::new(CountOfRole, [number.into(), i64::from(role.code()).into()])
                    .get_result(connection),
                None => Fixed::new(Count, [number.into()]).get_result(connection),
            };
            from_db("count of members", count.map_err(failed("counts members"))?)
        })
    }
}

impl MemberWrite for View<Writing<'_>> {
    fn put_member(&mut self, member: &Member) -> Result<(), StoreError> {
        let info = &member.info;
        self.0.with(|link| {
            let version = to_db("member version", info.version.get())?;
            let folded = folded_names(&member.names());
            let values = [
                link.intern_channel(&member.channel)?.into(),
                member.uid.as_str().into(),
                version.into(),
                (&info.name).into(),
                (&info.remark).into(),
                (&info.avatar).into(),
                i64::from(info.role.code()).into(),
                info.status.into(),
                info.deleted.into(),
                info.robot.into(),
                info.inviter.as_ref().map(Uid::as_str).into(),
                info.forbidden_until.get().into(),
                (&info.extra).into(),
                (&member.avatar_cache_key).into(),
                (&folded).into(),
            ];
            Fixed::new(Put, values)
                .execute(&mut link.connection)
                .map(|_| ())
                .map_err(failed("writes a member"))
        })
    }
}

/// All columns but the folded names.
pub(crate) type MemberColumns =
    (BigInt, Text, BigInt, Text, Text, Text, BigInt, BigInt, Bool, Bool, Nullable<Text>, BigInt, Text, Text);

macro_rules! columns {
    () => {
        "channel, uid, version, name, remark, avatar, role, status, deleted, robot, inviter, \
        forbidden_until, extra, avatar_cache_key"
    };
}
pub(crate) use columns as member_columns;

sql!(ByUid -> MemberColumns, "SELECT ", columns!(), " FROM member WHERE channel = ? AND uid = ?");
sql!(
    Page -> MemberColumns,
    "SELECT ", columns!(), " FROM member WHERE channel = ? AND uid >= ? AND deleted = 0 ORDER BY uid"
);
// The planner would read all roles: it counts on few members behind a uid.
sql!(
    PageOfRole -> MemberColumns,
    "SELECT ", columns!(), " FROM member INDEXED BY member_role \
     WHERE channel = ? AND role = ? AND uid >= ? AND deleted = 0 ORDER BY uid"
);
sql!(Count, "SELECT count(*) FROM member WHERE channel = ? AND deleted = 0");
sql!(CountOfRole, "SELECT count(*) FROM member WHERE channel = ? AND role = ? AND deleted = 0");
sql!(
    Put,
    "INSERT INTO member (channel, uid, version, name, remark, avatar, role, status, deleted, robot, inviter, \
    forbidden_until, extra, avatar_cache_key, folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT \
    (channel, uid) DO UPDATE SET version = excluded.version, name = excluded.name, remark = \
    excluded.remark, avatar = excluded.avatar, role = excluded.role, status = excluded.status, deleted = \
    excluded.deleted, robot = excluded.robot, inviter = excluded.inviter, forbidden_until = \
    excluded.forbidden_until, extra = excluded.extra, avatar_cache_key = excluded.avatar_cache_key, folded = excluded.folded"
);

#[derive(Queryable)]
pub(crate) struct MemberRow {
    channel: i64,
    uid: String,
    version: i64,
    name: String,
    remark: String,
    avatar: String,
    role: i64,
    status: i64,
    deleted: bool,
    robot: bool,
    inviter: Option<String>,
    forbidden_until: i64,
    extra: String,
    avatar_cache_key: String,
}

impl MemberRow {
    /// The number of the channel.
    pub(crate) const fn channel(&self) -> i64 {
        self.channel
    }

    pub(crate) fn into_member(self, channel: ChannelId) -> Result<Member, StoreError> {
        Ok(Member {
            channel,
            uid: Uid::from(self.uid),
            info: MemberInfo {
                version: Version::new(from_db("member version", self.version)?),
                name: self.name,
                remark: self.remark,
                avatar: self.avatar,
                role: MemberRole::new(from_db("member role", self.role)?),
                status: from_db("member status", self.status)?,
                deleted: self.deleted,
                robot: self.robot,
                inviter: self.inviter.map(Uid::from),
                forbidden_until: UnixMillis::new(self.forbidden_until),
                extra: self.extra,
            },
            avatar_cache_key: self.avatar_cache_key,
        })
    }
}
