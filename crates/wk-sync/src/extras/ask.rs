//! The question of a task, read from the store at the moment it is asked.

use wk_store::StoreError;
use wk_store::model::{ActionKind, MessageId, PendingAction, Version};

use crate::engine::{Cx, Question};
use crate::extras::Task;
use crate::report::{MessageRef, Report, ReportRequest};
use crate::topic::FetchRequest;

/// How many rows of a topic to ask for at a time.
pub(super) const PAGE: u32 = 100;
/// How many receipts to report at a time.
const RECEIPTS: u32 = 200;

/// Nothing where there is nothing to do any more.
pub(super) fn question(cx: &mut Cx<'_>, task: &Task) -> Result<Option<Question>, StoreError> {
    let uid = cx.core.config.uid.clone();
    if let Task::Fetch(topic) = task {
        let after = match topic.cursor() {
            Some(cursor) => cx.tx.cursor(&cursor)?,
            None => Version::ZERO,
        };
        let request = FetchRequest { uid, topic: topic.clone(), after, limit: PAGE };
        return Ok(cx.core.offers.has(topic).then_some(Question::Fetch(request)));
    }
    let report = report(cx, task)?;
    Ok(report.map(|report| Question::Report(ReportRequest { uid, report })))
}

fn report(cx: &mut Cx<'_>, task: &Task) -> Result<Option<Report>, StoreError> {
    Ok(match task {
        Task::Act(id) => match cx.tx.pending_action(*id)? {
            Some(action) if is_overtaken(cx, &action)? => {
                cx.tx.remove_pending_action(*id)?;
                None
            }
            action => action.and_then(act),
        },
        Task::Edit(message_id) => edit(cx, *message_id)?,
        Task::Receipts(channel) => {
            let receipts = cx.tx.receipts_of(channel, RECEIPTS)?.into_iter();
            let messages: Vec<_> = receipts.map(|receipt| (receipt.message_id, receipt.seq)).collect();
            let channel = channel.clone();
            (!messages.is_empty()).then_some(Report::Receipts { channel, messages })
        }
        Task::RemindersDone => {
            let done: Vec<_> = cx.tx.reminders_done_unsent()?.iter().map(|reminder| reminder.id).collect();
            (!done.is_empty()).then_some(Report::RemindersDone(done))
        }
        Task::Leave(channel) => {
            let state = cx.tx.conversation_extra(channel)?.and_then(|extra| extra.pending);
            let channel = channel.clone();
            state.map(|state| Report::ConversationExtra { channel, state })
        }
        Task::Fetch(_) => None,
    })
}

/// Servers delete a conversation up to what is newest when they hear of it. Where something newer has come, that would
/// hide it on the user's other devices.
fn is_overtaken(cx: &mut Cx<'_>, action: &PendingAction) -> Result<bool, StoreError> {
    if action.kind != ActionKind::DeleteConversation {
        return Ok(false);
    }
    let conversation = cx.tx.conversation(&action.channel)?;
    Ok(conversation.is_none_or(|conversation| conversation.is_listed()))
}

fn edit(cx: &mut Cx<'_>, message_id: MessageId) -> Result<Option<Report>, StoreError> {
    let Some(extra) = cx.tx.message_extra(message_id)? else { return Ok(None) };
    let Some(edit) = extra.pending_edit else { return Ok(None) };
    let seq = cx.tx.message_by_id(message_id)?.map(|message| message.message_seq()).unwrap_or_default();
    let message = MessageRef { channel: extra.channel, message_id, seq };
    Ok(Some(Report::Edit { message, payload: edit.payload, edited_at: edit.edited_at }))
}

fn act(action: PendingAction) -> Option<Report> {
    let PendingAction { kind, channel, message_id, seq, at, text, payload } = action;
    let message = MessageRef { channel, message_id, seq };
    match kind {
        ActionKind::Edit => Some(Report::Edit { message, payload, edited_at: at }),
        ActionKind::Revoke => Some(Report::Revoke(message)),
        ActionKind::DeleteForAll => Some(Report::DeleteForAll(message)),
        ActionKind::React => {
            let emoji = (!text.is_empty()).then_some(text);
            Some(Report::React { message, emoji })
        }
        ActionKind::Pin => Some(Report::Pin { message, pinned: !text.is_empty() }),
        ActionKind::DeleteConversation => {
            Some(Report::DeleteConversation { channel: message.channel, up_to: seq })
        }
        _ => None,
    }
}
