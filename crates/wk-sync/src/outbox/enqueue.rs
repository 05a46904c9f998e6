//! Taking a message from the application: checked, numbered, placed and stored.

use wk_store::model::{
    ClientMsgNo, ClientSeq, Message, MessageId, MessageStatus, NewMessage, OutboxEntry, OutboxState,
    PayloadHead, Setting, Visibility,
};
use wk_store::{Insert, StoreError};

use crate::conversation;
use crate::engine::{Cx, Reply, Ticket};
use crate::error::SendError;
use crate::event::Event;
use crate::inbox::names;
use crate::outbox::Outbox;
use crate::record;

impl Outbox {
    /// Stores a message and its outbox row in one transaction; it is sent when the session and its channel allow.
    pub(crate) fn send(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        mut new: NewMessage,
    ) -> Result<(), StoreError> {
        new.channel = names::full(new.channel, &cx.core.config.uid);
        if let Err(error) = check(cx, &new) {
            cx.reply(ticket, Reply::Stored(Err(error)));
            return Ok(());
        }
        let ordering = new.ordering;
        let state = if new.needs_upload { OutboxState::Uploading } else { OutboxState::Ready };
        let message = store(cx, new)?;
        let entry = OutboxEntry {
            client_seq: message.client_seq,
            channel: message.channel.clone(),
            state,
            ordering,
            queued_at: message.timestamp,
            failures: 0,
        };
        self.enqueue(&entry);
        conversation::touch(cx, &message, true)?;
        cx.reply(ticket, Reply::Stored(Ok(message.clone())));
        cx.emit(Event::Inserted(message));
        Ok(())
    }

    /// Takes an entry in; it is written down at the end of the input.
    pub(super) fn enqueue(&mut self, entry: &OutboxEntry) {
        if entry.state == OutboxState::Uploading {
            self.uploads.begin(&entry.channel, entry.client_seq);
        }
        self.expiries.watch(&entry.channel, entry.client_seq, entry.queued_at);
        self.queue.push(entry);
        self.fresh.insert(entry.client_seq, entry.channel.clone());
    }
}

fn check(cx: &Cx<'_>, new: &NewMessage) -> Result<(), SendError> {
    const WIRE_LIMIT: usize = wk_store::model::proto::WireStr::MAX_LEN;
    let config = &cx.core.config;
    new.channel.check_send(&config.uid)?;
    match new.payload.len() {
        0 => return Err(SendError::EmptyPayload),
        len if len > config.max_payload => {
            return Err(SendError::PayloadTooLarge { len, limit: config.max_payload });
        }
        _ => {}
    }
    if new.topic.len() > WIRE_LIMIT {
        return Err(SendError::TopicTooLong { len: new.topic.len(), limit: WIRE_LIMIT });
    }
    Ok(())
}

fn store(cx: &mut Cx<'_>, new: NewMessage) -> Result<Message, StoreError> {
    let head = PayloadHead::read(&new.payload);
    let tail = cx.core.logs.get(&mut *cx.tx, &new.channel)?.tail;
    let topic = if new.topic.is_empty() { Setting::EMPTY } else { Setting::TOPIC };
    let receipt = if new.receipt { Setting::RECEIPT } else { Setting::EMPTY };
    // Behind everything that is known of the channel now.
    let position = record::place_behind(cx, &new.channel, tail)?;
    let mut message = Message {
        client_seq: ClientSeq::NONE,
        message_id: MessageId::ZERO,
        position,
        client_msg_no: ClientMsgNo::from(cx.core.random_name()),
        channel: new.channel,
        from_uid: cx.core.config.uid.clone(),
        timestamp: cx.server_now(),
        header: new.header,
        setting: topic.with(receipt),
        topic: new.topic,
        expire: new.expire,
        content_type: head.content_type,
        payload: new.payload,
        status: MessageStatus::Sending,
        reason_code: None,
        visibility: if head.content_type.is_listed() { Visibility::Visible } else { Visibility::Hidden },
    };
    match cx.tx.insert_message(&message)? {
        Insert::Inserted(client_seq) => message.client_seq = client_seq,
        Insert::Clash(other) => return Err(StoreError::Duplicate(other.client_seq)),
    }
    Ok(message)
}
