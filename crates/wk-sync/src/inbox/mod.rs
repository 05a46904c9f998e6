//! What the server pushes: decrypted, written down once, and acknowledged after that.

pub(crate) mod names;

use bytes::Bytes;
use wk_store::StoreError;
use wk_store::model::proto::{Flags, Recv, Recvack};
use wk_store::model::{ChannelId, ContentType, Message, MessageHeader, SeqRange, Uid, UnixMillis};

use crate::command::Commands;
use crate::conversation::{self, How};
use crate::engine::Cx;
use crate::event::Origin;
use crate::record::{self, Fact, is_possible, sender};
use crate::session::Online;
use crate::stream::{self, Streams};

/// Handles a RECV. The RECVACK and the events leave after the commit of what they are about.
pub(crate) fn recv(
    cx: &mut Cx<'_>,
    commands: &mut Commands,
    online: &Online,
    recv: &Recv<'_>,
) -> Result<(), StoreError> {
    let command_log = recv.channel_id.as_bytes().ends_with(ChannelId::COMMAND_SUFFIX.as_bytes());
    let mut message = read(online, recv, &cx.core.config.uid);
    if message.header.sync_once || command_log {
        // Its seq may count in the command log (docs/servers.md T57): it says nothing about this one.
        let log = command_log.then(|| {
            let log = ChannelId::new(&*recv.channel_id.to_string_lossy(), recv.channel_type);
            (log, recv.message_seq)
        });
        message.header.no_persist |= recv.message_seq.is_zero();
        commands.received(cx, &message, log)?;
    } else if recv.message_seq.is_zero() {
        transient(cx, commands, message)?;
    } else if is_possible(recv.message_seq) {
        // One that was sent like a message has a place in the history, where it says nothing, and is told now.
        let command = (message.content_type == ContentType::COMMAND).then(|| message.clone());
        let (channel, seq, is_whole) =
            (message.channel.clone(), recv.message_seq, !message.payload.is_empty());
        record::notice_new_log(cx, &channel, seq, recv.message_id)?;
        let is_open = online.version.has_wide_seq() && stream::may_be_written(&message);
        let written = is_open.then(|| message.clone());
        conversation::take_in_message(cx, message, How::Told(Origin::Live))?;
        if let Some(message) = written {
            Streams::begins(cx, &message)?;
        }
        if is_whole {
            let tail = cx.cover(&channel, SeqRange::single(seq))?;
            if !tail.is_zero() && tail.next().is_some_and(|next| next < seq) {
                cx.core.left_out.push((channel, tail));
            }
        } else {
            // Not all that the server can tell: a pull brings it.
            cx.core.logs.raise_tail(&mut *cx.tx, &channel, seq)?;
        }
        if let Some(command) = command {
            commands.received(cx, &command, None)?;
        }
    }
    // Servers look at two flags of the RECV when they take its acknowledgement (docs/servers.md T17).
    cx.core.out.push_ack(online.link, online.version, Recvack::of(recv));
    Ok(())
}

/// A message that nobody stores, so neither do we.
fn transient(cx: &mut Cx<'_>, commands: &mut Commands, mut message: Message) -> Result<(), StoreError> {
    if message.content_type == ContentType::COMMAND {
        message.header.no_persist = true;
        return commands.received(cx, &message, None).map(drop);
    }
    if message.is_visible() {
        cx.core.out.push_message(message, Origin::Live);
    }
    Ok(())
}

fn read(online: &Online, recv: &Recv<'_>, reader: &Uid) -> Message {
    let from_uid = sender(Uid::from(&*recv.from_uid.to_string_lossy()));
    let fact = Fact {
        channel: names::read(&recv.channel_id.to_string_lossy(), recv.channel_type, &from_uid, reader),
        message_id: recv.message_id,
        message_seq: recv.message_seq,
        client_msg_no: (&*recv.client_msg_no.to_string_lossy()).into(),
        timestamp: UnixMillis::from_secs(recv.timestamp.into()),
        header: MessageHeader {
            no_persist: recv.flags.contains(Flags::NO_PERSIST),
            red_dot: recv.flags.contains(Flags::RED_DOT),
            sync_once: recv.flags.contains(Flags::SYNC_ONCE),
        },
        setting: recv.setting,
        topic: recv.topic.to_string_lossy().into_owned(),
        expire: recv.expire,
        payload: open(online, recv, &from_uid),
        from_uid,
    };
    fact.into_message(reader)
}

/// The plain payload. One that cannot be decrypted becomes an empty one, which reads as a format error: the message
/// keeps its place, is acknowledged like any other, and heals when the next page at that place pulls it.
fn open(online: &Online, recv: &Recv<'_>, from_uid: &Uid) -> Bytes {
    let cipher = match &online.cipher {
        Some(cipher) if recv.is_encrypted() => cipher,
        _ => return Bytes::copy_from_slice(recv.payload),
    };
    match cipher.open_recv(recv) {
        Ok(plain) => plain.into(),
        Err(error) => {
            tracing::warn!(%error, %from_uid, id = recv.message_id.get(), "a message cannot be decrypted");
            Bytes::new()
        }
    }
}
