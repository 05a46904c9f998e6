//! Reading a conversation, and telling the server how far.

use wk_store::StoreError;
use wk_store::model::{ChannelId, ChannelType, MessageSeq};

use crate::conversation::mention;
use crate::conversation::merge::{change, load};
use crate::engine::jobs::Purpose;
use crate::engine::{Cx, Question, Reply, Ticket};
use crate::error::QueryError;
use crate::source::{SourceError, UnreadRequest};

/// The user has read all but `unread` messages. Like the servers, this never makes more messages unread
/// (docs/servers.md T43).
pub(crate) fn mark_read(
    cx: &mut Cx<'_>,
    ticket: Ticket,
    channel: &ChannelId,
    unread: u32,
) -> Result<(), StoreError> {
    let Some(known) = load(cx, channel)? else {
        cx.reply(ticket, Reply::Done(Err(QueryError::NoConversation)));
        return Ok(());
    };
    let read_to = MessageSeq::new(known.last_seq.get().saturating_sub(unread.into()));
    if read_to > known.read_to {
        change(cx, channel, |conversation| {
            conversation.read_to = read_to;
            conversation.read_unsent = true;
        })?;
        mention::read(cx, channel, read_to)?;
        tell(cx, channel)?;
    }
    cx.reply(ticket, Reply::Done(Ok(())));
    Ok(())
}

/// Another device of the user read all but `unread` messages, and told the server.
pub(crate) fn read_elsewhere(cx: &mut Cx<'_>, channel: &ChannelId, unread: u64) -> Result<(), StoreError> {
    let Some(known) = load(cx, channel)? else { return Ok(()) };
    let read_to = MessageSeq::new(known.last_seq.get().saturating_sub(unread));
    change(cx, channel, |conversation| conversation.read_to = conversation.read_to.max(read_to))?;
    mention::read(cx, channel, read_to)
}

/// Tells the server everything that it was not told while there was no connection, once the sync of the new one is
/// done: the server counts the unread messages down from its newest, so that one must be known first.
pub(crate) fn tell_read_positions(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    for conversation in cx.tx.conversations_with_read_unsent()? {
        tell(cx, &conversation.channel)?;
    }
    Ok(())
}

/// The server was told, or not; what was not said is said again in the next session.
pub(crate) fn read_position_told(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    told: MessageSeq,
    session: Option<u64>,
    result: Result<(), SourceError>,
) -> Result<(), StoreError> {
    match result {
        // v3 knows a person's channel up to a second after its first message (docs/servers.md T65), and does not say so.
        Err(SourceError::Refused { status: 400, .. }) if channel.channel_type() == ChannelType::PERSON => {
            return Ok(());
        }
        // Another refusal will not change; a source without this has nobody to tell.
        Ok(()) | Err(SourceError::NotSupported | SourceError::Refused { .. }) => {}
        Err(error) => {
            tracing::warn!(%error, ?channel, "the server was not told how far a conversation is read");
            // When this session began, the answer to an older one's attempt was still awaited.
            return if session == cx.core.online { Ok(()) } else { tell(cx, channel) };
        }
    }
    match load(cx, channel)? {
        Some(conversation) if conversation.read_to == told => {
            change(cx, channel, |conversation| conversation.read_unsent = false).map(drop)
        }
        Some(_) => tell(cx, channel),
        None => Ok(()),
    }
}

fn tell(cx: &mut Cx<'_>, channel: &ChannelId) -> Result<(), StoreError> {
    let under_way =
        |purpose: &Purpose| matches!(purpose, Purpose::SetUnread { channel: other, .. } if other == channel);
    let synced = cx.core.online.is_some() && cx.core.synced == cx.core.online;
    if !synced || cx.core.jobs.any(under_way) {
        return Ok(());
    }
    let Some(conversation) = load(cx, channel)? else { return Ok(()) };
    let unread = u32::try_from(conversation.unread()).unwrap_or(u32::MAX);
    let (uid, last_seq) = (cx.core.config.uid.clone(), conversation.last_seq);
    let request = UnreadRequest { uid, channel: channel.clone(), unread, last_seq };
    let purpose = Purpose::SetUnread {
        channel: channel.clone(),
        read_to: conversation.read_to,
        session: cx.core.online,
    };
    cx.ask(purpose, Question::SetUnread(request));
    Ok(())
}
