//! Pages of history: served from what is certain, pulled where it is not.

mod plan;
mod pull;

use wk_store::model::{Anchor, Direction, Gap, GapCause, Message, MessageSeq, Page, PageQuery, SeqRange};
use wk_store::{MessageScan, StoreError};

use crate::engine::jobs::Purpose;
use crate::engine::{Cx, JobId, Reply, Ticket};
use crate::error::QueryError;
use crate::history::plan::{Beyond, Reach, reach};
use crate::source::{PullRequest, PulledMessages, SourceError};

/// A page somebody waits for.
#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    query: PageQuery,
    /// What it waits for.
    job: JobId,
    /// A pull for it reached the end of the channel, which holds for this page even without a connection.
    head_seen: bool,
    head_pulls: u32,
    pulls: u32,
    pulled: u32,
}

/// All pages that wait.
#[derive(Debug, Default)]
pub(crate) struct History {
    waiting: Vec<Waiting>,
}

impl History {
    pub(crate) fn page(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        query: PageQuery,
    ) -> Result<(), StoreError> {
        if query.limit == 0 || query.limit > PageQuery::MAX_LIMIT {
            let error = QueryError::Limit { limit: query.limit };
            cx.reply(ticket, Reply::Page(Err(error)));
            return Ok(());
        }
        let job = JobId(0);
        let page = Waiting { ticket, query, job, head_seen: false, head_pulls: 0, pulls: 0, pulled: 0 };
        self.step(cx, page)
    }

    pub(crate) fn pulled(
        &mut self,
        cx: &mut Cx<'_>,
        job: JobId,
        purpose: Pull,
        result: Result<PulledMessages, SourceError>,
    ) -> Result<(), StoreError> {
        let count = result.as_ref().map_or(0, |pulled| pulled.messages.len());
        let outcome = pull::apply(cx, &purpose, result)?;
        let (mine, others) =
            std::mem::take(&mut self.waiting).into_iter().partition(|page: &Waiting| page.job == job);
        self.waiting = others;
        let mine: Vec<Waiting> = mine;
        if outcome == Err(GapCause::NoProgress) && !purpose.enlarged {
            let job = pull::enlarge(cx, purpose.request);
            self.waiting.extend(mine.into_iter().map(|page| Waiting { job, pulls: page.pulls + 1, ..page }));
            return Ok(());
        }
        for mut page in mine {
            page.pulled = page.pulled.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            match &outcome {
                Ok(head_seen) => {
                    page.head_seen |= head_seen;
                    self.step(cx, page)?;
                }
                Err(cause) => serve_what_is_certain(cx, page, cause.clone())?,
            }
        }
        Ok(())
    }

    /// Serves the page, or pulls what it lacks. Each pull covers something new or ends in an error, so this ends.
    fn step(&mut self, cx: &mut Cx<'_>, mut page: Waiting) -> Result<(), StoreError> {
        let reach = reach_of(cx, &page, page.head_seen)?;
        let newest_first = page.query.direction == Direction::Older;
        let request = match reach.beyond {
            Beyond::UnknownHead(_) if newest_first => head_request(cx, &page)?,
            beyond => {
                let rows = rows(cx, &page.query, &reach)?;
                let limit = usize::try_from(page.query.limit).unwrap_or(usize::MAX);
                match beyond {
                    _ if rows.len() >= limit => return serve(cx, page, &reach, rows, None),
                    Beyond::Nothing => return serve(cx, page, &reach, rows, None),
                    Beyond::Gap(gap) => gap_request(cx, &page, gap)?,
                    Beyond::UnknownHead(_) => head_request(cx, &page)?,
                }
            }
        };
        if matches!(reach.beyond, Beyond::UnknownHead(_)) {
            page.head_pulls += 1;
        }
        page.pulls += 1;
        page.job = match cx.core.jobs.find_pull(&request) {
            Some(under_way) => under_way,
            None => pull::ask(cx, request, false),
        };
        self.waiting.push(page);
        Ok(())
    }
}

/// The finished pull, taken out of the job table.
#[derive(Debug)]
pub(crate) struct Pull {
    pub(crate) request: PullRequest,
    pub(crate) session: Option<u64>,
    pub(crate) enlarged: bool,
}

impl From<Pull> for Purpose {
    fn from(pull: Pull) -> Self {
        Self::Pull { request: pull.request, session: pull.session, enlarged: pull.enlarged }
    }
}

fn reach_of(cx: &mut Cx<'_>, page: &Waiting, head_seen: bool) -> Result<Reach, StoreError> {
    let channel = &page.query.channel;
    let head = head_seen || cx.core.logs.head_is_verified(channel);
    let log = cx.core.logs.get(&mut *cx.tx, channel)?;
    Ok(reach(log, head, page.query.anchor, page.query.direction))
}

/// The visible rows of the certain stretch, one more than the limit, from the anchor on.
fn rows(cx: &mut Cx<'_>, query: &PageQuery, reach: &Reach) -> Result<Vec<Message>, StoreError> {
    cx.tx.scan_messages(&MessageScan {
        channel: &query.channel,
        from: reach.from,
        to: reach.to,
        direction: query.direction,
        limit: query.limit + 1,
        visible_only: true,
    })
}

/// Asks for a hole from the side where the page stands, up to its other side.
fn gap_request(cx: &mut Cx<'_>, page: &Waiting, gap: SeqRange) -> Result<PullRequest, StoreError> {
    let query = &page.query;
    let (start, end) = match query.direction {
        Direction::Older => (gap.last(), gap.first().prev().unwrap_or(MessageSeq::ZERO)),
        Direction::Newer => {
            let log = cx.core.logs.get(&mut *cx.tx, &query.channel)?;
            // A hole up to the tail is asked for without an end: the answer then verifies the head too.
            let above = log.covered.run_above(gap.last()).map_or(MessageSeq::ZERO, |run| run.first());
            (gap.first(), above)
        }
    };
    Ok(pull::request(cx, query, start, end, query.direction))
}

/// Asks for what is newer than anything heard of.
fn head_request(cx: &mut Cx<'_>, page: &Waiting) -> Result<PullRequest, StoreError> {
    let query = &page.query;
    let tail = cx.core.logs.get(&mut *cx.tx, &query.channel)?.tail;
    // For the newest page of a channel with much news the newest messages are asked for, not all of them in turn.
    let skip = query.direction == Direction::Older && (tail.is_zero() || page.head_pulls > 0);
    let (start, direction) = if skip {
        (MessageSeq::ZERO, Direction::Older)
    } else {
        (tail.next().unwrap_or(tail), Direction::Newer)
    };
    Ok(pull::request(cx, query, start, MessageSeq::ZERO, direction))
}

fn serve_what_is_certain(cx: &mut Cx<'_>, page: Waiting, cause: GapCause) -> Result<(), StoreError> {
    let verified = page.head_seen || cx.core.logs.head_is_verified(&page.query.channel);
    let reach = reach_of(cx, &page, true)?;
    let rows = rows(cx, &page.query, &reach)?;
    let short = rows.len() < usize::try_from(page.query.limit).unwrap_or(usize::MAX);
    let gap = match reach.beyond {
        Beyond::Gap(gap) if short => Some(Gap::between(gap, cause)),
        _ if !verified => {
            let tail = cx.core.logs.get(&mut *cx.tx, &page.query.channel)?.tail;
            Some(Gap::new(tail.next().unwrap_or(tail), None, cause))
        }
        _ => None,
    };
    serve(cx, page, &reach, rows, gap)
}

fn serve(
    cx: &mut Cx<'_>,
    page: Waiting,
    reach: &Reach,
    mut rows: Vec<Message>,
    incomplete: Option<Gap>,
) -> Result<(), StoreError> {
    let limit = usize::try_from(page.query.limit).unwrap_or(usize::MAX);
    let exhausted = rows.len() <= limit && reach.beyond == Beyond::Nothing;
    rows.truncate(limit);
    let at_edge = page.query.anchor == Anchor::Edge;
    let head_known = incomplete.as_ref().is_none_or(|gap| gap.last.is_some());
    let mut answer = Page::new(rows);
    (answer.reached_start, answer.reached_end) = match page.query.direction {
        Direction::Older => {
            answer.messages.reverse();
            (exhausted, at_edge && head_known)
        }
        Direction::Newer => (at_edge, exhausted && head_known),
    };
    answer.incomplete = incomplete;
    answer.pulls = page.pulls;
    answer.pulled = page.pulled;
    cx.reply(page.ticket, Reply::Page(Ok(answer)));
    Ok(())
}
