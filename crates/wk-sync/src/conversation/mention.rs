//! Mentions: who is called by a message is reminded of it, until he has read it.
//!
//! Most backends make reminders themselves. Only where the data source offers none, they are made here; their ids are the
//! negative ids of their messages, so that they meet no server's.

use wk_store::StoreError;
use wk_store::model::{
    ChannelId, Message, MessageSeq, Reminder, ReminderFilter, ReminderId, ReminderKind, Version,
};

use crate::engine::Cx;
use crate::event::Event;

/// Reminds the user of a message that calls him.
pub(super) fn remind(cx: &mut Cx<'_>, message: &Message) -> Result<(), StoreError> {
    let uid = cx.core.config.uid.clone();
    if cx.core.offers.reminders || message.from_uid == uid || !message.is_visible() {
        return Ok(());
    }
    // Most messages call nobody and need not be read again.
    let may_call = message.payload.split(|byte| *byte == b'"').any(|word| word == b"mention");
    if !may_call || message.message_id.is_zero() || !message.parse().calls(&uid) {
        return Ok(());
    }
    let written = cx.tx.save_reminder(&Reminder {
        id: ReminderId::new(message.message_id.get().saturating_neg()),
        channel: message.channel.clone(),
        message_id: message.message_id,
        seq: message.message_seq(),
        kind: ReminderKind::MENTION,
        uid: Some(uid),
        publisher: Some(message.from_uid.clone()),
        text: String::new(),
        data: String::new(),
        locate: true,
        version: Version::new(1),
        done: false,
        done_unsent: false,
    })?;
    if written.is_change() {
        cx.emit(Event::Reminders(vec![message.channel.clone()]));
    }
    Ok(())
}

/// The user has read a channel up to here: the mentions in it that were made here are done.
pub(super) fn read(cx: &mut Cx<'_>, channel: &ChannelId, read_to: MessageSeq) -> Result<(), StoreError> {
    let mut filter = ReminderFilter::default();
    (filter.channel, filter.done) = (Some(channel.clone()), Some(false));
    let open = cx.tx.reminders(&filter)?;
    let read = open.into_iter().filter(|reminder| reminder.id.get() < 0 && reminder.seq <= read_to);
    let mut news = false;
    for reminder in read {
        cx.tx.put_reminder(&Reminder { done: true, ..reminder })?;
        news = true;
    }
    if news {
        cx.emit(Event::Reminders(vec![channel.clone()]));
    }
    Ok(())
}
