//! What the application changes: written down at once, and whatever a server has to hear of it becomes a task.

use std::collections::BTreeSet;

use bytes::Bytes;
use wk_store::StoreError;
use wk_store::model::{
    ActionKind, ChannelId, ClientSeq, ConversationExtraState, MessageEdit, MessageId, MessageLocal,
    MessageSeq, PendingAction, Receipt, ReminderId, Setting,
};

use crate::change::Change;
use crate::command::Commands;
use crate::conversation;
use crate::engine::Cx;
use crate::error::QueryError;
use crate::event::Event;
use crate::expiry::Expiry;
use crate::extras::fetched::{changed, delete_here, tell};
use crate::extras::{Extras, Task};

/// What became of a change: done, or why not; or the store failed.
type Changed = Result<Result<(), QueryError>, StoreError>;

/// Does what the application wants.
pub(crate) fn change(
    cx: &mut Cx<'_>,
    extras: &mut Extras,
    commands: &mut Commands,
    expiry: &mut Expiry,
    change: Change,
) -> Changed {
    match change {
        Change::Edit { message_id, payload } => edit(cx, extras, message_id, payload),
        Change::Revoke(message_id) => act(cx, extras, ActionKind::Revoke, message_id, String::new()),
        Change::DeleteForAll(message_id) => {
            act(cx, extras, ActionKind::DeleteForAll, message_id, String::new())
        }
        Change::React { message_id, emoji } => react(cx, extras, message_id, emoji),
        Change::Pin { message_id, pinned } => {
            let word = if pinned { "pinned" } else { "" };
            act(cx, extras, ActionKind::Pin, message_id, word.to_owned())
        }
        Change::Delete(rows) => delete(cx, &rows),
        Change::Viewed(row) => viewed(cx, expiry, row),
        Change::Receipts { channel, seqs } => receipts(cx, extras, &channel, &seqs),
        Change::ReminderDone(id) => reminder_done(cx, extras, id),
        Change::Leave { channel, state } => leave(cx, extras, &channel, &state),
        Change::DeleteConversation(channel) => delete_conversation(cx, extras, &channel),
        Change::Channel { channel, local } => {
            if cx.tx.set_channel_local(&channel, &local)?.is_change() {
                cx.emit(Event::Channel(channel));
            }
            Ok(Ok(()))
        }
        Change::Message { client_seq, local } => keep_beside(cx, client_seq, &local),
        Change::CommandDone(id) => {
            commands.done(cx, id)?;
            Ok(Ok(()))
        }
        Change::Fetch(topic) => {
            if !cx.core.offers.has(&topic) {
                return Ok(Err(QueryError::NotOffered));
            }
            extras.want(cx, Task::Fetch(topic));
            Ok(Ok(()))
        }
    }
}

fn edit(cx: &mut Cx<'_>, extras: &mut Extras, message_id: MessageId, payload: Bytes) -> Changed {
    let (len, limit) = (payload.len(), cx.core.config.max_payload);
    if len == 0 || len > limit {
        return Ok(Err(QueryError::Payload { len, limit }));
    }
    let Some(message) = cx.tx.message_by_id(message_id)? else { return Ok(Err(QueryError::NoMessage)) };
    let edit = MessageEdit { payload, edited_at: cx.server_now() };
    let _ = cx.tx.edit_message(message_id, &message.channel, &edit)?;
    extras.want(cx, Task::Edit(message_id));
    changed(cx, BTreeSet::from([message_id]))?;
    Ok(Ok(()))
}

impl Extras {
    /// The messages of a channel are going to be cleared: what was edited there is for others to read all the same.
    pub(crate) fn keep_edits(
        &mut self,
        cx: &mut Cx<'_>,
        channel: &ChannelId,
        up_to: MessageSeq,
    ) -> Result<(), StoreError> {
        for extra in cx.tx.message_edits_pending()?.into_iter().filter(|extra| extra.channel == *channel) {
            let message_id = extra.message_id;
            let seq = cx.tx.message_by_id(message_id)?.map(|message| message.message_seq());
            let (Some(seq), Some(edit)) = (seq.filter(|seq| *seq <= up_to), extra.pending_edit) else {
                continue;
            };
            let id = cx.tx.add_pending_action(&PendingAction {
                kind: ActionKind::Edit,
                channel: extra.channel,
                message_id,
                seq,
                at: edit.edited_at,
                text: String::new(),
                payload: edit.payload,
            })?;
            self.want(cx, Task::Act(id));
        }
        Ok(())
    }
}

fn keep_beside(cx: &mut Cx<'_>, client_seq: ClientSeq, local: &MessageLocal) -> Changed {
    let Some(message) = cx.tx.message(client_seq)? else { return Ok(Err(QueryError::NoMessage)) };
    if cx.tx.set_message_local(client_seq, local)?.is_change() {
        tell(cx, vec![message])?;
    }
    Ok(Ok(()))
}

/// Queues something to tell the server of a message.
fn act(
    cx: &mut Cx<'_>,
    extras: &mut Extras,
    kind: ActionKind,
    message_id: MessageId,
    text: String,
) -> Changed {
    let Some(message) = cx.tx.message_by_id(message_id)? else { return Ok(Err(QueryError::NoMessage)) };
    let (seq, at) = (message.message_seq(), cx.server_now());
    let action =
        PendingAction { kind, channel: message.channel, message_id, seq, at, text, payload: Bytes::new() };
    let id = cx.tx.add_pending_action(&action)?;
    extras.want(cx, Task::Act(id));
    Ok(Ok(()))
}

fn react(cx: &mut Cx<'_>, extras: &mut Extras, message_id: MessageId, emoji: String) -> Changed {
    let Some(message) = cx.tx.message_by_id(message_id)? else { return Ok(Err(QueryError::NoMessage)) };
    // What the server will have when all is told.
    let current = match cx.tx.pending_action_for(ActionKind::React, &message.channel, message_id)? {
        Some((_, action)) => action.text,
        None => {
            let uid = cx.core.config.uid.clone();
            let stored = cx.tx.reaction(message_id, &uid)?.filter(|reaction| !reaction.deleted);
            stored.map(|reaction| reaction.emoji).unwrap_or_default()
        }
    };
    let emoji = if current == emoji { String::new() } else { emoji };
    act(cx, extras, ActionKind::React, message_id, emoji)
}

fn delete(cx: &mut Cx<'_>, rows: &[ClientSeq]) -> Changed {
    for row in rows {
        if let Some(message) = cx.tx.message(*row)? {
            delete_here(cx, message)?;
        }
    }
    Ok(Ok(()))
}

fn viewed(cx: &mut Cx<'_>, expiry: &mut Expiry, row: ClientSeq) -> Changed {
    let Some(message) = cx.tx.message(row)? else { return Ok(Err(QueryError::NoMessage)) };
    if message.message_id.is_zero() {
        return Ok(Err(QueryError::NoMessage));
    }
    expiry.viewed(cx, &message)?;
    Ok(Ok(()))
}

fn receipts(cx: &mut Cx<'_>, extras: &mut Extras, channel: &ChannelId, seqs: &[MessageSeq]) -> Changed {
    for seq in seqs {
        let Some(message) = cx.tx.message_by_seq(channel, *seq)? else { continue };
        let wanted = message.setting.contains(Setting::RECEIPT) && message.from_uid != cx.core.config.uid;
        let message_id = message.message_id;
        if !wanted || cx.tx.message_extra(message_id)?.is_some_and(|extra| extra.info.read) {
            continue;
        }
        if cx.tx.add_receipt(&Receipt { channel: channel.clone(), seq: *seq, message_id })?.is_change() {
            extras.want(cx, Task::Receipts(channel.clone()));
        }
    }
    Ok(Ok(()))
}

fn reminder_done(cx: &mut Cx<'_>, extras: &mut Extras, id: ReminderId) -> Changed {
    let Some(reminder) = cx.tx.reminder(id)? else { return Ok(Err(QueryError::NoReminder)) };
    if cx.tx.mark_reminder_done(id)?.is_change() {
        extras.want(cx, Task::RemindersDone);
        cx.emit(Event::Reminders(vec![reminder.channel]));
    }
    Ok(Ok(()))
}

fn leave(
    cx: &mut Cx<'_>,
    extras: &mut Extras,
    channel: &ChannelId,
    state: &ConversationExtraState,
) -> Changed {
    if let Err(error) = channel.check() {
        return Ok(Err(error.into()));
    }
    if cx.tx.edit_conversation_extra(channel, state)?.is_change() {
        extras.want(cx, Task::Leave(channel.clone()));
        cx.conversation_changed(channel);
    }
    Ok(Ok(()))
}

fn delete_conversation(cx: &mut Cx<'_>, extras: &mut Extras, channel: &ChannelId) -> Changed {
    let Some(up_to) = conversation::hide(cx, channel)? else {
        return Ok(Err(QueryError::NoConversation));
    };
    let action = PendingAction {
        kind: ActionKind::DeleteConversation,
        channel: channel.clone(),
        message_id: MessageId::ZERO,
        seq: up_to,
        at: cx.server_now(),
        text: String::new(),
        payload: Bytes::new(),
    };
    let id = cx.tx.add_pending_action(&action)?;
    extras.want(cx, Task::Act(id));
    Ok(Ok(()))
}
