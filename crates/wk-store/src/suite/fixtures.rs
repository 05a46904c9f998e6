//! The people, channels and messages of the suite.

use bytes::Bytes;
use wk_model::{
    ChannelId, ClientMsgNo, ClientSeq, ContentType, Conversation, Direction, Message, MessageHeader,
    MessageId, MessageSeq, MessageStatus, Ordering, OutboxEntry, OutboxState, Position, Setting, Uid,
    UnixMillis, Visibility, text_payload,
};

use crate::{Insert, MessageScan, Store, StoreRead, StoreTx};

pub(super) fn group() -> ChannelId {
    ChannelId::group("g")
}

pub(super) fn seq(seq: u64) -> MessageSeq {
    MessageSeq::new(seq)
}

pub(super) fn at(seq: u64, index: u32) -> Position {
    Position { seq: MessageSeq::new(seq), index }
}

/// A message from bob: sent, visible, with an id and a number that no other (channel, seq) has.
pub(super) fn server_message(channel: &ChannelId, seq: u64) -> Message {
    let salt: i64 = channel.id().bytes().map(i64::from).sum();
    Message {
        client_seq: ClientSeq::NONE,
        message_id: MessageId::new(salt * 1_000_000 + seq as i64),
        position: at(seq, 0),
        client_msg_no: ClientMsgNo::from(format!("{}-{seq}", channel.id())),
        channel: channel.clone(),
        from_uid: Uid::new("bob"),
        timestamp: UnixMillis::from_secs(1_700_000_000 + seq as i64),
        header: MessageHeader::default(),
        setting: Setting::EMPTY,
        topic: String::new(),
        expire: 0,
        content_type: ContentType::TEXT,
        payload: text_payload(&format!("message {seq}")),
        status: MessageStatus::Sent,
        reason_code: None,
        visibility: Visibility::Visible,
    }
}

/// A message from alice that no server has seen.
pub(super) fn local_message(channel: &ChannelId, behind: u64, index: u32) -> Message {
    Message {
        message_id: MessageId::ZERO,
        position: at(behind, index),
        client_msg_no: ClientMsgNo::from(format!("{}-{behind}+{index}", channel.id())),
        from_uid: Uid::new("alice"),
        payload: Bytes::from_static(b"{\"type\":1,\"content\":\"local\"}"),
        status: MessageStatus::Sending,
        ..server_message(channel, behind)
    }
}

pub(super) fn hidden(message: Message) -> Message {
    Message { visibility: Visibility::Hidden, ..message }
}

pub(super) fn conversation(channel: &ChannelId, seconds: i64) -> Conversation {
    Conversation { timestamp: UnixMillis::from_secs(seconds), ..Conversation::new(channel.clone()) }
}

pub(super) fn entry(client_seq: i64) -> OutboxEntry {
    OutboxEntry {
        client_seq: ClientSeq::new(client_seq),
        channel: group(),
        state: OutboxState::Ready,
        ordering: Ordering::InOrder,
        queued_at: UnixMillis::from_secs(1_700_000_000),
        failures: 0,
    }
}

/// Runs a transaction and commits it.
pub(super) fn write<R>(store: &mut dyn Store, work: impl FnOnce(&mut dyn StoreTx) -> R) -> R {
    let mut tx = store.begin().unwrap();
    let result = work(&mut *tx);
    tx.commit().unwrap();
    result
}

/// Runs a transaction and drops it.
pub(super) fn write_and_drop(store: &mut dyn Store, work: impl FnOnce(&mut dyn StoreTx)) {
    work(&mut *store.begin().unwrap());
}

/// Inserts what must not clash; gives it as it is stored.
pub(super) fn insert(tx: &mut dyn StoreTx, message: &Message) -> Message {
    match tx.insert_message(message).unwrap() {
        Insert::Inserted(client_seq) => Message { client_seq, ..message.clone() },
        Insert::Clash(row) => panic!("{message:?} clashes with {row:?}"),
    }
}

/// Inserts in one transaction what must not clash; gives it as it is stored.
pub(super) fn insert_all(store: &mut dyn Store, messages: &[Message]) -> Vec<Message> {
    write(store, |tx| messages.iter().map(|message| insert(tx, message)).collect())
}

/// The scan of a whole channel upwards.
pub(super) fn everything(channel: &ChannelId) -> MessageScan<'_> {
    MessageScan {
        channel,
        from: Position::MIN,
        to: Position::MAX,
        direction: Direction::Newer,
        limit: u32::MAX,
        visible_only: false,
    }
}

/// All messages of a channel, ascending.
pub(super) fn rows(read: &mut (impl StoreRead + ?Sized), channel: &ChannelId) -> Vec<Message> {
    read.scan_messages(&everything(channel)).unwrap()
}
