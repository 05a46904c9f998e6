//! Holes that pushes leave: waited for, because pushes can come out of order, then pulled where somebody looks.

use std::collections::{BTreeMap, HashMap};

use wk_store::StoreError;
use wk_store::model::{ChannelId, Direction, Instant, MessageSeq};

use crate::engine::{Cx, JobId};
use crate::history::{Pull, pull};
use crate::source::PullRequest;

/// The most messages that are pulled of one hole; what lies below waits for a reader.
const PULLED_AT_ONCE: u32 = 100;

#[derive(Debug)]
struct Hole {
    /// Until when it may close by itself.
    due: Instant,
    /// The tail before it appeared.
    above: MessageSeq,
}

/// The channels that the application shows, and the holes in them.
#[derive(Debug, Default)]
pub(super) struct LiveHoles {
    open: HashMap<ChannelId, u32>,
    holes: BTreeMap<ChannelId, Hole>,
}

impl LiveHoles {
    pub(super) fn open(&mut self, channel: ChannelId) {
        *self.open.entry(channel).or_default() += 1;
    }

    pub(super) fn close(&mut self, channel: &ChannelId) {
        if let Some(count) = self.open.get_mut(channel) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(channel);
                self.holes.remove(channel);
            }
        }
    }

    /// Begins to wait for what the pushes of this input left out.
    pub(super) fn note(&mut self, cx: &mut Cx<'_>) {
        for (channel, above) in std::mem::take(&mut cx.core.left_out) {
            if self.open.contains_key(&channel) {
                let due = cx.after(cx.core.config.hole_wait);
                self.holes.entry(channel).or_insert(Hole { due, above });
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.holes.values().map(|hole| hole.due).min()
    }

    /// Pulls what did not come.
    pub(super) fn timeout(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        let due: Vec<ChannelId> = self
            .holes
            .iter()
            .filter(|(_, hole)| hole.due <= cx.now.instant)
            .map(|(channel, _)| channel.clone())
            .collect();
        for channel in due {
            let Some(hole) = self.holes.remove(&channel) else { continue };
            fill(cx, channel, hole.above)?;
        }
        Ok(())
    }
}

fn fill(cx: &mut Cx<'_>, channel: ChannelId, above: MessageSeq) -> Result<Option<JobId>, StoreError> {
    let log = cx.core.logs.get(&mut *cx.tx, &channel)?;
    let top = log.covered.run_at(log.tail).map_or(Some(log.tail), |run| run.first().prev());
    let Some(start) = top.filter(|top| *top > above) else { return Ok(None) };
    // A server without the connection's session is not asked: the next session's sync brings the newest.
    if cx.core.online.is_none() {
        return Ok(None);
    }
    let request = PullRequest {
        uid: cx.core.config.uid.clone(),
        channel,
        start,
        end: above,
        direction: Direction::Older,
        limit: PULLED_AT_ONCE,
    };
    if cx.core.jobs.find_pull(&request, cx.core.online).is_some() {
        return Ok(None);
    }
    let pull = Pull::new(cx, request).told();
    Ok(Some(pull::ask(cx, pull)))
}
