//! How long a page waits for its pull: not without end where there is no connection, and once more after a refusal that passes.

use std::time::Duration;

use wk_store::StoreError;
use wk_store::model::{ChannelType, GapCause, Instant};

use crate::engine::Cx;
use crate::history::{History, Waiting, pull, serve_what_is_certain, what_is_certain};
use crate::source::SourceError;

/// v3 servers know a person's channel up to a second after the answer to its first SEND (docs/servers.md T46, T65).
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// How often such a channel is asked for again.
const AGAIN: u32 = 2;

impl History {
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let pages = self.waiting.iter().flat_map(|page| [page.patience, page.again_at]).flatten();
        pages.chain(self.holes.deadline()).min()
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        self.holes.timeout(cx)?;
        let now = cx.now.instant;
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        for mut page in std::mem::take(&mut self.waiting) {
            if is_due(page.again_at) {
                page.again_at = None;
                self.step(cx, page)?;
            } else if is_due(page.patience) {
                page.patience = None;
                self.lose_patience(cx, page)?;
            } else {
                self.waiting.push(page);
            }
        }
        Ok(())
    }

    /// Lets a page wait for its pull. Without a connection that has an end: at once if the source could not be reached a
    /// moment ago either. The pull goes on, for the next reader.
    pub(super) fn wait(&mut self, cx: &mut Cx<'_>, mut page: Waiting) -> Result<(), StoreError> {
        if cx.core.online.is_none() && page.patience.is_none() {
            if cx.core.source.is_unreachable(cx.now.instant) {
                return self.lose_patience(cx, page);
            }
            page.patience = Some(cx.after(cx.core.config.offline_patience));
        }
        self.waiting.push(page);
        Ok(())
    }

    /// Serves a page as it is, if there is anything to show.
    fn lose_patience(&mut self, cx: &mut Cx<'_>, page: Waiting) -> Result<(), StoreError> {
        if cx.core.online.is_some() || what_is_certain(cx, &page)? == 0 {
            self.waiting.push(page);
            return Ok(());
        }
        serve_what_is_certain(cx, page, GapCause::Source(SourceError::TimedOut.to_string()))
    }

    /// The source refuses what it should know. A channel in which no server named a message is simply empty; one in which
    /// this user has just written the first is asked for again.
    pub(super) fn refused(
        &mut self,
        cx: &mut Cx<'_>,
        mut page: Waiting,
        cause: GapCause,
    ) -> Result<(), StoreError> {
        let channel = &page.query.channel;
        if cx.core.logs.get(&mut *cx.tx, channel)?.tail.is_zero() {
            // Nothing is remembered of it: the next reader asks again.
            page.sees_head(cx);
            return self.step(cx, page);
        }
        if channel.channel_type() == ChannelType::PERSON && page.refusals < AGAIN {
            page.refusals += 1;
            page.again_at = Some(cx.after(UNKNOWN_FOR));
            page.job = pull::NONE;
            self.waiting.push(page);
            return Ok(());
        }
        serve_what_is_certain(cx, page, cause)
    }
}
