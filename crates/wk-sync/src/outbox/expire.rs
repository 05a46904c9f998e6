//! Messages that took longer than the account allows.

use std::collections::BTreeSet;

use wk_store::StoreError;
use wk_store::model::{ChannelId, ClientSeq, Instant, MessageStatus, UnixMillis};

use crate::engine::Cx;
use crate::outbox::Outbox;
use crate::outbox::queue::Progress;

/// When each entry was queued, while nobody knows whether it is in time.
#[derive(Debug, Default)]
pub(super) struct Expiries {
    queued: BTreeSet<(UnixMillis, ChannelId, ClientSeq)>,
    /// Those whose time came while they were on the wire.
    late: Vec<(UnixMillis, ChannelId, ClientSeq)>,
    next: Option<Instant>,
}

impl Expiries {
    pub(super) fn watch(&mut self, channel: &ChannelId, client_seq: ClientSeq, queued_at: UnixMillis) {
        self.queued.insert((queued_at, channel.clone(), client_seq));
    }

    /// What was on the wire may not be any more.
    pub(super) fn look_again(&mut self) {
        self.queued.extend(self.late.drain(..));
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.next
    }
}

impl Outbox {
    /// Gives up what is too late and not on the wire just now: what is there is decided by its answer.
    pub(super) fn expire(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        let Some(allowed) = cx.core.config.send_expiry else {
            // Nothing ever expires: nothing has to be remembered.
            self.expiries = Expiries::default();
            return Ok(());
        };
        let allowed_ms = i64::try_from(allowed.as_millis()).unwrap_or(i64::MAX);
        let now = cx.server_now();
        self.expiries.next = None;
        while let Some((queued_at, channel, client_seq)) = self.expiries.queued.pop_first() {
            let left = queued_at.get().saturating_add(allowed_ms).saturating_sub(now.get());
            let Some(item) = self.queue.get(&channel, client_seq) else { continue };
            if let Ok(left @ 1..) = u64::try_from(left) {
                self.expiries.next = Some(cx.after(std::time::Duration::from_millis(left)));
                self.expiries.queued.insert((queued_at, channel, client_seq));
                return Ok(());
            }
            if matches!(item.progress, Progress::Flying | Progress::Asking(_)) {
                self.expiries.late.push((queued_at, channel, client_seq));
                continue;
            }
            let status = match item.progress {
                Progress::Uploading => MessageStatus::NotUploaded,
                _ if item.cancelled => MessageStatus::Cancelled,
                _ => MessageStatus::Expired,
            };
            match Self::row(cx, client_seq)? {
                Some(message) => self.give_up(cx, message, status)?,
                None => self.forget(cx, &channel, client_seq)?,
            }
        }
        Ok(())
    }
}
