//! Pages of history: served from what is certain, pulled where it is not.

mod around;
mod clear;
mod holes;
mod patience;
mod plan;
mod pull;
mod window;

use wk_store::model::{
    Anchor, ChannelId, Direction, Gap, GapCause, Instant, Message, MessageSeq, Page, PageQuery, Position,
    SeqRange,
};
use wk_store::{MessageScan, StoreError};

use crate::engine::{Cx, JobId, Reply, Ticket};
use crate::error::QueryError;
use crate::event::Event;
pub(crate) use crate::history::clear::clear;
use crate::history::holes::LiveHoles;
use crate::history::plan::{Beyond, Reach, reach};
pub(crate) use crate::history::pull::Pull;
use crate::inbox::names;
use crate::source::{PullRequest, PulledMessages, SourceError};

/// A page somebody waits for.
#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    query: PageQuery,
    /// What it waits for.
    job: JobId,
    /// A pull for it reached the end of the channel, which holds for this page even without a connection, as long as no
    /// more logs than this many are lost.
    head_seen: Option<u64>,
    head_pulls: u32,
    /// The pull under way begins at the newest message that is known, to see whether it is still there.
    asked_tail: bool,
    /// The server did not have the newest message that is known.
    tail_is_gone: bool,
    /// When it is served as it is, because there is no connection.
    patience: Option<Instant>,
    /// When it is planned again, after a refusal that passes.
    again_at: Option<Instant>,
    refusals: u32,
    pulls: u32,
    pulled: u32,
}

impl Waiting {
    const fn new(ticket: Ticket, query: PageQuery) -> Self {
        Self {
            ticket,
            query,
            job: pull::NONE,
            head_seen: None,
            head_pulls: 0,
            asked_tail: false,
            tail_is_gone: false,
            patience: None,
            again_at: None,
            refusals: 0,
            pulls: 0,
            pulled: 0,
        }
    }
}

impl Waiting {
    /// Whether nothing newer than the channel's tail is unknown.
    fn knows_head(&self, cx: &Cx<'_>) -> bool {
        self.head_seen == Some(cx.core.logs.lost()) || cx.core.logs.head_is_verified(&self.query.channel)
    }

    fn sees_head(&mut self, cx: &Cx<'_>) {
        self.head_seen = Some(cx.core.logs.lost());
    }
}

/// All pages that wait.
#[derive(Debug, Default)]
pub(crate) struct History {
    waiting: Vec<Waiting>,
    holes: LiveHoles,
}

impl History {
    pub(crate) fn page(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        mut query: PageQuery,
    ) -> Result<(), StoreError> {
        query.channel = names::full(query.channel, &cx.core.config.uid);
        if query.limit == 0 || query.limit > PageQuery::MAX_LIMIT {
            let error = QueryError::Limit { limit: query.limit };
            cx.reply(ticket, Reply::Page(Err(error)));
            return Ok(());
        }
        if let Err(error) = query.channel.check() {
            cx.reply(ticket, Reply::Page(Err(error.into())));
            return Ok(());
        }
        self.step(cx, Waiting::new(ticket, query))
    }

    pub(crate) const fn held(&self) -> usize {
        self.waiting.len()
    }

    /// The application shows a channel.
    pub(crate) fn open(&mut self, channel: ChannelId) {
        self.holes.open(channel);
    }

    /// The application shows it no more.
    pub(crate) fn close(&mut self, channel: &ChannelId) {
        self.holes.close(channel);
    }

    /// Looks after what the pushes of this input left out.
    pub(crate) fn note_holes(&mut self, cx: &mut Cx<'_>) {
        self.holes.note(cx);
    }

    pub(crate) fn pulled(
        &mut self,
        cx: &mut Cx<'_>,
        job: JobId,
        pull: Pull,
        result: Result<PulledMessages, SourceError>,
    ) -> Result<(), StoreError> {
        let count = result.as_ref().map_or(0, |pulled| pulled.messages.len());
        let refused = matches!(result, Err(SourceError::Refused { status: 400, .. }));
        let outcome = pull::apply(cx, &pull, result)?;
        let (mine, others) =
            std::mem::take(&mut self.waiting).into_iter().partition(|page: &Waiting| page.job == job);
        self.waiting = others;
        let mine: Vec<Waiting> = mine;
        if outcome == Err(GapCause::NoProgress) && !pull.enlarged {
            let job = pull::enlarge(cx, pull);
            self.waiting.extend(mine.into_iter().map(|page| Waiting { job, pulls: page.pulls + 1, ..page }));
            return Ok(());
        }
        for mut page in mine {
            let asked_tail = std::mem::take(&mut page.asked_tail);
            page.pulled = page.pulled.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
            match &outcome {
                Ok(reached) => {
                    // A page around a target beyond everything known needs to know where the channel ends.
                    let around = matches!(page.query.anchor, Anchor::Around(_));
                    if reached.end && (reached.from_the_tail || !around) {
                        page.sees_head(cx);
                    }
                    self.step(cx, page)?;
                }
                Err(cause) if refused => self.refused(cx, page, cause.clone())?,
                // Not even what it named itself: what it has instead is asked for.
                Err(GapCause::Unverified) if asked_tail && !page.tail_is_gone => {
                    page.tail_is_gone = true;
                    self.step(cx, page)?;
                }
                // It shows nothing of this channel any more, so nothing newer either.
                Err(GapCause::Unverified) if page.tail_is_gone && pull::is_latest(&pull.request) => {
                    page.sees_head(cx);
                    self.step(cx, page)?;
                }
                Err(cause) => serve_what_is_certain(cx, page, cause.clone())?,
            }
        }
        Ok(())
    }

    /// Serves the page, or pulls what it lacks. Each pull covers something new or ends in an error, so this ends.
    fn step(&mut self, cx: &mut Cx<'_>, mut page: Waiting) -> Result<(), StoreError> {
        if let Anchor::Around(target) = page.query.anchor {
            return self.step_around(cx, page, target);
        }
        let head = page.knows_head(cx);
        let reach = reach_of(cx, &page, head)?;
        let newest_first = page.query.direction == Direction::Older;
        let request = match reach.beyond {
            Beyond::UnknownHead(behind) if newest_first => head_request(cx, &page, behind)?,
            beyond => {
                let rows = rows(cx, &page.query, &reach)?;
                let limit = usize::try_from(page.query.limit).unwrap_or(usize::MAX);
                match beyond {
                    _ if rows.len() >= limit => return serve(cx, page, &reach, rows, Certainty::FULL),
                    Beyond::Nothing => return serve(cx, page, &reach, rows, Certainty::FULL),
                    Beyond::Gap(gap) => gap_request(cx, &page, gap)?,
                    Beyond::UnknownHead(behind) => head_request(cx, &page, behind)?,
                }
            }
        };
        if let Beyond::UnknownHead(behind) = reach.beyond {
            page.head_pulls += 1;
            page.asked_tail = !behind.is_zero() && request.start == behind;
        }
        self.pull(cx, page, request)
    }

    /// Lets a page wait for a pull, which is shared with every other page that needs the same.
    fn pull(&mut self, cx: &mut Cx<'_>, mut page: Waiting, request: PullRequest) -> Result<(), StoreError> {
        if page.pulls == 0 {
            cx.emit(Event::Pulling(page.query.channel.clone()));
        }
        page.pulls += 1;
        page.job = match cx.core.jobs.find_pull(&request, cx.core.online) {
            Some(under_way) => under_way,
            None => {
                let pull = Pull::new(cx, request);
                pull::ask(cx, pull)
            }
        };
        self.wait(cx, page)
    }
}

fn reach_of(cx: &mut Cx<'_>, page: &Waiting, head: bool) -> Result<Reach, StoreError> {
    let log = cx.core.logs.get(&mut *cx.tx, &page.query.channel)?;
    Ok(reach(log, head, page.query.anchor, page.query.direction))
}

/// The visible rows of the certain stretch, one more than the limit, from the anchor on.
fn rows(cx: &mut Cx<'_>, query: &PageQuery, reach: &Reach) -> Result<Vec<Message>, StoreError> {
    scan(cx, &query.channel, (reach.from, reach.to), query.direction, query.limit + 1)
}

/// Visible rows of a stretch, in the order they are read.
fn scan(
    cx: &mut Cx<'_>,
    channel: &ChannelId,
    (from, to): (Position, Position),
    direction: Direction,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    cx.tx.scan_messages(&MessageScan { channel, from, to, direction, limit, visible_only: true })
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

/// Asks for what is newer than anything heard of, and for a newer page not older than its anchor. The newest message that
/// is known is asked for too: a server that does not have it any more lost its log, and a v2 server, which loses the flags
/// of the first message of each answer, loses none that is news (docs/servers.md T44).
fn head_request(cx: &mut Cx<'_>, page: &Waiting, behind: MessageSeq) -> Result<PullRequest, StoreError> {
    let query = &page.query;
    // For the newest page of a channel with much news the newest messages are asked for, not all of them in turn.
    let skip = query.direction == Direction::Older && (behind.is_zero() || page.head_pulls > 0);
    let (start, direction) = if skip || page.tail_is_gone {
        (MessageSeq::ZERO, Direction::Older)
    } else if page.head_pulls == 0
        && cx.core.logs.get(&mut *cx.tx, &query.channel)?.tail == behind
        && cx.tx.message_by_seq(&query.channel, behind)?.is_some()
    {
        (behind, Direction::Newer)
    } else {
        (behind.next().unwrap_or(behind), Direction::Newer)
    };
    let mut request = pull::request(cx, query, start, MessageSeq::ZERO, direction);
    if start == behind && !behind.is_zero() {
        request.limit = (request.limit + 1).min(PageQuery::MAX_LIMIT);
    }
    Ok(request)
}

/// How many messages could be served of a page now.
fn what_is_certain(cx: &mut Cx<'_>, page: &Waiting) -> Result<usize, StoreError> {
    if let Anchor::Around(target) = page.query.anchor {
        return window::what_is_certain(cx, page, target);
    }
    let reach = reach_of(cx, page, true)?;
    Ok(rows(cx, &page.query, &reach)?.len())
}

fn serve_what_is_certain(cx: &mut Cx<'_>, page: Waiting, cause: GapCause) -> Result<(), StoreError> {
    if let Anchor::Around(target) = page.query.anchor {
        return window::serve_what_is_certain(cx, page, target, cause);
    }
    let head = page.knows_head(cx);
    let open_head = match reach_of(cx, &page, head)?.beyond {
        Beyond::UnknownHead(behind) => Some(behind),
        _ => None,
    };
    let reach = reach_of(cx, &page, head || open_head.is_some())?;
    let rows = rows(cx, &page.query, &reach)?;
    let short = rows.len() < usize::try_from(page.query.limit).unwrap_or(usize::MAX);
    let gap = match (reach.beyond, open_head) {
        (Beyond::Gap(gap), _) if short => Some(Gap::between(gap, cause)),
        (_, Some(behind)) if short || page.query.direction == Direction::Older => {
            Some(Gap::new(behind.next().unwrap_or(behind), None, cause))
        }
        _ => None,
    };
    serve(cx, page, &reach, rows, Certainty { head: open_head.is_none(), gap })
}

/// What keeps a page from being all it could be.
#[derive(Debug)]
struct Certainty {
    /// Nothing newer than the page's end is unknown.
    head: bool,
    /// Where it stops.
    gap: Option<Gap>,
}

impl Certainty {
    const FULL: Self = Self { head: true, gap: None };
}

fn serve(
    cx: &mut Cx<'_>,
    page: Waiting,
    reach: &Reach,
    mut rows: Vec<Message>,
    certainty: Certainty,
) -> Result<(), StoreError> {
    let limit = usize::try_from(page.query.limit).unwrap_or(usize::MAX);
    let exhausted = rows.len() <= limit && reach.beyond == Beyond::Nothing;
    rows.truncate(limit);
    let at_edge = page.query.anchor == Anchor::Edge;
    let mut answer = Page::new(rows);
    (answer.reached_start, answer.reached_end) = match page.query.direction {
        Direction::Older => {
            answer.messages.reverse();
            (exhausted, at_edge && certainty.head)
        }
        Direction::Newer => (at_edge, exhausted && certainty.head),
    };
    answer.incomplete = certainty.gap;
    answer.pulls = page.pulls;
    answer.pulled = page.pulled;
    cx.reply(page.ticket, Reply::Page(Ok(answer)));
    Ok(())
}
