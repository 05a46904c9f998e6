//! Rows of every noun with a value in every field, hostile texts among them.

use bytes::Bytes;
use wk_model::{
    ActionKind, Channel, ChannelId, ChannelInfo, ChannelLocal, CommandSeen, ConversationExtra,
    ConversationExtraState, DeviceFlag, Member, MemberInfo, MemberRole, MessageEdit, MessageExtra,
    MessageExtraInfo, MessageId, MessageSeq, PendingAction, PinnedMessage, Presence, Reaction, Receipt,
    Reminder, ReminderId, ReminderKind, Robot, RobotMenu, ServerIdentity, Uid, UnixMillis, Version,
};

use super::fixtures::seq;

/// Texts that break statements which are built of them.
pub(super) const HOSTILE: [&str; 6] =
    ["it's", "\"; DROP TABLE message; --", "%_\\", "' OR '1'='1", "阿丽 \u{1F600}\u{0}", "[1,2]"];

/// A text for field `n`: each field has its own, so that none is taken for another.
pub(super) fn text(n: usize) -> String {
    format!("{n} {}", HOSTILE[n % HOSTILE.len()])
}

pub(super) fn hostile_group() -> ChannelId {
    ChannelId::group("g' OR '1'='1")
}

/// Beyond 32 bits.
pub(super) fn version(n: u64) -> Version {
    Version::new((1 << 40) + n)
}

pub(super) fn channel_info(n: u64) -> ChannelInfo {
    ChannelInfo {
        version: version(n),
        name: text(1),
        username: text(2),
        remark: text(3),
        avatar: text(4),
        category: text(5),
        status: i32::MIN,
        deleted: true,
        top: true,
        mute: false,
        save: true,
        show_nick: false,
        follow: true,
        forbidden: false,
        invite: true,
        receipt: true,
        robot: false,
        flame: true,
        flame_secs: u32::MAX,
        parent: Some(ChannelId::group("parent")),
        remote_extra: "{\"a\":'x'}".into(),
    }
}

pub(super) fn presence() -> Presence {
    Presence { online: true, last_offline: UnixMillis::new(-5), device_flag: DeviceFlag::new(255) }
}

pub(super) fn channel_local() -> ChannelLocal {
    ChannelLocal {
        extra: text(6),
        avatar_cache_key: text(7),
        top: Some(false),
        mute: Some(true),
        save: None,
        show_nick: Some(true),
        remark: Some(text(8)),
    }
}

pub(super) fn channel(id: &ChannelId) -> Channel {
    Channel { id: id.clone(), info: channel_info(1), presence: presence(), local: channel_local() }
}

pub(super) fn member_info(n: u64) -> MemberInfo {
    MemberInfo {
        version: version(n),
        name: text(1),
        remark: text(2),
        avatar: text(3),
        role: MemberRole::new(255),
        status: i32::MAX,
        deleted: false,
        robot: true,
        inviter: Some(Uid::from(text(4))),
        forbidden_until: UnixMillis::new(i64::MAX),
        extra: text(5),
    }
}

pub(super) fn member(channel: &ChannelId, uid: &str) -> Member {
    let (channel, uid) = (channel.clone(), Uid::new(uid));
    Member { channel, uid, info: member_info(1), avatar_cache_key: text(6) }
}

pub(super) fn state(n: usize) -> ConversationExtraState {
    ConversationExtraState {
        draft: text(n),
        draft_updated_at: UnixMillis::new(n as i64),
        keep_seq: seq(n as u64 + (1 << 40)),
        keep_offset: -(n as i32),
        browse_to: seq(n as u64 + (1 << 41)),
    }
}

pub(super) fn conversation_extra(channel: &ChannelId) -> ConversationExtra {
    let channel = channel.clone();
    ConversationExtra { channel, version: version(1), remote: state(1), pending: Some(state(2)) }
}

pub(super) fn edit(n: usize) -> MessageEdit {
    MessageEdit { payload: Bytes::from(text(n)), edited_at: UnixMillis::new(n as i64) }
}

pub(super) fn extra_info(n: u64) -> MessageExtraInfo {
    MessageExtraInfo {
        version: version(n),
        read: true,
        read_count: u32::MAX,
        unread_count: 7,
        revoked: true,
        revoker: Some(Uid::from(text(1))),
        mutual_deleted: true,
        edit: Some(edit(2)),
        pinned: Some(true),
    }
}

pub(super) fn message_extra(id: i64, channel: &ChannelId) -> MessageExtra {
    MessageExtra {
        message_id: MessageId::new(id),
        channel: channel.clone(),
        info: extra_info(2),
        pinned_version: version(1),
        pending_edit: Some(edit(3)),
    }
}

pub(super) fn reaction(id: i64, uid: &str, channel: &ChannelId) -> Reaction {
    Reaction {
        message_id: MessageId::new(id),
        uid: Uid::new(uid),
        channel: channel.clone(),
        name: text(1),
        emoji: "👍🏽".into(),
        seq: version(1),
        deleted: false,
        created_at: UnixMillis::new(-1),
    }
}

pub(super) fn pinned(id: i64, channel: &ChannelId) -> PinnedMessage {
    PinnedMessage {
        message_id: MessageId::new(id),
        channel: channel.clone(),
        seq: MessageSeq::new(id.unsigned_abs()),
        version: version(1),
        deleted: false,
    }
}

pub(super) fn reminder(id: i64, channel: &ChannelId) -> Reminder {
    Reminder {
        id: ReminderId::new(id),
        channel: channel.clone(),
        message_id: MessageId::new(!id),
        seq: seq(1 << 40),
        kind: ReminderKind::new(i32::MIN),
        uid: Some(Uid::from(text(1))),
        publisher: Some(Uid::from(text(2))),
        text: text(3),
        data: text(4),
        locate: true,
        version: version(1),
        done: false,
        done_unsent: true,
    }
}

pub(super) fn receipt(id: i64, channel: &ChannelId) -> Receipt {
    Receipt {
        channel: channel.clone(),
        seq: MessageSeq::new(id.unsigned_abs()),
        message_id: MessageId::new(id),
    }
}

pub(super) fn pending_action(id: i64, channel: &ChannelId) -> PendingAction {
    PendingAction {
        kind: ActionKind::React,
        channel: channel.clone(),
        message_id: MessageId::new(id),
        seq: MessageSeq::new((1 << 40) + 1),
        at: UnixMillis::new(-7),
        text: text(1),
        payload: Bytes::from_static(&[0, 255, 1]),
    }
}

pub(super) fn command(seq: u64, id: i64, seen_at: i64) -> CommandSeen {
    CommandSeen {
        channel: ChannelId::group("g____cmd"),
        seq: MessageSeq::new(seq),
        message_id: MessageId::new(id),
        seen_at: UnixMillis::new(seen_at),
    }
}

pub(super) fn robot(id: &str) -> Robot {
    let menu = |n| RobotMenu { command: text(n), remark: text(n + 1), kind: text(n + 2) };
    Robot {
        id: Uid::new(id),
        username: text(1),
        status: i32::MIN,
        version: version(1),
        inline_on: true,
        placeholder: text(2),
        menus: vec![menu(9), menu(5), menu(9)],
    }
}

pub(super) fn server(n: u64) -> ServerIdentity {
    ServerIdentity { endpoint: text(1), node_id: n }
}
