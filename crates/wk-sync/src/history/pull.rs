//! One request for a stretch of history, and what its answer proves.

use wk_store::StoreError;
use wk_store::model::{Direction, GapCause, MessageSeq, PageQuery, SeqRange};

use crate::conversation::{How, take_in_all};
use crate::engine::jobs::Purpose;
use crate::engine::{Cx, JobId, Question};
use crate::event::Origin;
use crate::record::{self, is_possible};
use crate::source::{PullRequest, PulledMessages, SourceError};

/// How much larger a limit gets when an answer said that there is more and held nothing.
const ENLARGE: u32 = 10;

/// A pull that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pull {
    pub(crate) request: PullRequest,
    /// The session that was online then; what is pulled without one says nothing of the channel's head later.
    pub(crate) session: Option<u64>,
    /// It was asked with a larger limit after an answer without progress.
    pub(super) enlarged: bool,
    /// Nobody asked for it: listeners are told what it brings.
    pub(super) told: bool,
}

impl Pull {
    pub(super) const fn new(cx: &Cx<'_>, request: PullRequest) -> Self {
        Self { request, session: cx.core.online, enlarged: false, told: false }
    }

    pub(super) const fn told(mut self) -> Self {
        self.told = true;
        self
    }
}

/// The job of a page that waits for none.
pub(super) const NONE: JobId = JobId(0);

pub(super) fn request(
    cx: &Cx<'_>,
    query: &PageQuery,
    start: MessageSeq,
    end: MessageSeq,
    direction: Direction,
) -> PullRequest {
    let (uid, channel) = (cx.core.config.uid.clone(), query.channel.clone());
    PullRequest { uid, channel, start, end, direction, limit: query.limit }
}

pub(super) fn ask(cx: &mut Cx<'_>, pull: Pull) -> JobId {
    let question = Question::Pull(pull.request.clone());
    cx.ask(Purpose::Pull(pull), question)
}

pub(super) fn enlarge(cx: &mut Cx<'_>, mut pull: Pull) -> JobId {
    pull.request.limit = pull.request.limit.saturating_mul(ENLARGE).min(PageQuery::MAX_LIMIT);
    (pull.session, pull.enlarged) = (cx.core.online, true);
    ask(cx, pull)
}

/// How far a pull went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reached {
    /// Nothing comes behind what it asked for.
    pub(super) end: bool,
    /// It left nothing out between the tail that was known and there.
    pub(super) from_the_tail: bool,
}

/// Writes down what a pull brought and covers what it proves.
pub(super) fn apply(
    cx: &mut Cx<'_>,
    pull: &Pull,
    result: Result<PulledMessages, SourceError>,
) -> Result<Result<Reached, GapCause>, StoreError> {
    let request = &pull.request;
    let (mut messages, more) = match result {
        Ok(pulled) => (pulled.messages, pulled.more),
        Err(error) => return Ok(Err(GapCause::Source(error.to_string()))),
    };
    messages.retain(|message| is_possible(message.message_seq) && was_asked(request, message.message_seq));
    messages.sort_unstable_by_key(|message| message.message_seq);
    let ends = messages.first().zip(messages.last()).map(|(low, high)| (low.message_seq, high.message_seq));
    let tail = cx.core.logs.get(&mut *cx.tx, &request.channel)?.tail;
    let proof = match prove(request, ends, more, tail) {
        Ok(proof) => proof,
        Err(cause) => return Ok(Err(cause)),
    };
    if let Some(newest) = messages.last() {
        record::notice_new_log(cx, &request.channel, newest.message_seq, newest.message_id)?;
    }
    let how = if pull.told { How::Told(Origin::Pulled) } else { How::Page };
    take_in_all(cx, &request.channel, messages, how)?;
    // A log that began anew, now or since this was asked, has not come to what lies above the newest message that it
    // named.
    let known = cx.core.logs.get(&mut *cx.tx, &request.channel)?.tail;
    let top = ends.map_or(known, |(_, highest)| known.max(highest));
    let covered = proof.covered.and_then(|range| SeqRange::new(range.first(), range.last().min(top)));
    cx.cover(&request.channel, covered)?;
    // Nothing behind an anchor beyond the tail says nothing of what lies between them.
    let from_the_tail = ends.is_some() || request.start <= after(tail);
    if proof.head && from_the_tail && pull.session.is_some() && pull.session == cx.core.online {
        cx.core.logs.verify_head(&request.channel);
    }
    Ok(Ok(Reached { end: proof.head, from_the_tail }))
}

#[derive(Debug, PartialEq, Eq)]
struct Proof {
    covered: Option<SeqRange>,
    head: bool,
}

/// What an answer proves: `ends` are the lowest and highest seq that came, `tail` the highest seq the server named.
fn prove(
    request: &PullRequest,
    ends: Option<(MessageSeq, MessageSeq)>,
    more: bool,
    tail: MessageSeq,
) -> Result<Proof, GapCause> {
    let Some((lowest, highest)) = ends else {
        // A server that lost a node answers nothing for what it once named (docs/servers.md §11).
        return match (more, was_asked(request, tail)) {
            (true, _) => Err(GapCause::NoProgress),
            (false, true) => Err(GapCause::Unverified),
            (false, false) => Ok(Proof { covered: empty_range(request), head: is_open_above(request) }),
        };
    };
    let range = match (request.direction, is_latest(request), more) {
        (_, true, false) => SeqRange::new(MessageSeq::FIRST, highest),
        (_, true, true) => SeqRange::new(lowest, highest),
        // v2 servers count their window down from where it was asked for: where they no longer have that, they did
        // not look below the window (docs/servers.md T36).
        (Direction::Older, _, false) if highest < request.start => {
            let window = request.start.get().saturating_sub(request.limit.into());
            SeqRange::new(after(request.end.max(MessageSeq::new(window))), request.start)
        }
        (Direction::Older, _, false) => SeqRange::new(after(request.end), request.start),
        (Direction::Older, _, true) => SeqRange::new(lowest, request.start),
        (Direction::Newer, _, true) => SeqRange::new(request.start, highest),
        (Direction::Newer, _, false) if request.end.is_zero() => SeqRange::new(request.start, highest),
        (Direction::Newer, _, false) => SeqRange::new(request.start, before(request.end)),
    };
    let head = is_latest(request) || (is_open_above(request) && !more);
    Ok(Proof { covered: range, head })
}

/// What an empty answer with nothing more proves absent.
fn empty_range(request: &PullRequest) -> Option<SeqRange> {
    match request.direction {
        _ if is_open_above(request) => None,
        Direction::Older => SeqRange::new(after(request.end), request.start),
        Direction::Newer => SeqRange::new(request.start, before(request.end)),
    }
}

/// Whether a seq lies in the stretch that was asked for.
fn was_asked(request: &PullRequest, seq: MessageSeq) -> bool {
    !seq.is_zero()
        && (is_latest(request)
            || match request.direction {
                Direction::Older => request.end < seq && seq <= request.start,
                Direction::Newer => request.start <= seq && (request.end.is_zero() || seq < request.end),
            })
}

pub(super) const fn is_latest(request: &PullRequest) -> bool {
    request.start.is_zero() && request.end.is_zero()
}

/// Whether the newest message of the channel lies in the stretch.
fn is_open_above(request: &PullRequest) -> bool {
    is_latest(request) || (request.direction == Direction::Newer && request.end.is_zero())
}

fn after(seq: MessageSeq) -> MessageSeq {
    seq.next().unwrap_or(seq)
}

fn before(seq: MessageSeq) -> MessageSeq {
    seq.prev().unwrap_or(seq)
}
