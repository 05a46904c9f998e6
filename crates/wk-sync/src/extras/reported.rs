//! What becomes of a report that was taken, and of one that was given up.

use std::collections::BTreeSet;

use wk_store::StoreError;
use wk_store::model::{
    ChannelId, ConversationExtraState, MessageEdit, MessageId, MessageSeq, PinnedMessage, Reaction, Receipt,
    ReminderId, Version,
};

use crate::engine::Cx;
use crate::event::Event;
use crate::extras::Task;
use crate::extras::fetched::{amend, changed, delete};
use crate::report::{MessageRef, Report};
use crate::topic::Topic;

/// The server has it. Where it has versions, its own word of the same is fetched.
pub(super) fn taken(
    cx: &mut Cx<'_>,
    task: &Task,
    report: &Report,
    version: Version,
) -> Result<(), StoreError> {
    if let Task::Act(id) = task {
        // Another word about the same may have replaced it, and will be told: until then the server has this one.
        cx.tx.remove_pending_action(*id)?;
    }
    match report {
        Report::Edit { message, payload, edited_at } => {
            let edit = MessageEdit { payload: payload.clone(), edited_at: *edited_at };
            let before = cx.tx.message_extra(message.message_id)?.map(|row| row.info);
            let _ = cx.tx.message_edit_uploaded(message.message_id, &edit)?;
            if let Some(known) = before.filter(|known| includes(known.version, version)) {
                amend(cx, &message.channel, message.message_id, |info| info.edit = known.edit)?;
            }
            tell(cx, message, Topic::MessageExtras)
        }
        Report::Revoke(message) => {
            let revoker = Some(cx.core.config.uid.clone());
            amend(cx, &message.channel, message.message_id, |info| {
                if !includes(info.version, version) {
                    (info.revoked, info.revoker) = (true, revoker);
                }
            })?;
            tell(cx, message, Topic::MessageExtras)
        }
        Report::DeleteForAll(message) => {
            amend(cx, &message.channel, message.message_id, |info| info.mutual_deleted = true)?;
            delete(cx, message.message_id)?;
            cx.core.stale.push(Topic::MessageExtras(message.channel.clone()));
            Ok(())
        }
        Report::React { message, emoji } => {
            react(cx, message, emoji.as_deref(), version)?;
            tell(cx, message, Topic::Reactions)
        }
        Report::Pin { message, pinned } => {
            pin(cx, message, *pinned, version)?;
            tell(cx, message, Topic::PinnedMessages)
        }
        Report::Receipts { channel, messages } => {
            for (message_id, _) in messages {
                amend(cx, channel, *message_id, |info| info.read = true)?;
            }
            receipts_done(cx, channel, messages)?;
            changed(cx, messages.iter().map(|(message_id, _)| *message_id).collect())
        }
        Report::RemindersDone(ids) => reminders_done(cx, ids),
        Report::ConversationExtra { channel, state } => left(cx, channel, state, version),
        Report::DeleteConversation { .. } => Ok(()),
    }
}

/// Nobody will take it: what waited for it waits no longer, and what was shown because of it is taken back.
pub(super) fn given_up(cx: &mut Cx<'_>, task: &Task, report: &Report) -> Result<(), StoreError> {
    if let Task::Act(id) = task {
        cx.tx.remove_pending_action(*id)?;
    }
    match report {
        Report::Edit { message, payload, .. } => {
            let Some(mut extra) = cx.tx.message_extra(message.message_id)? else { return Ok(()) };
            if extra.pending_edit.as_ref().is_some_and(|edit| edit.payload == *payload) {
                extra.pending_edit = None;
                cx.tx.put_message_extra(&extra)?;
                changed(cx, BTreeSet::from([message.message_id]))?;
            }
            Ok(())
        }
        Report::Receipts { channel, messages } => receipts_done(cx, channel, messages),
        Report::RemindersDone(ids) => reminders_done(cx, ids),
        // It stays as it was left here.
        Report::ConversationExtra { channel, state } => left(cx, channel, state, Version::ZERO),
        _ => Ok(()),
    }
}

/// Whether what the server said of a row since has the change in it: somebody else may have changed it again.
fn includes(known: Version, change: Version) -> bool {
    change != Version::ZERO && known >= change
}

/// Tells of a message, and fetches what the server says of it.
fn tell(
    cx: &mut Cx<'_>,
    message: &MessageRef,
    topic: impl FnOnce(ChannelId) -> Topic,
) -> Result<(), StoreError> {
    cx.core.stale.push(topic(message.channel.clone()));
    changed(cx, BTreeSet::from([message.message_id]))
}

fn react(
    cx: &mut Cx<'_>,
    message: &MessageRef,
    emoji: Option<&str>,
    version: Version,
) -> Result<(), StoreError> {
    let uid = cx.core.config.uid.clone();
    let stored = cx.tx.reaction(message.message_id, &uid)?;
    if stored.as_ref().is_some_and(|row| includes(row.seq, version)) {
        return Ok(());
    }
    let mut row = stored.unwrap_or_else(|| Reaction {
        message_id: message.message_id,
        uid,
        channel: message.channel.clone(),
        name: String::new(),
        emoji: String::new(),
        seq: Version::ZERO,
        deleted: true,
        created_at: cx.server_now(),
    });
    row.deleted = emoji.is_none();
    if let Some(emoji) = emoji {
        (row.emoji, row.created_at) = (emoji.to_owned(), cx.server_now());
    }
    cx.tx.put_reaction(&row)
}

fn pin(cx: &mut Cx<'_>, message: &MessageRef, pinned: bool, change: Version) -> Result<(), StoreError> {
    let version = cx.tx.pinned_message(message.message_id)?.map_or(Version::ZERO, |known| known.version);
    if !includes(version, change) {
        cx.tx.put_pinned_message(&PinnedMessage {
            message_id: message.message_id,
            channel: message.channel.clone(),
            seq: message.seq,
            version,
            deleted: !pinned,
        })?;
        cx.emit(Event::PinnedMessages(message.channel.clone()));
    }
    amend(cx, &message.channel, message.message_id, |info| {
        if !includes(info.version, change) {
            info.pinned = Some(pinned);
        }
    })?;
    Ok(())
}

fn receipts_done(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    messages: &[(MessageId, MessageSeq)],
) -> Result<(), StoreError> {
    let receipt = |(message_id, seq): &(MessageId, MessageSeq)| Receipt {
        channel: channel.clone(),
        seq: *seq,
        message_id: *message_id,
    };
    let uploaded: Vec<Receipt> = messages.iter().map(receipt).collect();
    cx.tx.remove_receipts(&uploaded).map(drop)
}

fn reminders_done(cx: &mut Cx<'_>, ids: &[ReminderId]) -> Result<(), StoreError> {
    for id in ids {
        let _ = cx.tx.reminder_done_uploaded(*id)?;
    }
    Ok(())
}

/// The server has what was left in a conversation, or nobody wants it: it is kept as the server's. What was changed
/// since stays pending.
fn left(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    state: &ConversationExtraState,
    version: Version,
) -> Result<(), StoreError> {
    let Some(mut extra) = cx.tx.conversation_extra(channel)? else { return Ok(()) };
    extra.version = extra.version.max(version);
    extra.remote = state.clone();
    if extra.pending.as_ref() == Some(state) {
        extra.pending = None;
    }
    cx.tx.put_conversation_extra(&extra)
}
