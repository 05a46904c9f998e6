//! One row per message, whatever said it and in whatever order.

use bytes::Bytes;
use wk_store::model::{
    ChannelId, ClientMsgNo, ClientSeq, ContentType, Message, MessageHeader, MessageId, MessageSeq,
    MessageStatus, Position, ReasonCode, Setting, Visibility,
};
use wk_store::{Insert, StoreError};

use crate::engine::Cx;
use crate::event::Event;
use crate::record::fact::server_time;
use crate::record::place::move_behind_tail;

/// What a message says whose time is over: nothing, which no later copy of it can fill in.
const ASHES: &[u8] = b"{}";

/// How far the times of two messages of one log may be apart in the wrong order (docs/servers.md T67).
const DISORDER_MS: i64 = 10_000;

/// What writing a fact down did.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Recorded {
    /// The message was not known; what was said of it has its row's number now.
    New,
    /// A row that was known says more now, or stands elsewhere.
    Changed(Message),
    /// Nothing new.
    Known,
}

/// Writes down what was said of a stored message (its seq is 1 or more). Coverage and conversation are the caller's.
pub(crate) fn record(cx: &mut Cx<'_>, said: &mut Message) -> Result<Recorded, StoreError> {
    if said.message_seq() <= cx.core.logs.get(&mut *cx.tx, &said.channel)?.cleared_to {
        return Ok(Recorded::Known);
    }
    // Two clashes can be cleared out of the way (the seq, then another row's seq); a third cannot come.
    for _ in 0..3 {
        match cx.tx.insert_message(said)? {
            Insert::Inserted(client_seq) => {
                said.client_seq = client_seq;
                return Ok(Recorded::New);
            }
            Insert::Clash(known) if !said.message_id.is_zero() && known.message_id == said.message_id => {
                return join(cx, known, said);
            }
            Insert::Clash(known) if same_number(&known, said) => return take_copy(cx, known, said),
            Insert::Clash(known) => log_was_recreated(cx, &known.channel, known.position.seq)?,
        }
    }
    Err(StoreError::Duplicate(said.client_seq))
}

/// The server accepted an own message, whose row this is. Returns what it said of it, and what writing that down did.
pub(crate) fn settle_own(
    cx: &mut Cx<'_>,
    row: Message,
    id: MessageId,
    seq: MessageSeq,
) -> Result<(Message, Recorded), StoreError> {
    if !seq.is_zero() && seq <= cx.core.logs.get(&mut *cx.tx, &row.channel)?.cleared_to {
        // It was written after the channel was cleared.
        log_was_recreated(cx, &row.channel, seq)?;
    }
    let said = Message {
        message_id: id,
        position: if seq.is_zero() { row.position } else { Position::server(seq) },
        // The message may have waited for days: its own time tells nothing of the id.
        timestamp: server_time(id, cx.server_now()),
        ..row.clone()
    };
    // Where it stands without a seq is known already, if anything is.
    let stands = seq.is_zero() && !row.position.is_local();
    let recorded = if stands { Recorded::Known } else { take_copy(cx, row, &said)? };
    Ok((said, recorded))
}

fn same_number(known: &Message, message: &Message) -> bool {
    !message.client_msg_no.is_empty()
        && known.client_msg_no == message.client_msg_no
        && known.from_uid == message.from_uid
        && known.channel == message.channel
}

/// The same message said twice: what one saying lacks, the other may have (docs/servers.md T44).
fn join(cx: &mut Cx<'_>, known: Message, message: &Message) -> Result<Recorded, StoreError> {
    if is_place(&known) {
        return Ok(Recorded::Known);
    }
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
    let moved = row.position.is_local() && !message.position.is_local();
    if moved {
        clear_the_place(cx, &row, message)?;
        row.position = message.position;
    }
    let healed = row.payload.is_empty() && !message.payload.is_empty();
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
    cx.core.note_end(&row);
    Ok(if healed || moved { Recorded::Changed(row) } else { Recorded::Known })
}

/// A sender's number names one message. A second copy under another id came from a resend; the lower seq is the
/// message, of the other only the place is kept. Our own unsent row has no seq yet and takes the copy's.
fn take_copy(cx: &mut Cx<'_>, known: Message, copy: &Message) -> Result<Recorded, StoreError> {
    if !known.position.is_local() && known.position <= copy.position {
        keep_place(cx, copy)?;
        return Ok(Recorded::Known);
    }
    let left = (!known.position.is_local()).then(|| known.clone());
    clear_the_place(cx, &known, copy)?;
    let (is_burnt, was_deleted) = (is_place(&known), known.visibility == Visibility::Deleted);
    let sent_here = known.position.is_local() || known.reason_code.is_some();
    let mut row = if sent_here {
        // What was sent is known best where it was sent.
        if cx.tx.remove_outbox(known.client_seq)? {
            cx.core.settled.push((known.channel.clone(), known.client_seq));
        }
        Message {
            message_id: copy.message_id,
            position: copy.position,
            timestamp: copy.timestamp,
            status: MessageStatus::Sent,
            reason_code: Some(ReasonCode::SUCCESS),
            ..known
        }
    } else {
        Message { client_seq: known.client_seq, ..copy.clone() }
    };
    if is_burnt {
        row = ashes(&row);
    } else if was_deleted {
        row.visibility = Visibility::Deleted;
    }
    // The first copy is the older one, and its life ends before that of the copy that was known.
    cx.core.note_end(&row);
    match cx.tx.update_message(&row) {
        // It went with the log that was recreated.
        Err(StoreError::NoSuchMessage(_)) => {
            if let Insert::Inserted(client_seq) = cx.tx.insert_message(&row)? {
                row.client_seq = client_seq;
                return Ok(Recorded::Changed(row));
            }
        }
        updated => updated?,
    }
    if let Some(left) = left {
        keep_place(cx, &left)?;
    }
    Ok(Recorded::Changed(row))
}

/// Only the place of a copy, or of a message whose time is over: an unreadable message is shown.
pub(crate) fn is_place(row: &Message) -> bool {
    row.payload.is_empty() && row.visibility != Visibility::Visible
        || row.payload == ASHES && row.visibility == Visibility::Deleted
}

/// What is left of a message whose time is over: its words go, its row stays to prove what stands at its seq.
pub(crate) fn ashes(message: &Message) -> Message {
    let payload = Bytes::from_static(ASHES);
    Message { payload, expire: 0, visibility: Visibility::Deleted, ..message.clone() }
}

/// Keeps the place of a copy, which is shown to nobody: if another message ever stands there, the log is a new one.
fn keep_place(cx: &mut Cx<'_>, copy: &Message) -> Result<(), StoreError> {
    if copy.position.is_local() {
        return Ok(());
    }
    let place = Message {
        client_seq: ClientSeq::NONE,
        message_id: copy.message_id,
        position: copy.position,
        client_msg_no: ClientMsgNo::new(""),
        channel: copy.channel.clone(),
        from_uid: copy.from_uid.clone(),
        timestamp: copy.timestamp,
        header: MessageHeader::default(),
        setting: Setting::default(),
        topic: String::new(),
        expire: 0,
        content_type: ContentType::FORMAT_ERROR,
        payload: Bytes::new(),
        status: MessageStatus::Sent,
        reason_code: None,
        visibility: Visibility::Hidden,
    };
    match cx.tx.insert_message(&place)? {
        Insert::Clash(known) if known.message_id != copy.message_id => {
            log_was_recreated(cx, &known.channel, known.position.seq)?;
            cx.tx.insert_message(&place).map(drop)
        }
        _ => Ok(()),
    }
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
        Some(other) if other.client_seq != known.client_seq => {
            log_was_recreated(cx, &other.channel, other.position.seq)
        }
        _ => Ok(()),
    }
}

/// The newest message of an answer, or one that was pushed, may stand below what is known and be younger: then the server
/// lost its log and counts again, and has not come to the known seqs yet. Without this its messages would stand among old
/// ones, where nobody looks.
pub(crate) fn notice_new_log(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    seq: MessageSeq,
    id: MessageId,
) -> Result<(), StoreError> {
    let log = cx.core.logs.get(&mut *cx.tx, channel)?;
    let (tail, cleared) = (log.tail, log.cleared_at.get());
    if seq >= tail {
        return Ok(());
    }
    let newest = match cx.tx.message_by_seq(channel, tail)? {
        Some(newest) => newest.message_id.unix_ms(),
        None if tail <= log.cleared_to && cleared > 0 => Some(cleared),
        None => None,
    };
    let times = newest.zip(id.unix_ms());
    match (times, seq.next()) {
        (Some((newest, this)), Some(next)) if this > newest + DISORDER_MS => {
            log_was_recreated(cx, channel, next)
        }
        _ => Ok(()),
    }
}

/// Another message stands at a seq, or none any more: the server lost its log and counts again. What was known from there
/// on is void.
fn log_was_recreated(cx: &mut Cx<'_>, channel: &ChannelId, from: MessageSeq) -> Result<(), StoreError> {
    tracing::warn!(?channel, %from, "the server's log was recreated");
    let removed = cx.tx.remove_messages_from(channel, from)?;
    cx.core.logs.forget_from(&mut *cx.tx, channel, from)?;
    cx.core.recreated.push((channel.clone(), from.prev().unwrap_or(MessageSeq::ZERO)));
    let moved = move_behind_tail(cx, channel)?;
    if removed > 0 || moved {
        cx.emit(Event::ChannelReset(channel.clone()));
    }
    Ok(())
}
