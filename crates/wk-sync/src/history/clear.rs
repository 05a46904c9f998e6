//! Clearing a channel here: its messages go, and no later answer brings them back.

use wk_store::StoreError;
use wk_store::model::{ChannelId, MessageSeq};

use crate::engine::{Cx, Reply, Ticket};
use crate::event::Event;

/// Removes the messages of a channel up to a seq, or all that are known, and the local ones among them.
pub(crate) fn clear(
    cx: &mut Cx<'_>,
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
    cx.tx.remove_messages_to(&channel, up_to)?;
    cx.core.logs.clear_to(&mut *cx.tx, &channel, up_to)?;
    cx.reply(ticket, Reply::Done(Ok(())));
    cx.conversation_changed(&channel);
    cx.emit(Event::Cleared { channel, up_to });
    Ok(())
}
