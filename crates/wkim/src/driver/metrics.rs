//! What is counted and timed, for the recorder of the `metrics` crate that the application installs.

use std::collections::HashMap;
use std::time::Duration;

use metrics::{counter, histogram};
use wk_sync::store::model::{ClientSeq, Message, MessageStatus};
use wk_sync::{ConnectionState, Event};

#[derive(Default)]
pub(super) struct Metrics {
    /// Own messages without an answer, and since when.
    waiting: HashMap<ClientSeq, Duration>,
    was_online: bool,
}

impl Metrics {
    pub(super) fn committed(took: Duration) {
        histogram!("wkim_commit_seconds").record(took);
    }

    pub(super) fn emitted(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Inserted(message) => {
                counter!("wkim_messages_written_total").increment(1);
                self.waiting.insert(message.client_seq, now);
            }
            Event::Refreshed(message) => self.refreshed(message, now),
            Event::Messages { messages, .. } => {
                counter!("wkim_messages_received_total").increment(messages.len() as u64);
            }
            Event::Connection(ConnectionState::Online { .. }) => {
                let logins = if self.was_online { "wkim_reconnects_total" } else { "wkim_connects_total" };
                counter!(logins).increment(1);
                self.was_online = true;
            }
            _ => {}
        }
    }

    /// A message may be refreshed again after its answer, and a message of others too.
    fn refreshed(&mut self, message: &Message, now: Duration) {
        match message.status {
            // Sent again by the application.
            MessageStatus::Sending => {
                self.waiting.entry(message.client_seq).or_insert(now);
            }
            status => {
                let Some(since) = self.waiting.remove(&message.client_seq) else { return };
                if status == MessageStatus::Sent {
                    counter!("wkim_messages_acked_total").increment(1);
                    histogram!("wkim_ack_seconds").record(now.saturating_sub(since));
                } else {
                    counter!("wkim_messages_failed_total").increment(1);
                }
            }
        }
    }
}
