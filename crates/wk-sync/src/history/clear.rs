//! Clearing a channel here: its messages go, and no later answer brings them back.

use wk_store::StoreError;
use wk_store::model::{ChannelId, MessageSeq, UnixMillis};

use crate::engine::{Cx, Reply, Ticket};
use crate::event::Event;
use crate::extras::Extras;

/// Removes the messages of a channel up to a seq, or all that are known, and the local ones among them.
pub(crate) fn clear(
    cx: &mut Cx<'_>,
    extras: &mut Extras,
    ticket: Ticket,
    channel: ChannelId,
    up_to: Option<MessageSeq>,
) -> Result<(), StoreError> {
    if let Err(error) = channel.check() {
        cx.reply(ticket, Reply::Done(Err(error.into())));
        return Ok(());
    }
    let tail = cx.core.logs.get(&mut *cx.tx, &channel)?.tail;
    // What is not there yet is not cleared.
    let up_to = up_to.map_or(tail, |seq| seq.min(tail));
    let time = time_of(cx, &channel, up_to, tail)?;
    extras.keep_edits(cx, &channel, up_to)?;
    cx.tx.remove_messages_to(&channel, up_to)?;
    cx.core.logs.clear_to(&mut *cx.tx, &channel, up_to, time)?;
    cx.reply(ticket, Reply::Done(Ok(())));
    cx.conversation_changed(&channel);
    cx.emit(Event::Cleared { channel, up_to });
    Ok(())
}

/// When the server took the newest message that is cleared: one of a later time below it is of a new log. The list knows
/// the time of a newest message that was never pulled.
fn time_of(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    seq: MessageSeq,
    tail: MessageSeq,
) -> Result<UnixMillis, StoreError> {
    if let Some(row) = cx.tx.message_by_seq(channel, seq)? {
        return Ok(row.message_id.unix_ms().map(UnixMillis::new).unwrap_or_default());
    }
    let listed = if seq == tail { cx.tx.conversation(channel)? } else { None };
    Ok(listed.map(|conversation| conversation.timestamp).unwrap_or_default())
}
