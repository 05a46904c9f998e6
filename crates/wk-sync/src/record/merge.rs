//! One row per message, whatever said it and in whatever order.

use wk_store::model::{
    ClientSeq, Message, MessageId, MessageSeq, MessageStatus, Position, ReasonCode, Visibility,
};
use wk_store::{Insert, StoreError};

use crate::engine::Cx;
use crate::event::Event;
use crate::record::Fact;
use crate::record::fact::{is_unreadable, server_time};

/// What writing a fact down did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Recorded {
    /// The message was not known.
    New(Message),
    /// A row that was known says more now, or stands elsewhere.
    Changed(Message),
    /// Nothing new.
    Known,
}

/// Writes down a stored message (`message_seq` ≥ 1). Coverage and conversation are the caller's.
pub(crate) fn record(cx: &mut Cx<'_>, fact: Fact) -> Result<Recorded, StoreError> {
    let mut message = fact.into_message(&cx.core.config.uid);
    // Two clashes can be cleared out of the way (the seq, then another row's seq); a third cannot come.
    for _ in 0..3 {
        match cx.tx.insert_message(&message)? {
            Insert::Inserted(client_seq) => {
                message.client_seq = client_seq;
                return Ok(Recorded::New(message));
            }
            Insert::Clash(known)
                if !message.message_id.is_zero() && known.message_id == message.message_id =>
            {
                return join(cx, known, &message);
            }
            Insert::Clash(known) if same_number(&known, &message) => {
                return take_copy(cx, known, &message);
            }
            Insert::Clash(known) => log_was_recreated(cx, &known)?,
        }
    }
    Err(StoreError::Duplicate(message.client_seq))
}

/// The server accepted an own message. Returns the row if that changed it.
pub(crate) fn settle_own(
    cx: &mut Cx<'_>,
    client_seq: ClientSeq,
    id: MessageId,
    seq: MessageSeq,
) -> Result<Option<Message>, StoreError> {
    let Some(row) = cx.tx.message(client_seq)? else { return Ok(None) };
    let copy = Message {
        message_id: id,
        position: if seq.is_zero() { row.position } else { Position::server(seq) },
        timestamp: server_time(id, row.timestamp),
        ..row.clone()
    };
    match take_copy(cx, row, &copy)? {
        Recorded::Changed(message) | Recorded::New(message) => Ok(Some(message)),
        Recorded::Known => Ok(None),
    }
}

fn same_number(known: &Message, message: &Message) -> bool {
    !message.client_msg_no.is_empty()
        && known.client_msg_no == message.client_msg_no
        && known.from_uid == message.from_uid
        && known.channel == message.channel
}

/// The same message said twice: what one saying lacks, the other may have (docs/servers.md T44).
fn join(cx: &mut Cx<'_>, known: Message, message: &Message) -> Result<Recorded, StoreError> {
    let mut row = known.clone();
    row.header.red_dot |= message.header.red_dot;
    row.header.sync_once |= message.header.sync_once;
    row.header.no_persist |= message.header.no_persist;
    row.setting = row.setting.with(message.setting);
    row.expire = row.expire.max(message.expire);
    row.timestamp = row.timestamp.min(message.timestamp);
    if row.topic.is_empty() {
        row.topic.clone_from(&message.topic);
    }
    if row.position.is_local() {
        row.position = message.position;
    }
    let healed = is_unreadable(&row) && !is_unreadable(message);
    if healed {
        row.content_type = message.content_type;
        row.payload = message.payload.clone();
        if row.visibility != Visibility::Deleted {
            row.visibility = message.visibility;
        }
    }
    if row == known {
        return Ok(Recorded::Known);
    }
    cx.tx.update_message(&row)?;
    Ok(if healed { Recorded::Changed(row) } else { Recorded::Known })
}

/// A sender's number names one message. A second copy under another id came from a resend; the lower seq is the
/// message, the other stays covered without a row. Our own unsent row has no seq yet and takes the copy's.
fn take_copy(cx: &mut Cx<'_>, known: Message, copy: &Message) -> Result<Recorded, StoreError> {
    if !known.position.is_local() && known.position <= copy.position {
        return Ok(Recorded::Known);
    }
    clear_the_place(cx, &known, copy)?;
    let own = known.from_uid == cx.core.config.uid;
    let mut row =
        Message { message_id: copy.message_id, position: copy.position, timestamp: copy.timestamp, ..known };
    row.header.red_dot |= copy.header.red_dot;
    if own {
        row.status = MessageStatus::Sent;
        row.reason_code = Some(ReasonCode::SUCCESS);
        if cx.tx.remove_outbox(row.client_seq)? {
            cx.core.settled.push((row.channel.clone(), row.client_seq));
        }
    } else {
        row.payload = copy.payload.clone();
        row.content_type = copy.content_type;
        row.visibility = copy.visibility;
    }
    cx.tx.update_message(&row)?;
    Ok(Recorded::Changed(row))
}

/// Makes room for `known` at the place of `copy`.
fn clear_the_place(cx: &mut Cx<'_>, known: &Message, copy: &Message) -> Result<(), StoreError> {
    // The same message under an id but without our number: the row with the number is the better one.
    if let Some(other) = cx.tx.message_by_id(copy.message_id)?
        && other.client_seq != known.client_seq
    {
        cx.tx.remove_message(other.client_seq)?;
    }
    if copy.position.is_local() {
        return Ok(());
    }
    match cx.tx.message_by_seq(&copy.channel, copy.position.seq)? {
        Some(other) if other.client_seq != known.client_seq => log_was_recreated(cx, &other),
        _ => Ok(()),
    }
}

/// Another message stands at a seq: the server lost its log and counts again. What was known from there on is void.
fn log_was_recreated(cx: &mut Cx<'_>, stale: &Message) -> Result<(), StoreError> {
    let seq = stale.position.seq;
    tracing::warn!(channel = ?stale.channel, %seq, "the server's log was recreated");
    cx.tx.remove_messages_from(&stale.channel, seq)?;
    cx.core.logs.forget_from(&mut *cx.tx, &stale.channel, seq)?;
    cx.emit(Event::ChannelReset(stale.channel.clone()));
    Ok(())
}
