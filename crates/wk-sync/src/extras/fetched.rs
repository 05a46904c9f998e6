//! What a source says of a topic, written down where it is newer than what is known.

use std::collections::BTreeSet;

use wk_store::StoreError;
use wk_store::model::{
    ChannelId, ClientSeq, Message, MessageExtra, MessageExtraInfo, MessageId, MessageWithExtra, Uid,
    Visibility,
};

use crate::engine::Cx;
use crate::event::Event;
use crate::extras::{Next, ask};
use crate::topic::{Fetched, Topic};

/// Writes down an answer. There may be more where it was as long as asked for and brought the cursor on.
pub(super) fn apply(cx: &mut Cx<'_>, topic: &Topic, fetched: Fetched) -> Result<Next, StoreError> {
    if !fetched.answers(topic) {
        tracing::warn!(?topic, "the data source answered with another topic");
        return Ok(Next::Done);
    }
    let (rows, newest) = fetched.extent();
    write(cx, topic, fetched)?;
    let Some(cursor) = topic.cursor() else { return Ok(Next::Done) };
    let raised = cx.tx.raise_cursor(&cursor, newest)?.is_change();
    let full = u32::try_from(rows).unwrap_or(u32::MAX) >= ask::PAGE;
    Ok(if full && raised { Next::More } else { Next::Done })
}

fn write(cx: &mut Cx<'_>, topic: &Topic, fetched: Fetched) -> Result<(), StoreError> {
    match (topic, fetched) {
        (Topic::MessageExtras(channel), Fetched::MessageExtras(rows)) => extras(cx, channel, rows),
        (Topic::Reactions(channel), Fetched::Reactions(rows)) => {
            let mut news = BTreeSet::new();
            for mut reaction in rows {
                reaction.channel = channel.clone();
                if cx.tx.save_reaction(&reaction)?.is_change() {
                    news.insert(reaction.message_id);
                }
            }
            changed(cx, news)
        }
        (Topic::PinnedMessages(channel), Fetched::PinnedMessages(rows)) => {
            let mut news = BTreeSet::new();
            for mut pinned in rows {
                pinned.channel = channel.clone();
                if cx.tx.save_pinned_message(&pinned)?.is_change() {
                    news.insert(pinned.message_id);
                }
            }
            if !news.is_empty() {
                cx.emit(Event::PinnedMessages(channel.clone()));
            }
            Ok(())
        }
        (Topic::Members(channel), Fetched::Members(rows)) => {
            let mut news = false;
            for (uid, info) in rows {
                news |= cx.tx.save_member(channel, &uid, &info)?.is_change();
            }
            if news {
                cx.emit(Event::Members(channel.clone()));
            }
            Ok(())
        }
        (Topic::Channel(channel), Fetched::Channel(info, presence)) => {
            let mut news = cx.tx.save_channel_info(channel, &info)?.is_change();
            if let Some(presence) = presence {
                news |= cx.tx.set_presence(channel, presence)?.is_change();
            }
            if news {
                cx.emit(Event::Channel(channel.clone()));
            }
            Ok(())
        }
        (Topic::Robot(uid), Fetched::Robot(robot)) => {
            if robot.id == *uid && cx.tx.save_robot(&robot)?.is_change() {
                cx.emit(Event::Robot(uid.clone()));
            }
            Ok(())
        }
        (Topic::Reminders, Fetched::Reminders(rows)) => {
            let mut news = BTreeSet::new();
            for reminder in rows {
                let is_mine = reminder.uid.as_ref().is_none_or(|uid| *uid == cx.core.config.uid);
                if is_mine && cx.tx.save_reminder(&reminder)?.is_change() {
                    news.insert(reminder.channel);
                }
            }
            if !news.is_empty() {
                cx.emit(Event::Reminders(news.into_iter().collect()));
            }
            Ok(())
        }
        (Topic::ConversationExtras, Fetched::ConversationExtras(rows)) => {
            for (channel, version, state) in rows {
                if cx.tx.save_conversation_extra(&channel, version, &state)?.is_change() {
                    cx.conversation_changed(&channel);
                }
            }
            Ok(())
        }
        (Topic::Stream(channel, from_uid, number), Fetched::Stream(lanes)) => {
            cx.core.streams.push(((channel.clone(), from_uid.clone(), number.clone()), lanes));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn extras(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    rows: Vec<(MessageId, MessageExtraInfo)>,
) -> Result<(), StoreError> {
    let mut news = BTreeSet::new();
    for (message_id, info) in rows {
        if !cx.tx.save_message_extra(message_id, channel, &info)?.is_change() {
            continue;
        }
        // This message and no other.
        if info.mutual_deleted {
            delete(cx, message_id)?;
        } else {
            news.insert(message_id);
        }
    }
    changed(cx, news)
}

/// Somebody whom the server believes took a message back.
pub(crate) fn note_revoked(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    message_id: MessageId,
    revoker: Option<Uid>,
) -> Result<(), StoreError> {
    amend(cx, channel, message_id, |info| (info.revoked, info.revoker) = (true, revoker))?;
    changed(cx, BTreeSet::from([message_id]))
}

/// Changes what is known of a message without a word of its version: the server's own word replaces it.
pub(super) fn amend(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    message_id: MessageId,
    change: impl FnOnce(&mut MessageExtraInfo),
) -> Result<(), StoreError> {
    let stored = cx.tx.message_extra(message_id)?;
    let mut row = stored.unwrap_or_else(|| MessageExtra::new(message_id, channel.clone()));
    change(&mut row.info);
    cx.tx.put_message_extra(&row)
}

/// A message is no longer to be seen by anybody.
pub(super) fn delete(cx: &mut Cx<'_>, message_id: MessageId) -> Result<(), StoreError> {
    match cx.tx.message_by_id(message_id)? {
        Some(message) => delete_here(cx, message),
        None => Ok(()),
    }
}

/// A row that stays to prove what stands at its seq, and is not shown any more.
pub(crate) fn delete_here(cx: &mut Cx<'_>, message: Message) -> Result<(), StoreError> {
    if message.visibility == Visibility::Deleted {
        return Ok(());
    }
    let was_visible = message.is_visible();
    cx.tx.update_message(&Message { visibility: Visibility::Deleted, ..message.clone() })?;
    if was_visible {
        cx.conversation_changed(&message.channel);
        cx.emit(Event::Removed { channel: message.channel.clone(), messages: vec![message] });
    }
    Ok(())
}

/// Tells of those of the messages that are stored and shown.
pub(super) fn changed(cx: &mut Cx<'_>, news: BTreeSet<MessageId>) -> Result<(), StoreError> {
    let ids: Vec<MessageId> = news.into_iter().collect();
    let messages = cx.tx.messages_by_ids(&ids)?;
    tell(cx, messages)
}

/// Tells of those of the messages that are shown, with all that belongs to them.
pub(super) fn tell(cx: &mut Cx<'_>, mut messages: Vec<Message>) -> Result<(), StoreError> {
    messages.retain(Message::is_visible);
    if messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<MessageId> =
        messages.iter().map(|message| message.message_id).filter(|id| !id.is_zero()).collect();
    let rows: Vec<ClientSeq> = messages.iter().map(|message| message.client_seq).collect();
    let (extras, reactions) = (cx.tx.message_extras(&ids)?, cx.tx.reactions(&ids)?);
    let locals = cx.tx.message_locals(&rows)?;
    cx.emit(Event::Changed(MessageWithExtra::join(messages, extras, reactions, locals)));
    Ok(())
}
