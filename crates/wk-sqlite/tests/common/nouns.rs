//! Something of every noun but messages, and reading it all.

use wk_sqlite::store::model::{
    ActionKind, ChannelFilter, ChannelId, ChannelInfo, ChannelLocal, ClientSeq, CommandSeen,
    ConversationExtraState, Cursor, DeviceFlag, MemberInfo, MemberQuery, MemberRole, MessageEdit,
    MessageExtraInfo, MessageId, MessageSeq, PendingAction, PinnedMessage, Presence, Reaction, Receipt,
    Reminder, ReminderFilter, ReminderId, ReminderKind, Robot, RobotMenu, ServerIdentity, Uid, UnixMillis,
    Version,
};
use wk_sqlite::store::{ConversationOrder, StoreError, StoreRead, StoreTx};

const ID: MessageId = MessageId::new(1_745_678_901_234_567_168);

/// Writes every noun for a channel. What it writes must not change: it is in stored files.
pub(crate) fn fill_nouns(tx: &mut dyn StoreTx, channel: &ChannelId) {
    let (version, time) = (Version::new(1_705_037_257_856_001), UnixMillis::new(1_705_037_257_856));
    let (seq, bob) = (MessageSeq::new(5_000_000_000), Uid::new("bob"));
    let parent = Some(ChannelId::group("alpinists"));
    let (name, remote_extra) = ("Climbers".to_owned(), "{\"peak\":8848}".to_owned());
    let info = ChannelInfo { version, name, mute: true, parent, remote_extra, ..ChannelInfo::default() };
    let (top, remark) = (Some(true), Some("my climbers".to_owned()));
    let local = ChannelLocal { extra: "{}".into(), top, remark, ..ChannelLocal::default() };
    let presence = Presence { online: true, last_offline: time, device_flag: DeviceFlag::WEB };
    let written = [
        tx.save_channel_info(channel, &info).unwrap(),
        tx.set_channel_local(channel, &local).unwrap(),
        tx.set_presence(channel, presence).unwrap(),
    ];
    assert!(written.iter().all(|written| written.is_change()));
    let (role, inviter) = (MemberRole::MANAGER, Some(Uid::new("alice")));
    let info = MemberInfo { version, name: "Bob".into(), role, inviter, ..MemberInfo::default() };
    assert!(tx.save_member(channel, &bob, &info).unwrap().is_change());
    let draft = |text: &str| ConversationExtraState {
        draft: text.into(),
        draft_updated_at: time,
        keep_seq: seq,
        keep_offset: -7,
        browse_to: seq,
    };
    assert!(tx.save_conversation_extra(channel, version, &draft("theirs")).unwrap().is_change());
    assert!(tx.edit_conversation_extra(channel, &draft("mine")).unwrap().is_change());
    let edit = |text: &str| MessageEdit { payload: text.to_owned().into(), edited_at: time };
    let (revoker, pinned) = (Some(bob.clone()), Some(true));
    let edited = Some(edit("server's"));
    let info = MessageExtraInfo {
        version,
        read: true,
        read_count: 3,
        unread_count: 4,
        revoked: true,
        revoker,
        mutual_deleted: false,
        edit: edited,
        pinned,
    };
    assert!(tx.save_message_extra(ID, channel, &info).unwrap().is_change());
    assert!(tx.edit_message(ID, channel, &edit("pending")).unwrap().is_change());
    fill_small_nouns(tx, channel, version, time);
}

fn fill_small_nouns(tx: &mut dyn StoreTx, channel: &ChannelId, version: Version, time: UnixMillis) {
    let (seq, bob) = (MessageSeq::new(5_000_000_000), Uid::new("bob"));
    let channel_id = channel.clone();
    let reaction = Reaction {
        message_id: ID,
        uid: bob.clone(),
        channel: channel_id.clone(),
        name: "Bob".into(),
        emoji: "\u{1F9D7}".into(),
        seq: version,
        deleted: false,
        created_at: time,
    };
    assert!(tx.save_reaction(&reaction).unwrap().is_change());
    let pinned = PinnedMessage { message_id: ID, channel: channel_id.clone(), seq, version, deleted: false };
    assert!(tx.save_pinned_message(&pinned).unwrap().is_change());
    let id = ReminderId::new(4);
    let reminder = Reminder {
        id,
        channel: channel_id.clone(),
        message_id: ID,
        seq,
        kind: ReminderKind::MENTION,
        uid: Some(Uid::new("alice")),
        publisher: Some(bob.clone()),
        text: "mentioned you".into(),
        data: "{}".into(),
        locate: true,
        version,
        done: false,
        done_unsent: false,
    };
    assert!(tx.save_reminder(&reminder).unwrap().is_change());
    assert!(tx.mark_reminder_done(id).unwrap().is_change());
    let receipt = Receipt { channel: channel_id.clone(), seq, message_id: ID };
    assert!(tx.add_receipt(&receipt).unwrap().is_change());
    let command = CommandSeen { channel: channel_id.clone(), seq, message_id: ID, seen_at: time };
    assert!(tx.note_command(&command).unwrap().is_change());
    let menu = |command: &str| RobotMenu { command: command.into(), remark: "r".into(), kind: "k".into() };
    let robot = Robot {
        id: bob,
        username: "weather".into(),
        status: 1,
        version,
        inline_on: true,
        placeholder: "where?".into(),
        menus: vec![menu("/today"), menu("/now")],
    };
    assert!(tx.save_robot(&robot).unwrap().is_change());
    assert!(tx.raise_cursor(&Cursor::Reminders, version).unwrap().is_change());
    assert!(tx.raise_cursor(&Cursor::Members(channel_id), version).unwrap().is_change());
    let server = ServerIdentity { endpoint: "wss://example.org".into(), node_id: u64::MAX };
    assert!(tx.set_server(&server).unwrap().is_change());
}

/// Writes what has still to be done, which is younger than the nouns.
pub(crate) fn fill_pending(tx: &mut dyn StoreTx, channel: &ChannelId) {
    let (seq, at) = (MessageSeq::new(5_000_000_000), UnixMillis::new(1_705_037_257_856));
    let action = PendingAction {
        kind: ActionKind::React,
        channel: channel.clone(),
        message_id: ID,
        seq,
        at,
        text: "\u{1F600}".into(),
        payload: vec![0, 255].into(),
    };
    tx.add_pending_action(&action).unwrap();
}

/// Reads every noun of a channel, as text. The first error ends it.
pub(crate) fn read_nouns(read: &mut dyn StoreRead, channel: &ChannelId) -> Result<Vec<String>, StoreError> {
    let query = MemberQuery { channel, role: None, after: None, limit: 100 };
    let (seq, seen_at) = (MessageSeq::new(5_000_000_000), UnixMillis::new(0));
    let command = CommandSeen { channel: channel.clone(), seq, message_id: ID, seen_at };
    Ok(vec![
        format!("{:?}", read.channel(channel)?),
        format!("{:?}", read.channels(&ChannelFilter::default())?),
        format!("{:?}", read.members(&query)?),
        format!("{:?}", read.conversation_extra(channel)?),
        format!("{:?}", read.conversation_list(ConversationOrder::TopFirst)?),
        format!("{:?}", read.unread_total()?),
        format!("{:?}", read.message_extras(&[ID])?),
        format!("{:?}", read.message_edits_pending()?),
        format!("{:?}", read.message_locals(&(1..=20).map(ClientSeq::new).collect::<Vec<_>>())?),
        format!("{:?}", read.reactions(&[ID])?),
        format!("{:?}", read.pinned_messages(channel)?),
        format!("{:?}", read.reminders(&ReminderFilter::default())?),
        format!("{:?}", read.receipt_channels()?),
        format!("{:?}", read.receipts_of(channel, u32::MAX)?),
        format!("{:?}", read.pending_actions()?),
        format!("{:?}", read.next_expiry()?),
        format!("{:?}", read.is_command_seen(&command)?),
        format!("{:?}", read.robot(&Uid::new("bob"))?),
        format!("{:?}", read.cursor(&Cursor::Reminders)?),
        format!("{:?}", read.cursor(&Cursor::Members(channel.clone()))?),
        format!("{:?}", read.server()?),
        format!("{:?}", read.seq_bounds(channel)?),
    ])
}
