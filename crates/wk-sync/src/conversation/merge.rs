//! What a message changes in its conversation.

use std::collections::hash_map::Entry;

use wk_store::model::{ChannelId, ChannelType, Conversation, Message, MessageSeq, Setting, Visibility};
use wk_store::{StoreError, StoreTx};

use crate::conversation::mention;
use crate::engine::Cx;
use crate::event::{Event, Origin};
use crate::extras;
use crate::record::{Fact, Recorded, ashes, record};
use crate::source::PulledMessage;
use crate::stream::Streams;

/// How a stored message came here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Told to listeners as new.
    Told(Origin),
    /// Part of a page that somebody asked for: its reader gets it, and no conversation is opened for it.
    Page,
}

/// Writes down the messages of one answer, which ascend, and tells of them.
pub(crate) fn take_in_all(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    messages: Vec<PulledMessage>,
    how: How,
) -> Result<(), StoreError> {
    let cleared_to = cx.core.logs.get(&mut *cx.tx, channel)?.cleared_to;
    let again = (!cleared_to.is_zero()).then(|| messages.clone());
    for message in messages {
        take_in(cx, Fact::pulled(channel, message), how)?;
    }
    let known = cx.core.logs.get(&mut *cx.tx, channel)?.cleared_to;
    // One of them showed that what was cleared was in a log that is gone: then the ones before it were not.
    for message in again.filter(|_| known < cleared_to).into_iter().flatten() {
        take_in(cx, Fact::pulled(channel, message), how)?;
    }
    Ok(())
}

/// Writes down what a data source said of a message, and tells of it.
pub(crate) fn take_in(cx: &mut Cx<'_>, fact: Fact, how: How) -> Result<(), StoreError> {
    let said = fact.into_message(&cx.core.config.uid);
    take_in_message(cx, said, how)
}

/// Writes a message down and tells of it.
pub(crate) fn take_in_message(cx: &mut Cx<'_>, mut said: Message, how: How) -> Result<(), StoreError> {
    let recorded = record(cx, &mut said)?;
    let was_open = is_open(cx, &said.channel)?;
    let how = match how {
        // A page was faster than the push, which will find the message known: it is news here and now.
        How::Page
            if cx
                .core
                .conversations
                .get(&said.channel)
                .is_some_and(|known| known.last_seq < said.message_seq()) =>
        {
            How::Told(Origin::Pulled)
        }
        how => how,
    };
    if how != How::Page || was_open {
        let news = match recorded {
            Recorded::New => how != How::Page,
            Recorded::Changed(_) => true,
            Recorded::Known => false,
        };
        touch(cx, &said, news)?;
    }
    let synced = cx.core.synced.is_some() && cx.core.synced == cx.core.online;
    if how == How::Told(Origin::Live) && synced && !was_open && is_open(cx, &said.channel)? {
        // The sync did not have this conversation: what came before its first message is not for this user to read.
        let before = said.message_seq().prev().unwrap_or(MessageSeq::ZERO);
        raise(cx, &said.channel, MessageSeq::ZERO, before, said.timestamp)?;
    }
    match recorded {
        Recorded::New if said.is_expired(cx.server_now()) => cx.tx.update_message(&ashes(&said))?,
        Recorded::New if was_deleted(cx, &said)? => {}
        Recorded::New => {
            cx.core.note_end(&said);
            if said.setting.contains(Setting::STREAM) {
                Streams::begins(cx, &said)?;
            }
            if how != How::Page {
                mention::remind(cx, &said)?;
            }
            if let (How::Told(origin), true) = (how, said.is_visible()) {
                cx.core.out.push_message(said, origin);
            }
        }
        Recorded::Changed(message) => {
            // Its push did not say so (docs/servers.md §8).
            if said.setting.contains(Setting::STREAM) {
                Streams::begins(cx, &message)?;
            }
            refreshed(cx, message)?;
        }
        // Somebody's page brought it while there was no conversation, so it was news to nobody yet.
        Recorded::Known if how == How::Told(Origin::Live) && !was_open => {
            if let Some(row) = cx.tx.message_by_id(said.message_id)?.filter(Message::is_visible) {
                mention::remind(cx, &row)?;
                cx.core.out.push_message(row, Origin::Live);
            }
        }
        Recorded::Known => {}
    }
    Ok(())
}

/// Whether it was deleted for all its readers before it came here; then it is not shown.
fn was_deleted(cx: &mut Cx<'_>, message: &Message) -> Result<bool, StoreError> {
    if !is_deleted_for_all(cx, message)? {
        return Ok(false);
    }
    cx.tx.update_message(&Message { visibility: Visibility::Deleted, ..message.clone() })?;
    Ok(true)
}

fn is_deleted_for_all(cx: &mut Cx<'_>, message: &Message) -> Result<bool, StoreError> {
    let extra = cx.tx.message_extra(message.message_id)?;
    Ok(extra.is_some_and(|extra| extra.info.mutual_deleted))
}

/// Tells that a row changed that is shown. One that only now got the id of a message that is deleted for all goes.
pub(crate) fn refreshed(cx: &mut Cx<'_>, message: Message) -> Result<(), StoreError> {
    if !message.is_visible() {
        return Ok(());
    }
    if is_deleted_for_all(cx, &message)? {
        return extras::delete_here(cx, message);
    }
    cx.emit(Event::Refreshed(message));
    Ok(())
}

/// Raises what the message says of its conversation; opens the conversation if there is none. With `news` its newest
/// message may be another one, whether its numbers changed or not.
pub(crate) fn touch(cx: &mut Cx<'_>, message: &Message, news: bool) -> Result<(), StoreError> {
    // Live rooms have no conversation (docs/servers.md §6).
    if message.channel.channel_type() == ChannelType::LIVE {
        return Ok(());
    }
    let own = message.from_uid == cx.core.config.uid;
    for (channel, holds) in std::mem::take(&mut cx.core.recreated) {
        lower(cx, &channel, holds)?;
    }
    let is_written_here = message.position.is_local();
    if is_written_here {
        cx.core.note_end(message);
    }
    let (seq, timestamp, visible) = (message.message_seq(), message.timestamp, message.is_visible());
    let told = change(cx, &message.channel, |conversation| {
        conversation.last_seq = conversation.last_seq.max(seq);
        if own {
            conversation.own_seq = conversation.own_seq.max(seq);
        }
        if is_written_here {
            conversation.deleted_to = None;
        }
        if visible {
            conversation.timestamp = conversation.timestamp.max(timestamp);
        }
    })?;
    if news && !told {
        cx.conversation_changed(&message.channel);
    }
    Ok(())
}

/// Changes a conversation, known or new, and tells of it if that made a difference. Says whether it did.
pub(super) fn change(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    change: impl FnOnce(&mut Conversation),
) -> Result<bool, StoreError> {
    let (conversation, is_new) = match cx.core.conversations.entry(channel.clone()) {
        Entry::Occupied(known) => (known.into_mut(), false),
        Entry::Vacant(place) => match read(&mut *cx.tx, channel)? {
            Some(stored) => (place.insert(stored), false),
            None => (place.insert(Conversation::new(channel.clone())), true),
        },
    };
    let before = conversation.clone();
    change(conversation);
    let is_news = is_new || *conversation != before;
    if is_news {
        cx.tx.put_conversation(conversation)?;
        cx.conversation_changed(channel);
    }
    Ok(is_news)
}

/// The row of a conversation, without its newest message.
pub(super) fn load(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<Option<Conversation>, StoreError> {
    Ok(if is_open(cx, channel)? { cx.core.conversations.get(channel).cloned() } else { None })
}

/// Whether there is such a conversation; then its row is at hand.
fn is_open(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<bool, StoreError> {
    if cx.core.conversations.contains_key(channel) {
        return Ok(true);
    }
    let stored = read(&mut *cx.tx, channel)?;
    let is_open = stored.is_some();
    if let Some(conversation) = stored {
        cx.core.conversations.insert(channel.clone(), conversation);
    }
    Ok(is_open)
}

fn read(tx: &mut dyn StoreTx, channel: &ChannelId) -> Result<Option<Conversation>, StoreError> {
    Ok(tx.conversation(channel)?.map(|stored| Conversation { last_message: None, ..stored }))
}

/// The channel's log was recreated and holds up to here: what was read or written beyond is not there any more.
fn lower(cx: &mut Cx<'_>, channel: &ChannelId, holds: MessageSeq) -> Result<(), StoreError> {
    if !is_open(cx, channel)? {
        return Ok(());
    }
    change(cx, channel, |conversation| {
        for seq in [&mut conversation.last_seq, &mut conversation.read_to, &mut conversation.own_seq] {
            *seq = (*seq).min(holds);
        }
        conversation.deleted_to = conversation.deleted_to.map(|seq| seq.min(holds));
    })
    .map(drop)
}

/// Raises what a conversation says of itself.
pub(super) fn raise(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    last_seq: MessageSeq,
    read_to: MessageSeq,
    timestamp: wk_store::model::UnixMillis,
) -> Result<(), StoreError> {
    change(cx, channel, |conversation| {
        conversation.last_seq = conversation.last_seq.max(last_seq);
        conversation.read_to = conversation.read_to.max(read_to);
        conversation.timestamp = conversation.timestamp.max(timestamp);
    })
    .map(drop)
}
