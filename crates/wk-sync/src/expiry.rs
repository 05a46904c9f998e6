//! Messages whose life ends: by the sender's word, or because they were viewed and burn.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use wk_store::model::{
    ActionId, ActionKind, ChannelId, ClientSeq, Instant, Message, MessageSeq, MessageStatus, PendingAction,
    UnixMillis, Visibility,
};
use wk_store::{StoreError, StoreTx};

use crate::engine::Cx;
use crate::event::Event;
use crate::record;

/// How many messages one transaction removes, and the wait before the next.
const BATCH: u32 = 100;
const BREATH: Duration = Duration::from_millis(10);
/// The longest sleep: wall clocks are set, and servers tell that they were wrong.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// When the next life ends.
#[derive(Debug, Default)]
pub(crate) struct Expiry {
    /// The next end by the sender's word.
    next: Option<UnixMillis>,
    /// The ends of what was viewed.
    burns: BTreeSet<(UnixMillis, ActionId)>,
    wake: Option<Instant>,
    /// The clock by which `wake` was reckoned.
    clock_offset: i64,
}

impl Expiry {
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let actions = tx.pending_actions()?.into_iter();
        let burns: BTreeSet<_> = actions
            .filter(|(_, action)| action.kind == ActionKind::Burn)
            .map(|(id, action)| (action.at, id))
            .collect();
        let mut expiry = Self { next: tx.next_expiry()?, burns, ..Self::default() };
        // No time is known yet: it is looked at as soon as there is one.
        expiry.wake = expiry.end().map(|_| Instant::default());
        Ok(expiry)
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.wake
    }

    /// The user viewed a message. The first time counts.
    pub(crate) fn viewed(&mut self, cx: &mut Cx<'_>, message: &Message) -> Result<(), StoreError> {
        let Some(seconds) = message.parse().flame else { return Ok(()) };
        let burns = cx.tx.pending_action_for(ActionKind::Burn, &message.channel, message.message_id)?;
        if message.visibility == Visibility::Deleted || burns.is_some() {
            return Ok(());
        }
        let at = cx.server_now().offset(i64::from(seconds) * 1000);
        let id = cx.tx.add_pending_action(&PendingAction {
            kind: ActionKind::Burn,
            channel: message.channel.clone(),
            message_id: message.message_id,
            seq: MessageSeq::ZERO,
            at,
            // Its row: the id is another one where the first of several copies turns up.
            text: message.client_seq.get().to_string(),
            payload: Bytes::new(),
        })?;
        self.burns.insert((at, id));
        self.reckon(cx);
        Ok(())
    }

    /// After every input: a message with an end may have come, or the server may have told the time.
    pub(crate) fn settle(&mut self, cx: &mut Cx<'_>) {
        let sooner = cx.core.next_end.take().filter(|end| self.next.is_none_or(|next| *end < next));
        if sooner.is_some() {
            self.next = sooner;
        }
        if sooner.is_some() || self.clock_offset != cx.core.clock_offset {
            self.reckon(cx);
        }
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        if self.wake.is_none_or(|at| at > cx.now.instant) {
            return Ok(());
        }
        let now = cx.server_now();
        let mut full = false;
        if self.next.is_some_and(|next| next <= now) {
            let removed = cx.tx.remove_expired(now, BATCH)?;
            full = removed.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
            // Servers keep what has expired, and some do not say that it has: it must not come back as news.
            for message in removed.iter().filter(|message| !message.position.is_local()) {
                cx.tx.insert_message(&record::ashes(message))?;
            }
            gone(cx, removed)?;
            self.next = cx.tx.next_expiry()?;
        }
        while let Some((at, id)) = self.burns.first().copied()
            && at <= now
        {
            self.burns.remove(&(at, id));
            burn(cx, id)?;
        }
        self.reckon(cx);
        if full {
            self.wake = Some(cx.after(BREATH));
        }
        Ok(())
    }

    fn end(&self) -> Option<UnixMillis> {
        let burn = self.burns.first().map(|(at, _)| *at);
        [self.next, burn].into_iter().flatten().min()
    }

    fn reckon(&mut self, cx: &Cx<'_>) {
        self.clock_offset = cx.core.clock_offset;
        self.wake = self.end().map(|end| {
            let wait = end.get().saturating_sub(cx.server_now().get());
            let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(LONGEST_SLEEP);
            // At least a breath: a store that cannot remove a message must not spin.
            cx.after(wait.max(BREATH))
        });
    }
}

/// Tells of messages that are gone, channel by channel.
fn gone(cx: &mut Cx<'_>, mut removed: Vec<Message>) -> Result<(), StoreError> {
    for message in &removed {
        if message.status == MessageStatus::Sending {
            cx.tx.remove_outbox(message.client_seq)?;
            cx.core.ended.push(message.clone());
        }
    }
    removed.retain(Message::is_visible);
    removed.sort_by(|a, b| (&a.channel, a.position).cmp(&(&b.channel, b.position)));
    for channel in removed.chunk_by(|a, b| a.channel == b.channel) {
        let Some(first) = channel.first() else { continue };
        let of: ChannelId = first.channel.clone();
        cx.conversation_changed(&of);
        cx.emit(Event::Removed { channel: of, messages: channel.to_vec() });
    }
    Ok(())
}

/// A viewed message's time is over: its words go, its row stays to prove what stands at its seq.
fn burn(cx: &mut Cx<'_>, id: ActionId) -> Result<(), StoreError> {
    let Some(action) = cx.tx.pending_action(id)? else { return Ok(()) };
    cx.tx.remove_pending_action(id)?;
    let row = match action.text.parse() {
        Ok(row) => cx.tx.message(ClientSeq::new(row))?,
        Err(_) => None,
    };
    let message = match row {
        None => cx.tx.message_by_id(action.message_id)?,
        row => row,
    };
    let Some(message) = message else { return Ok(()) };
    cx.tx.update_message(&record::ashes(&message))?;
    gone(cx, vec![message])
}
