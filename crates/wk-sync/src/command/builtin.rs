//! What this client does by itself when a command comes.
//!
//! Anybody may send any command. So most of them only make the client ask its data source again, and one that says how
//! things are counts only from the system or from another device of the same user.

use wk_store::StoreError;
use wk_store::model::{ChannelId, DeviceFlag, MessageId, Presence, ReceivedCommand, Uid, UnixMillis};

use crate::conversation;
use crate::engine::Cx;
use crate::event::Event;
use crate::extras;
use crate::record::SYSTEM_UID;
use crate::topic::Topic;

/// Does what a command says, as far as this client knows it. The spelling is the field's own.
pub(crate) fn obey(cx: &mut Cx<'_>, command: &ReceivedCommand) -> Result<(), StoreError> {
    let (subject, param) = (command.subject(), &command.command.param);
    match command.command.cmd.as_str() {
        "syncMessageExtra" => cx.core.stale.push(Topic::MessageExtras(subject)),
        "syncMessageReaction" => cx.core.stale.push(Topic::Reactions(subject)),
        "syncPinnedMessage" => cx.core.stale.push(Topic::PinnedMessages(subject)),
        "syncReminders" => cx.core.stale.push(Topic::Reminders),
        "syncConversationExtra" => cx.core.stale.push(Topic::ConversationExtras),
        "channelUpdate" => cx.core.stale.push(Topic::Channel(subject)),
        "memberUpdate" => {
            let group = param.id("group_no").map_or(subject, ChannelId::group);
            cx.core.stale.push(Topic::Members(group));
        }
        "messageRevoke" => {
            cx.core.stale.push(Topic::MessageExtras(subject.clone()));
            if is_believed(cx, command)
                && let Some(id) = param.integer("message_id")
            {
                extras::note_revoked(cx, &subject, MessageId::new(id), None)?;
            }
        }
        "unreadClear" if is_believed(cx, command) => {
            let unread = param.unsigned("unread").unwrap_or(0);
            conversation::read_elsewhere(cx, &subject, unread)?;
        }
        "conversationDelete" if is_believed(cx, command) => {
            conversation::hide(cx, &subject)?;
        }
        "onlineStatus" if is_believed(cx, command) => presence(cx, command)?,
        _ => {}
    }
    Ok(())
}

/// Whether what it says is the server's word or the user's own.
fn is_believed(cx: &Cx<'_>, command: &ReceivedCommand) -> bool {
    command.from_uid.as_str() == SYSTEM_UID || command.from_uid == cx.core.config.uid
}

fn presence(cx: &mut Cx<'_>, command: &ReceivedCommand) -> Result<(), StoreError> {
    let param = &command.command.param;
    let Some(uid) = param.id("uid").map(Uid::from) else { return Ok(()) };
    let all_offline = param.flag("all_offline").unwrap_or_default();
    let is_online = param.flag("online").unwrap_or_default() || !all_offline;
    let device = param.integer("main_device_flag").or_else(|| param.integer("device_flag"));
    let device = device.and_then(|code| u8::try_from(code).ok()).map_or(DeviceFlag::APP, DeviceFlag::new);
    let left = param.integer("last_offline").map_or_else(|| command.timestamp, UnixMillis::from_secs);
    let (online, last_offline) = if is_online { (true, UnixMillis::new(0)) } else { (false, left) };
    let channel = ChannelId::person(uid.as_str());
    let presence = Presence { online, last_offline, device_flag: device };
    if cx.tx.set_presence(&channel, presence)?.is_change() {
        cx.emit(Event::Channel(channel));
    }
    Ok(())
}
