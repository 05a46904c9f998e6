//! What the server answers to a SEND.

use std::time::Duration;

use wk_store::StoreError;
use wk_store::model::proto::{ReasonCode, Sendack};
use wk_store::model::{ChannelId, SeqRange};

use crate::conversation;
use crate::engine::Cx;
use crate::event::Event;
use crate::outbox::{Flight, Outbox};
use crate::record::{self, Recorded};

/// The wait after a refusal that may pass.
const RETRY_DELAY: Duration = Duration::from_secs(1);

impl Outbox {
    /// Handles a SENDACK: matched by the wire's client seq, which means this session, and checked against the number
    /// where the server repeats it.
    pub(crate) fn ack(&mut self, cx: &mut Cx<'_>, ack: &Sendack<'_>) -> Result<(), StoreError> {
        let Some(flight) = self.flight(ack.client_seq) else { return Ok(()) };
        let Some(message) = cx.tx.message(flight.client_seq)? else { return Ok(()) };
        let said = ack.client_msg_no.filter(|number| !number.is_empty());
        if said.is_some_and(|number| number.as_bytes() != message.client_msg_no.as_str().as_bytes()) {
            tracing::warn!(client_seq = ack.client_seq, "a SENDACK names another message");
            return Ok(());
        }
        let Some(flight) = self.land(ack.client_seq) else { return Ok(()) };
        match ack.reason {
            ReasonCode::SUCCESS => self.accepted(cx, &flight, ack, message.header.sync_once)?,
            // Not a proof that the message was not stored (docs/servers.md T15): asked or sent again.
            ReasonCode::SYSTEM_ERROR | ReasonCode::NODE_NOT_MATCH => {
                let until = cx.after(RETRY_DELAY);
                self.queue.refused(&flight.channel, flight.client_seq, until);
            }
            refused => {
                let mut message = message;
                message.reason_code = Some(refused);
                self.give_up(cx, message)?;
            }
        }
        Ok(())
    }

    fn accepted(
        &mut self,
        cx: &mut Cx<'_>,
        flight: &Flight,
        ack: &Sendack<'_>,
        sync_once: bool,
    ) -> Result<(), StoreError> {
        // A command's seq may count in another log (docs/servers.md T57).
        let seq = if sync_once { wk_store::model::MessageSeq::ZERO } else { ack.message_seq };
        let channel: &ChannelId = &flight.channel;
        if let Some((said, recorded)) = record::settle_own(cx, flight.client_seq, ack.message_id, seq)? {
            conversation::touch(cx, &said, recorded != Recorded::Known)?;
            if let Recorded::Changed(message) = recorded {
                cx.emit(Event::Refreshed(message));
            }
        }
        cx.cover(channel, SeqRange::single(seq))?;
        cx.tx.remove_outbox(flight.client_seq)?;
        self.queue.remove(channel, flight.client_seq);
        Ok(())
    }
}
