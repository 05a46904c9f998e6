//! What happens to messages after they were sent, and what the user left elsewhere.
//!
//! It is fetched when it is needed, and uploaded until it is taken.
//!
//! Every report is derived from the store, so a crash loses none. Attempts are made only while there is a session, and
//! only an answer counts towards giving up: an hour in a tunnel is no refusal.

mod ask;
mod change;
mod fetched;
mod reported;
mod task;

use std::collections::{BTreeMap, BTreeSet};

use wk_store::model::{ChannelId, Instant};
use wk_store::{StoreError, StoreTx};

use crate::engine::jobs::Purpose;
use crate::engine::retry::Retry;
use crate::engine::{Cx, Question};
use crate::event::Event;
use crate::report::Report;
use crate::source::SourceError;
use crate::topic::Topic;

pub(crate) use change::change;
pub(crate) use fetched::{delete_here, note_revoked};
pub(crate) use task::Task;
use task::Work;

/// The most questions of the extras with the data source at once.
const AT_ONCE: usize = 4;

/// The tasks, and what was fetched in this session.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    tasks: BTreeMap<Task, Work>,
    opened: BTreeSet<ChannelId>,
}

impl Extras {
    pub(crate) fn load(tx: &mut dyn StoreTx) -> Result<Self, StoreError> {
        let mut extras = Self::default();
        let mut found = Vec::new();
        let actions = tx.pending_actions()?.into_iter();
        found.extend(actions.filter(|(_, action)| action.kind.is_upload()).map(|(id, _)| Task::Act(id)));
        found.extend(tx.message_edits_pending()?.into_iter().map(|extra| Task::Edit(extra.message_id)));
        found.extend(tx.receipt_channels()?.into_iter().map(Task::Receipts));
        found.extend(tx.conversation_extras_pending()?.into_iter().map(|extra| Task::Leave(extra.channel)));
        if !tx.reminders_done_unsent()?.is_empty() {
            found.push(Task::RemindersDone);
        }
        extras.tasks.extend(found.into_iter().map(|task| (task, Work::default())));
        Ok(extras)
    }

    /// A session began and its conversations are synced: what the account has besides is fetched, and everything that
    /// waits may be tried at once.
    pub(crate) fn synced(&mut self, cx: &mut Cx<'_>) {
        for work in self.tasks.values_mut() {
            work.retry = Retry::default();
        }
        self.opened.clear();
        for topic in [Topic::Reminders, Topic::ConversationExtras] {
            self.fetch(cx, topic);
        }
    }

    /// Somebody reads a channel: what happened to its messages is fetched, once per session.
    pub(crate) fn opened(&mut self, cx: &mut Cx<'_>, channel: &ChannelId) {
        if cx.core.online.is_none() || !self.opened.insert(channel.clone()) {
            return;
        }
        for topic in [Topic::MessageExtras, Topic::Reactions, Topic::PinnedMessages] {
            self.fetch(cx, topic(channel.clone()));
        }
    }

    pub(crate) fn fetch(&mut self, cx: &mut Cx<'_>, topic: Topic) {
        if cx.core.offers.has(&topic) {
            self.want(cx, Task::Fetch(topic));
        }
    }

    /// There is something to do. What is being done now is done once more.
    pub(crate) fn want(&mut self, cx: &mut Cx<'_>, task: Task) {
        let patience = task.patience();
        let until = (!patience.is_zero()).then(|| cx.after(patience));
        match self.tasks.get_mut(&task) {
            Some(work) => work.again |= work.job.is_some(),
            None => {
                self.tasks.insert(task, Work { retry: Retry::from(until), ..Work::default() });
            }
        }
    }

    pub(crate) fn offline(&mut self) {
        self.opened.clear();
    }

    /// When the next task may start; nothing while there is no session, or as many are asked as may be.
    pub(crate) fn deadline(&self, online: bool) -> Option<Instant> {
        if !online || self.asked() >= AT_ONCE {
            return None;
        }
        let waiting = self.tasks.values().filter(|work| work.job.is_none());
        waiting.filter_map(|work| work.retry.at()).min()
    }

    fn asked(&self) -> usize {
        self.tasks.values().filter(|work| work.job.is_some()).count()
    }

    /// Takes up what the other machines found, and asks what may be asked now.
    pub(crate) fn pump(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        for topic in std::mem::take(&mut cx.core.stale) {
            self.fetch(cx, topic);
        }
        if cx.core.synced.is_none() || cx.core.synced != cx.core.online {
            return Ok(());
        }
        let mut held = BTreeSet::new();
        while self.asked() < AT_ONCE {
            let now = cx.now.instant;
            let next = self.tasks.iter().find(|(task, work)| work.may_start(now) && !held.contains(*task));
            let Some(task) = next.map(|(task, _)| task.clone()) else { return Ok(()) };
            let Some(question) = ask::question(cx, &task)? else {
                self.tasks.remove(&task);
                continue;
            };
            if is_behind_another(cx, &question) {
                held.insert(task);
                continue;
            }
            let purpose = match &question {
                Question::Report(request) => {
                    Purpose::Report { task: task.clone(), report: request.report.clone() }
                }
                _ => Purpose::Fetch { task: task.clone() },
            };
            let job = cx.ask(purpose, question);
            if let Some(work) = self.tasks.get_mut(&task) {
                work.job = Some(job);
                work.retry.asked();
            }
        }
        Ok(())
    }

    /// The source answered a fetch or a report.
    fn finished(&mut self, cx: &Cx<'_>, task: &Task, result: Result<Next, &SourceError>) -> Outcome {
        let Some(work) = self.tasks.get_mut(task) else { return Outcome::Done };
        work.job = None;
        let again = std::mem::take(&mut work.again);
        match result {
            Ok(Next::Done) if !again => {
                self.tasks.remove(task);
                Outcome::Done
            }
            Ok(_) => {
                work.refusals = 0;
                work.retry.succeeded();
                Outcome::Done
            }
            Err(error) if is_final(error) || work.refusals + 1 >= Work::MAX_REFUSALS => {
                // What was not in this question is asked for by the next one.
                if again || !task.patience().is_zero() {
                    *work = Work::default();
                } else {
                    self.tasks.remove(task);
                }
                Outcome::GivenUp
            }
            Err(error) => {
                if is_an_answer(error) {
                    work.refusals += 1;
                }
                work.retry.failed(cx.now.instant);
                Outcome::Retried
            }
        }
    }

    pub(crate) fn fetched(
        &mut self,
        cx: &mut Cx<'_>,
        task: &Task,
        result: Result<crate::topic::Fetched, SourceError>,
    ) -> Result<(), StoreError> {
        let Task::Fetch(topic) = task else { return Ok(()) };
        match result {
            Ok(fetched) => {
                let next = fetched::apply(cx, topic, fetched)?;
                self.finished(cx, task, Ok(next));
            }
            Err(error) => {
                tracing::warn!(%error, ?topic, "a topic could not be fetched");
                if error == SourceError::NotSupported {
                    cx.core.offers.withdraw(topic);
                }
                self.finished(cx, task, Err(&error));
            }
        }
        Ok(())
    }

    pub(crate) fn reported(
        &mut self,
        cx: &mut Cx<'_>,
        task: &Task,
        report: Report,
        result: Result<wk_store::model::Version, SourceError>,
    ) -> Result<(), StoreError> {
        match result {
            Ok(version) => {
                reported::taken(cx, task, &report, version)?;
                // What else there is of this kind was left for the next time.
                self.finished(cx, task, Ok(if task.patience().is_zero() { Next::Done } else { Next::More }));
            }
            Err(error) => {
                tracing::warn!(%error, ?task, "a report failed");
                if let Outcome::GivenUp = self.finished(cx, task, Err(&error)) {
                    reported::given_up(cx, task, &report)?;
                    // What also makes sense without a server need not be told to one that does not have it.
                    if !(error == SourceError::NotSupported && report.is_private()) {
                        cx.emit(Event::ReportFailed { report, error });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether an earlier word about the same is under way: sources may get two at once in the wrong order.
fn is_behind_another(cx: &Cx<'_>, question: &Question) -> bool {
    let Question::Report(request) = question else { return false };
    cx.core
        .jobs
        .any(|purpose| matches!(purpose, Purpose::Report { report, .. } if report.replaces(&request.report)))
}

/// Whether there is more to do for a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Done,
    More,
}

enum Outcome {
    Done,
    Retried,
    GivenUp,
}

/// Whether the same question will always get this answer: not supported, or refused for what it says.
const fn is_final(error: &SourceError) -> bool {
    match error {
        SourceError::NotSupported => true,
        // Too slow, too many, too early.
        SourceError::Refused { status: 408 | 425 | 429, .. } => false,
        SourceError::Refused { status, .. } => *status >= 400 && *status < 500,
        _ => false,
    }
}

/// Whether somebody answered. What did not get through says nothing of the report.
const fn is_an_answer(error: &SourceError) -> bool {
    matches!(error, SourceError::Refused { .. } | SourceError::Malformed(_))
}
