//! Taking a conversation out of the list until something newer comes.

use wk_store::StoreError;
use wk_store::model::{ChannelId, MessageSeq};

use crate::conversation::merge::{change, load};
use crate::engine::Cx;

/// Hides a conversation. Its messages stay, and what it has counts as read. Says up to where; nothing where there is no
/// such conversation. A message that is newer brings it back, an older one that comes late does not.
pub(crate) fn hide(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<Option<MessageSeq>, StoreError> {
    let Some(known) = load(cx, channel)? else { return Ok(None) };
    hide_to(cx, channel, known.last_seq)?;
    Ok(Some(known.last_seq))
}

/// Hides a conversation unless it has something newer than this.
pub(super) fn hide_to(cx: &mut Cx<'_>, channel: &ChannelId, up_to: MessageSeq) -> Result<(), StoreError> {
    change(cx, channel, |conversation| {
        conversation.deleted_to = conversation.deleted_to.max(Some(up_to));
    })
    .map(drop)
}
