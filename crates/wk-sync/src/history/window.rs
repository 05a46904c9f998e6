//! The page around a message: pulled where it is not certain, and served.

use wk_store::StoreError;
use wk_store::model::{Direction, Gap, GapCause, Message, MessageSeq, Page, Position, SeqRange};

use crate::engine::{Cx, Reply};
use crate::history::around::{Around, Missing};
use crate::history::{History, Waiting, pull, scan};
use crate::source::PullRequest;

/// What the store holds of a window, and what keeps it from being certain.
#[derive(Debug)]
struct Window {
    rows: Vec<Message>,
    reached_start: bool,
    reached_end: bool,
    /// Where it stops too early.
    hole: Option<Hole>,
}

#[derive(Debug, Clone, Copy)]
enum Hole {
    Between(SeqRange),
    Behind(MessageSeq),
}

impl History {
    /// Serves the page around a position, or pulls what it lacks.
    pub(super) fn step_around(
        &mut self,
        cx: &mut Cx<'_>,
        page: Waiting,
        target: Position,
    ) -> Result<(), StoreError> {
        let head = page.knows_head(cx);
        let log = cx.core.logs.get(&mut *cx.tx, &page.query.channel)?;
        let unknown_end = target.seq > log.tail && !head;
        if !unknown_end {
            let window = read(cx, &page, target)?;
            if window.hole.is_none() {
                serve(cx, page, window, None);
                return Ok(());
            }
        }
        let request = if unknown_end && page.head_pulls > 0 {
            // Nothing is there: the end of the channel has to be found.
            newest(cx, &page)
        } else {
            let log = cx.core.logs.get(&mut *cx.tx, &page.query.channel)?;
            let missing = Around::within(log, head, target, page.query.limit).missing();
            request(cx, &page, missing)
        };
        let head_pulls = page.head_pulls + u32::from(request.end.is_zero());
        self.pull(cx, Waiting { head_pulls, ..page }, request)
    }
}

/// Serves what is certain around a position.
pub(super) fn serve_what_is_certain(
    cx: &mut Cx<'_>,
    page: Waiting,
    target: Position,
    cause: GapCause,
) -> Result<(), StoreError> {
    let window = read(cx, &page, target)?;
    serve(cx, page, window, Some(cause));
    Ok(())
}

/// How many messages could be served around a position now.
pub(super) fn what_is_certain(
    cx: &mut Cx<'_>,
    page: &Waiting,
    target: Position,
) -> Result<usize, StoreError> {
    Ok(read(cx, page, target)?.rows.len())
}

fn request(cx: &Cx<'_>, page: &Waiting, missing: Missing) -> PullRequest {
    let (start, end, count) = match missing {
        Missing::Within(seqs) => {
            let (first, last) = seqs.into_inner();
            (first, last.saturating_add(1), (last - first + 1).min(u64::from(page.query.limit) * 2))
        }
        Missing::From { start, count } => (start, 0, count),
    };
    let (start, end) = (MessageSeq::new(start), MessageSeq::new(end));
    let limit = u32::try_from(count).unwrap_or(u32::MAX).clamp(1, wk_store::model::PageQuery::MAX_LIMIT);
    PullRequest { limit, ..pull::request(cx, &page.query, start, end, Direction::Newer) }
}

fn newest(cx: &Cx<'_>, page: &Waiting) -> PullRequest {
    pull::request(cx, &page.query, MessageSeq::ZERO, MessageSeq::ZERO, Direction::Older)
}

/// Puts the window together from what is certain, as far as that goes.
fn read(cx: &mut Cx<'_>, page: &Waiting, target: Position) -> Result<Window, StoreError> {
    let head = page.knows_head(cx);
    let limit = page.query.limit;
    let log = cx.core.logs.get(&mut *cx.tx, &page.query.channel)?.clone();
    let around = Around::within(&log, head, target, limit);
    let target = around.target;
    let mut slots = around.older_slots();
    let mut hole = around.hole_below(slots);
    if hole.is_some_and(|hole| hole.contains(target.seq)) || (target.seq > log.tail && !head) {
        let hole = hole.map_or(Hole::Behind(log.tail), Hole::Between);
        return Ok(Window { rows: Vec::new(), reached_start: false, reached_end: false, hole: Some(hole) });
    }
    let bottom = |slots: u64, hole: Option<SeqRange>| match hole {
        Some(hole) => Position { seq: hole.last(), index: 1 },
        None => around.lowest(slots),
    };
    let mut older = below(cx, page, bottom(slots, hole), target, limit.saturating_sub(1))?;
    let own = scan(cx, &page.query.channel, (target, target), Direction::Newer, 1)?;
    let taken = count(&older) + count(&own);
    let room = around.newer_rows().min(u64::from(limit).saturating_sub(taken));
    let (top, ends) = around.certain_above();
    let room = u32::try_from(room).unwrap_or(u32::MAX);
    let mut newer = scan(cx, &page.query.channel, (target.next(), top), Direction::Newer, room + 1)?;
    let all_newer = newer.len() <= usize::try_from(room).unwrap_or(usize::MAX);
    newer.truncate(usize::try_from(room).unwrap_or(usize::MAX));
    let short = u64::from(room).saturating_sub(count(&newer));
    let mut above = None;
    if short > 0 && ends {
        slots += short;
        hole = around.hole_below(slots);
        let most = u64::from(limit).saturating_sub(count(&own) + count(&newer));
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        older = below(cx, page, bottom(slots, hole), target, most)?;
    } else if short > 0 {
        above = Some(
            match log.covered.run_above(top.seq) {
                Some(run) => SeqRange::from_u64(top.seq.get() + 1, run.first().get() - 1),
                None => SeqRange::from_u64(top.seq.get() + 1, log.tail.get()),
            }
            .map_or(Hole::Behind(log.tail), Hole::Between),
        );
    }
    // A full page that reaches the start can have left some out.
    let reached_start = hole.is_none() && around.lowest(slots) == Position::MIN && {
        let first = older.first().or_else(|| own.first()).or_else(|| newer.first());
        let first = first.map_or(target, |message| message.position);
        below(cx, page, Position::MIN, first, 1)?.is_empty()
    };
    let reached_end = ends && all_newer;
    let rows: Vec<_> = older.into_iter().chain(own).chain(newer).collect();
    let hole = hole.map(Hole::Between).or(above);
    // Beside a hole an empty page is at neither end.
    let is_somewhere = hole.is_none() || !rows.is_empty();
    Ok(Window { rows, reached_start: reached_start && is_somewhere, reached_end, hole })
}

/// The visible rows below a position, ascending.
fn below(
    cx: &mut Cx<'_>,
    page: &Waiting,
    from: Position,
    target: Position,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    if target == Position::MIN || limit == 0 {
        return Ok(Vec::new());
    }
    let range = (from, target.prev());
    let mut rows = scan(cx, &page.query.channel, range, Direction::Older, limit)?;
    rows.reverse();
    Ok(rows)
}

fn count(rows: &[Message]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

fn serve(cx: &mut Cx<'_>, page: Waiting, window: Window, cause: Option<GapCause>) {
    let mut answer = Page::new(window.rows);
    (answer.reached_start, answer.reached_end) = (window.reached_start, window.reached_end);
    answer.incomplete = window.hole.zip(cause).map(|(hole, cause)| match hole {
        Hole::Between(range) => Gap::between(range, cause),
        Hole::Behind(tail) => Gap::new(tail.next().unwrap_or(tail), None, cause),
    });
    (answer.pulls, answer.pulled) = (page.pulls, page.pulled);
    cx.reply(page.ticket, Reply::Page(Ok(answer)));
}
