//! Where local messages stand: behind all that is known of their channel.

use wk_store::model::{ChannelId, Direction, MessageSeq, Position};
use wk_store::{MessageScan, StoreError};

use crate::engine::Cx;

/// Behind a seq, and behind the local messages that stand there.
pub(crate) fn place_behind(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    seq: MessageSeq,
) -> Result<Position, StoreError> {
    let last = cx.tx.scan_messages(&MessageScan {
        channel,
        from: Position { seq, index: 1 },
        to: Position::last_behind(seq),
        direction: Direction::Older,
        limit: 1,
        visible_only: false,
    })?;
    let last = last.first().map_or(0, |message| message.position.index);
    let index =
        last.checked_add(1).ok_or(StoreError::OutOfRange { what: "local index", value: last.into() })?;
    Ok(Position { seq, index })
}

/// Brings the local messages that were written behind a lost log to the end of what is left, in their order: among the
/// messages of the new log they would stand wherever it comes to their old place. Says whether there were any.
pub(super) fn move_behind_tail(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<bool, StoreError> {
    let tail = cx.core.logs.get(&mut *cx.tx, channel)?.tail;
    let beyond = cx.tx.scan_messages(&MessageScan {
        channel,
        from: Position::last_behind(tail).next(),
        to: Position::MAX,
        direction: Direction::Newer,
        limit: u32::MAX,
        visible_only: false,
    })?;
    let mut place = place_behind(cx, channel, tail)?;
    let mut moved = false;
    for mut message in beyond {
        message.position = place;
        cx.tx.update_message(&message)?;
        place = place.next();
        moved = true;
    }
    Ok(moved)
}
