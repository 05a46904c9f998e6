//! What the application may do to a message that it has sent: cancel it while it waits, send it again when it was given up.

use wk_store::StoreError;
use wk_store::model::{
    ChannelId, ClientSeq, Message, MessageStatus, Ordering, OutboxEntry, OutboxState, ReasonCode,
};

use crate::engine::{Cx, Reply, Ticket};
use crate::error::QueryError;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::outbox::queue::{Item, Progress};
use crate::record;

impl Outbox {
    /// Takes a message back. One that the server cannot have is cancelled here and now; of one that was handed to a
    /// connection the server's answer decides, and where none comes, whether the data source finds it there.
    pub(crate) fn cancel(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        client_seq: ClientSeq,
    ) -> Result<(), StoreError> {
        let message = cx.tx.message(client_seq)?;
        let waiting = message.and_then(|message| {
            let item = *self.queue.get(&message.channel, client_seq)?;
            Some((message, item))
        });
        let Some((message, item)) = waiting else {
            cx.reply(ticket, Reply::Done(Err(QueryError::NotWaiting)));
            return Ok(());
        };
        if item.progress == Progress::Uploading {
            self.give_up(cx, message, MessageStatus::NotUploaded)?;
        } else if item.attempts == 0 {
            self.give_up(cx, message, MessageStatus::Cancelled)?;
        } else if !item.cancelled {
            self.queue.cancel(&message.channel, client_seq);
            self.fresh.insert(client_seq, message.channel);
        }
        cx.reply(ticket, Reply::Done(Ok(())));
        Ok(())
    }

    /// A channel was cleared: what went with it is not sent any more, and holds up nobody.
    pub(crate) fn cleared(&mut self, cx: &mut Cx<'_>, channel: &ChannelId) -> Result<(), StoreError> {
        for client_seq in self.queue.of(channel) {
            if cx.tx.message(client_seq)?.is_none() {
                self.row_is_gone(cx, channel, client_seq)?;
            }
        }
        Ok(())
    }

    /// The row of a message is gone. One that is on the wire keeps its turn until its answer, so that nothing overtakes it.
    pub(crate) fn row_is_gone(
        &mut self,
        cx: &mut Cx<'_>,
        channel: &ChannelId,
        client_seq: ClientSeq,
    ) -> Result<(), StoreError> {
        if self.queue.get(channel, client_seq).is_some_and(Item::is_out) {
            return Ok(());
        }
        self.forget(cx, channel, client_seq)
    }

    /// The life of a message ended before it was known to be sent.
    pub(crate) fn life_ended(&mut self, cx: &mut Cx<'_>, message: &Message) -> Result<(), StoreError> {
        let attempts = self.queue.get(&message.channel, message.client_seq).map_or(0, |item| item.attempts);
        if attempts > 0 {
            // The server may have it, and v3 does not say of its messages that they end: this row will know it again.
            cx.tx.insert_message(&record::ashes(message))?;
        }
        self.row_is_gone(cx, &message.channel, message.client_seq)
    }

    /// The row of a message that is to be sent; none if it was cleared, or its life ended.
    pub(super) fn row(cx: &mut Cx<'_>, client_seq: ClientSeq) -> Result<Option<Message>, StoreError> {
        Ok(cx.tx.message(client_seq)?.filter(|row| !record::is_place(row)))
    }

    /// Sends a message again that was given up, under its old number: a server that has it after all knows it.
    pub(crate) fn retry(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        client_seq: ClientSeq,
    ) -> Result<(), StoreError> {
        let given_up = cx.tx.message(client_seq)?.filter(|message| message.status.is_given_up());
        let Some(mut message) = given_up else {
            cx.reply(ticket, Reply::Done(Err(QueryError::NotGivenUp)));
            return Ok(());
        };
        let entry = OutboxEntry {
            client_seq,
            channel: message.channel.clone(),
            state: state_before(&message),
            ordering: Ordering::InOrder,
            queued_at: cx.server_now(),
            failures: 0,
        };
        (message.status, message.reason_code) = (MessageStatus::Sending, None);
        cx.tx.update_message(&message)?;
        self.enqueue(&entry);
        cx.reply(ticket, Reply::Done(Ok(())));
        cx.emit(Event::Refreshed(message));
        Ok(())
    }
}

/// Where a message that was given up begins again.
fn state_before(message: &Message) -> OutboxState {
    match (message.status, message.reason_code) {
        (MessageStatus::NotUploaded, _) => OutboxState::Uploading,
        // Neither is a proof that the message was not stored (docs/servers.md T15).
        (MessageStatus::Failed, Some(ReasonCode::SYSTEM_ERROR | ReasonCode::NODE_NOT_MATCH)) => {
            OutboxState::Sent(1)
        }
        (MessageStatus::Failed, Some(_)) => OutboxState::Ready,
        _ => OutboxState::Sent(1),
    }
}
