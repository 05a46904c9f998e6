//! The coverage of the channels in use, cached over the store, and which heads are verified.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use wk_store::model::{ChannelId, MessageSeq, SeqRange, SeqSet, UnixMillis};
use wk_store::{ChannelLog, StoreError, StoreTx};

/// Every change goes to the store in the same call: what is cached here is only a copy.
#[derive(Debug, Default)]
pub(crate) struct ChannelLogs {
    cache: HashMap<ChannelId, ChannelLog>,
    /// Channels whose tail is the server's, for as long as the connection lasts: live pushes keep it so.
    verified: HashSet<ChannelId>,
    /// How many logs were found to be recreated.
    lost: u64,
}

impl ChannelLogs {
    pub(crate) fn get(
        &mut self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
    ) -> Result<&mut ChannelLog, StoreError> {
        Ok(match self.cache.entry(channel.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(tx.channel_log(channel)?),
        })
    }

    /// The server has told everything it will ever tell of this range. Gives the tail before.
    pub(crate) fn cover(
        &mut self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
        range: Option<SeqRange>,
    ) -> Result<MessageSeq, StoreError> {
        let log = self.get(tx, channel)?;
        let tail = log.tail;
        let Some(range) = range else { return Ok(tail) };
        let covered = log.covered.insert(range);
        let raised = log.tail < range.last();
        if raised {
            log.tail = range.last();
        }
        if covered || raised {
            tx.set_channel_log(channel, log)?;
        }
        Ok(tail)
    }

    /// The server named this seq.
    pub(crate) fn raise_tail(
        &mut self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
        seq: MessageSeq,
    ) -> Result<(), StoreError> {
        let log = self.get(tx, channel)?;
        if log.tail >= seq {
            return Ok(());
        }
        log.tail = seq;
        tx.set_channel_log(channel, log)
    }

    /// The user cleared the channel up to here, where a message of this time stands.
    pub(crate) fn clear_to(
        &mut self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
        seq: MessageSeq,
        time: UnixMillis,
    ) -> Result<(), StoreError> {
        let log = self.get(tx, channel)?;
        if log.cleared_to < seq {
            (log.cleared_to, log.cleared_at) = (seq, time);
        }
        if let Some(range) = SeqRange::new(MessageSeq::FIRST, seq) {
            log.covered.insert(range);
        }
        tx.set_channel_log(channel, log)
    }

    /// The server's log was recreated: what was known from `seq` on is void, and nothing says that what lies below is still
    /// as it was. Its rows stay, until a pull confirms or replaces them.
    pub(crate) fn forget_from(
        &mut self,
        tx: &mut dyn StoreTx,
        channel: &ChannelId,
        seq: MessageSeq,
    ) -> Result<(), StoreError> {
        self.verified.remove(channel);
        self.lost += 1;
        let log = self.get(tx, channel)?;
        let below = seq.prev().unwrap_or(MessageSeq::ZERO);
        log.covered = SeqSet::new();
        log.tail = log.tail.min(below);
        // Where nothing is left above what was cleared, that was in the old log too.
        if below <= log.cleared_to {
            (log.cleared_to, log.cleared_at) = (MessageSeq::ZERO, UnixMillis::default());
        }
        if let Some(cleared) = SeqRange::new(MessageSeq::FIRST, log.cleared_to) {
            log.covered.insert(cleared);
        }
        tx.set_channel_log(channel, log)
    }

    /// How many logs were found to be recreated so far: what was known of an end before may not be so now.
    pub(crate) const fn lost(&self) -> u64 {
        self.lost
    }

    /// How many channels are cached, and how many ranges.
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.cache.len(), self.cache.values().map(|log| log.covered.ranges().len()).sum())
    }

    pub(crate) fn verify_head(&mut self, channel: &ChannelId) {
        self.verified.insert(channel.clone());
    }

    pub(crate) fn head_is_verified(&self, channel: &ChannelId) -> bool {
        self.verified.contains(channel)
    }

    pub(crate) fn doubt_head(&mut self, channel: &ChannelId) {
        self.verified.remove(channel);
    }

    /// Without a connection nothing keeps a tail true.
    pub(crate) fn doubt_all_heads(&mut self) {
        self.verified.clear();
    }
}
