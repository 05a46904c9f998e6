//! What the server answers to a SEND.

use std::time::Duration;

use wk_store::StoreError;
use wk_store::model::proto::{ReasonCode, Sendack};
use wk_store::model::{ChannelId, Message, MessageStatus, SeqRange};

use crate::conversation;
use crate::engine::Cx;
use crate::outbox::{Flight, Outbox};
use crate::record::{self, Recorded};

/// The wait after the first refusal that may pass; it doubles with each.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The longest such wait.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(60);
/// How many such refusals are one too many, in however many processes. The waits before add up to four minutes.
const MAX_REFUSALS: u32 = 10;

impl Outbox {
    /// Handles a SENDACK: matched by the wire's client seq, which means this session, and checked against the number
    /// where the server repeats it.
    pub(crate) fn ack(&mut self, cx: &mut Cx<'_>, ack: &Sendack<'_>) -> Result<(), StoreError> {
        let Some(flight) = self.flight(ack.client_seq) else { return Ok(()) };
        let Some(message) = cx.tx.message(flight.client_seq)? else {
            // It was cleared while it was on the wire.
            if let Some(flight) = self.land(ack.client_seq) {
                self.queue.remove(&flight.channel, flight.client_seq);
            }
            return Ok(());
        };
        let said = ack.client_msg_no.filter(|number| !number.is_empty());
        if said.is_some_and(|number| number.as_bytes() != message.client_msg_no.as_str().as_bytes()) {
            tracing::warn!(client_seq = ack.client_seq, "a SENDACK names another message");
            return Ok(());
        }
        let Some(flight) = self.land(ack.client_seq) else { return Ok(()) };
        match ack.reason {
            ReasonCode::SUCCESS => self.accepted(cx, &flight, ack, message)?,
            _ if record::is_place(&message) => self.forget(cx, &flight.channel, flight.client_seq)?,
            // Not a proof that the message was not stored (docs/servers.md T15): asked or sent again.
            refused @ (ReasonCode::SYSTEM_ERROR | ReasonCode::NODE_NOT_MATCH) => {
                self.expiries.look_again();
                let refusals =
                    self.queue.get(&flight.channel, flight.client_seq).map_or(0, |item| item.failures);
                if refusals + 1 < MAX_REFUSALS {
                    let delay = RETRY_DELAY.saturating_mul(1 << refusals).min(RETRY_DELAY_MAX);
                    self.queue.refused(&flight.channel, flight.client_seq, cx.after(delay));
                    self.fresh.insert(flight.client_seq, flight.channel.clone());
                } else {
                    self.refused(cx, message, refused)?;
                }
            }
            refused => self.refused(cx, message, refused)?,
        }
        Ok(())
    }

    /// The server does not want it, whether it was cancelled or not.
    fn refused(
        &mut self,
        cx: &mut Cx<'_>,
        mut message: Message,
        reason: ReasonCode,
    ) -> Result<(), StoreError> {
        message.reason_code = Some(reason);
        let item = self.queue.get(&message.channel, message.client_seq);
        let cancelled = item.is_some_and(|item| item.cancelled);
        self.give_up(cx, message, if cancelled { MessageStatus::Cancelled } else { MessageStatus::Failed })
    }

    fn accepted(
        &mut self,
        cx: &mut Cx<'_>,
        flight: &Flight,
        ack: &Sendack<'_>,
        message: Message,
    ) -> Result<(), StoreError> {
        // A command's seq may count in another log (docs/servers.md T57).
        let known = !message.header.sync_once && record::is_possible(ack.message_seq);
        let seq = if known { ack.message_seq } else { wk_store::model::MessageSeq::ZERO };
        let channel: &ChannelId = &flight.channel;
        let (said, recorded) = record::settle_own(cx, message, ack.message_id, seq)?;
        conversation::touch(cx, &said, recorded != Recorded::Known)?;
        if let Recorded::Changed(message) = recorded {
            conversation::refreshed(cx, message)?;
        }
        cx.cover(channel, SeqRange::single(seq))?;
        cx.tx.remove_outbox(flight.client_seq)?;
        self.queue.remove(channel, flight.client_seq);
        Ok(())
    }
}
