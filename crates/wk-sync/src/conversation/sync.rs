//! The one conversation sync after a connect: the newest messages of each conversation that has news.

use std::time::Duration;

use wk_store::StoreError;
use wk_store::model::{Instant, MessageSeq, SeqRange};

use crate::conversation::list::{Run, Step};
use crate::conversation::merge::{How, raise, take_in_all};
use crate::conversation::read::tell_read_positions;
use crate::conversation::unresolved::Unresolved;
use crate::engine::jobs::Purpose;
use crate::engine::retry::Retry;
use crate::engine::{ConversationSource, Cx, Question};
use crate::event::{Event, Origin};
use crate::list_source::ConversationPage;
use crate::record::{is_in_log, is_possible, notice_new_log};
use crate::source::{PulledMessages, SourceError, SyncRequest, SyncedConversation};

/// v3 lists a new channel up to a second after its first message (docs/servers.md T65), which nobody else tells of who was
/// not connected then. After this the list is looked at a second time.
const LISTED_AFTER: Duration = Duration::from_secs(2);

/// Asks once per session, and again after a failure. Nothing waits for it: messages are sent and received meanwhile.
#[derive(Debug, Default)]
pub(crate) struct ConversationSync {
    retry: Retry<1, 60>,
    /// The list on its way, where it comes by pages.
    run: Option<Run>,
    by_pages: bool,
    /// The data source has no pages.
    no_pages: bool,
    /// When the list is looked at a second time.
    again_at: Option<Instant>,
    unresolved: Unresolved,
}

impl ConversationSync {
    /// A session began, with a server that has the list by pages or not.
    pub(crate) fn online(&mut self, cx: &mut Cx<'_>, has_pages: bool) -> Result<(), StoreError> {
        self.by_pages = match cx.core.config.conversation_source {
            ConversationSource::ByServer => has_pages,
            ConversationSource::AtOnce => false,
            ConversationSource::ByPages => true,
        };
        (self.run, self.again_at) = (None, None);
        self.unresolved.clear();
        self.start(cx)
    }

    fn start(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        self.retry.asked();
        let Some(session) = cx.core.online else { return Ok(()) };
        if self.by_pages && !self.no_pages {
            let run = match self.run.take() {
                Some(run) => run,
                None => Run::begin(cx, session)?,
            };
            return self.step(cx, run, false, Run::ask);
        }
        let tails = cx.tx.tails()?;
        let request = SyncRequest {
            uid: cx.core.config.uid.clone(),
            tails,
            message_count: cx.core.config.sync_message_count,
        };
        cx.ask(Purpose::Sync { session }, Question::Sync(request));
        Ok(())
    }

    pub(crate) fn offline(&mut self) {
        self.retry = Retry::default();
        (self.run, self.again_at) = (None, None);
        self.unresolved.clear();
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.retry.at(), self.again_at, self.unresolved.deadline()].into_iter().flatten().min()
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        self.unresolved.timeout(cx);
        if self.again_at.is_some_and(|at| at <= cx.now.instant) {
            self.look_again(cx)?;
        }
        if self.retry.is_due(cx.now.instant) { self.start(cx) } else { Ok(()) }
    }

    /// Goes through the list a second time, for what the first time was too early.
    fn look_again(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        let Some(session) = cx.core.online else { return Ok(()) };
        if self.run.is_some() {
            // Something else is pulled just now.
            self.again_at = Some(cx.after(LISTED_AFTER));
            return Ok(());
        }
        self.again_at = None;
        let mut run = Run::begin(cx, session)?;
        run.look_again();
        self.step(cx, run, false, Run::ask)
    }

    pub(crate) fn finished(
        &mut self,
        cx: &mut Cx<'_>,
        session: u64,
        result: Result<Vec<SyncedConversation>, SourceError>,
    ) -> Result<(), StoreError> {
        let current = cx.core.online == Some(session);
        let conversations = match result {
            Ok(conversations) => conversations,
            Err(error) => {
                tracing::warn!(%error, "the conversation sync failed");
                if current && error == SourceError::NotSupported {
                    return done(cx);
                }
                if current {
                    self.retry.failed(cx.now.instant);
                }
                return Ok(());
            }
        };
        self.retry.succeeded();
        let (count, mut messages) = (conversations.len(), 0);
        for conversation in conversations.into_iter().filter(|it| !it.channel.is_command()) {
            messages += conversation.recents.len();
            // What is true of an older session is still true, but says nothing of the heads now.
            merge(cx, conversation, current)?;
        }
        cx.emit(Event::Synced { conversations: count, messages });
        if current { done(cx) } else { Ok(()) }
    }

    /// A page of the list came. One that an older session asked for is asked again.
    pub(crate) fn listed(
        &mut self,
        cx: &mut Cx<'_>,
        session: u64,
        result: Result<ConversationPage, SourceError>,
    ) -> Result<(), StoreError> {
        let Some(run) = self.take_run(session) else { return Ok(()) };
        match result {
            Ok(page) => self.step(cx, run, true, |run, cx| run.listed(cx, page)),
            Err(SourceError::NotSupported) => {
                self.no_pages = true;
                self.start(cx)
            }
            Err(error) => self.step(cx, run, false, |_, _| Ok(Step::Failed(error))),
        }
    }

    /// The newest messages of conversations of the list came.
    pub(crate) fn pulled(
        &mut self,
        cx: &mut Cx<'_>,
        session: u64,
        result: Result<Vec<PulledMessages>, SourceError>,
    ) -> Result<(), StoreError> {
        let Some(run) = self.take_run(session) else { return Ok(()) };
        self.step(cx, run, true, |run, cx| run.pulled(cx, result))
    }

    /// What the list could not tell of came, or still cannot be told.
    pub(crate) fn retried(
        &mut self,
        cx: &mut Cx<'_>,
        session: u64,
        result: Result<ConversationPage, SourceError>,
    ) -> Result<(), StoreError> {
        if cx.core.online != Some(session) {
            return Ok(());
        }
        let Some(page) = self.unresolved.answered(cx, result) else { return Ok(()) };
        // Its conversations may have news, which are pulled as those of the list are.
        if let Some(mut run) = self.run.take() {
            run.take(cx, page)?;
            self.run = Some(run);
            return Ok(());
        }
        let mut run = Run::begin(cx, session)?;
        run.listed_apart();
        run.take(cx, page)?;
        self.step(cx, run, false, Run::ask)
    }

    fn take_run(&mut self, session: u64) -> Option<Run> {
        self.run.take_if(|run| run.session == session)
    }

    fn step(
        &mut self,
        cx: &mut Cx<'_>,
        mut run: Run,
        is_answer: bool,
        step: impl FnOnce(&mut Run, &mut Cx<'_>) -> Result<Step, StoreError>,
    ) -> Result<(), StoreError> {
        match step(&mut run, cx)? {
            Step::Asked => {
                if is_answer {
                    self.retry.succeeded();
                }
                self.run = Some(run);
                Ok(())
            }
            Step::Failed(error) => {
                tracing::warn!(%error, "the list of conversations failed");
                self.run = Some(run);
                self.retry.failed(cx.now.instant);
                Ok(())
            }
            Step::Finished => {
                self.retry.succeeded();
                self.unresolved.add(cx, std::mem::take(&mut run.unresolved));
                if run.is_apart() {
                    return tell_read_positions(cx);
                }
                self.again_at = Some(cx.after(LISTED_AFTER));
                cx.emit(Event::Synced { conversations: run.conversations, messages: run.messages });
                done(cx)
            }
        }
    }
}

fn done(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    cx.core.synced = cx.core.online;
    tell_read_positions(cx)
}

fn merge(cx: &mut Cx<'_>, synced: SyncedConversation, current: bool) -> Result<(), StoreError> {
    if !is_possible(synced.last_seq) {
        return Ok(());
    }
    let channel = synced.channel;
    let mut recents = synced.recents;
    recents.retain(|message| is_in_log(message.message_seq));
    recents.sort_unstable_by_key(|message| message.message_seq);
    // The newest messages come without a hole. Whether anything lies below the lowest, the server does not say
    // (it hides what the user deleted), so only what came is covered.
    let range = match (recents.first(), recents.last()) {
        (Some(first), Some(last)) => SeqRange::new(first.message_seq, last.message_seq),
        _ => None,
    };
    if let Some(newest) = recents.last() {
        notice_new_log(cx, &channel, newest.message_seq, newest.message_id)?;
    }
    take_in_all(cx, &channel, recents, How::Told(Origin::Sync))?;
    cx.cover(&channel, range)?;
    cx.core.logs.raise_tail(&mut *cx.tx, &channel, synced.last_seq)?;
    if current && synced.last_seq > MessageSeq::ZERO {
        cx.core.logs.verify_head(&channel);
    }
    // v2 may say 4,294,967,295 (docs/servers.md T43), which would hide every message to come.
    raise(cx, &channel, synced.last_seq, synced.read_to.min(synced.last_seq), synced.timestamp)
}
