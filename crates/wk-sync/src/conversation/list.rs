//! The list of conversations page by page, and then the newest messages of those with news.
//!
//! Nothing of the list is believed to be complete but its last page's word that it is: a page may be empty, a
//! conversation may be missing because a node is lost, and what was deleted is named (docs/servers.md T47, T64).

use std::collections::{HashMap, VecDeque};

use wk_store::StoreError;
use wk_store::model::{ChannelId, Cursor, Direction, MessageSeq, SeqRange, Version};

use crate::conversation::hide::hide_to;
use crate::conversation::merge::{How, load, raise, take_in_all};
use crate::engine::jobs::Purpose;
use crate::engine::{Cx, Question};
use crate::event::Origin;
use crate::list_source::{ConversationPage, ListRequest, ListedConversation};
use crate::record::{is_in_log, notice_new_log};
use crate::source::{PullRequest, PulledMessage, PulledMessages, SourceError};

/// How many conversations a page looks at.
const PAGE: u32 = 100;
/// How many conversations' messages are pulled at once.
const BATCH: usize = 20;

/// A list on its way.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) session: u64,
    cursor: String,
    /// What the first page said.
    coverage: Option<u64>,
    listing: bool,
    /// It is not the list of this session but a second look at it, or some conversations that it could not tell of.
    apart: bool,
    /// The tails when it began: what lies behind them is news, and what came since was not deleted.
    tails: HashMap<ChannelId, MessageSeq>,
    news: VecDeque<News>,
    /// How many of them the question under way is about.
    asked: usize,
    /// A batch was refused: so many of them are asked one by one.
    singly: usize,
    pub(super) unresolved: Vec<ChannelId>,
    pub(super) conversations: usize,
    pub(super) messages: usize,
}

/// A conversation whose messages are to be pulled.
#[derive(Debug)]
struct News {
    request: PullRequest,
    last_message: PulledMessage,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Asked,
    Finished,
    /// It has to be asked again after a while.
    Failed(SourceError),
}

impl Run {
    pub(super) fn begin(cx: &mut Cx<'_>, session: u64) -> Result<Self, StoreError> {
        let run = Self {
            session,
            cursor: String::new(),
            coverage: None,
            listing: true,
            apart: false,
            tails: cx.tx.tails()?.into_iter().collect(),
            news: VecDeque::new(),
            asked: 0,
            singly: 0,
            unresolved: Vec::new(),
            conversations: 0,
            messages: 0,
        };
        Ok(run)
    }

    /// There are no pages to ask for, only messages.
    pub(super) const fn listed_apart(&mut self) {
        (self.listing, self.apart) = (false, true);
    }

    /// The list was told of before in this session.
    pub(super) const fn look_again(&mut self) {
        self.apart = true;
    }

    pub(super) const fn is_apart(&self) -> bool {
        self.apart
    }

    /// Asks for the next page, or for the next messages.
    pub(super) fn ask(&mut self, cx: &mut Cx<'_>) -> Result<Step, StoreError> {
        let session = self.session;
        if self.listing {
            let coverage = cx.tx.cursor(&Cursor::Conversations)?.get();
            let (uid, cursor) = (cx.core.config.uid.clone(), self.cursor.clone());
            let request = ListRequest { uid, cursor, limit: PAGE, coverage };
            cx.ask(Purpose::List { session }, Question::List(request));
            return Ok(Step::Asked);
        }
        let count = if self.singly > 0 { 1 } else { self.news.len().min(BATCH) };
        self.asked = count;
        if count == 0 {
            if let Some(coverage) = self.coverage {
                cx.tx.put_cursor(&Cursor::Conversations, Version::new(coverage))?;
            }
            return Ok(Step::Finished);
        }
        let requests = self.news.iter().take(count).map(|news| news.request.clone()).collect();
        cx.ask(Purpose::ListPull { session }, Question::PullBatch(requests));
        Ok(Step::Asked)
    }

    pub(super) fn listed(&mut self, cx: &mut Cx<'_>, page: ConversationPage) -> Result<Step, StoreError> {
        self.coverage = self.coverage.or(Some(page.coverage));
        if page.reset_required {
            // What is stored stays: a list that lacks a conversation does not say that it is gone.
            tracing::info!(
                "the server does not know any more which conversations were deleted since the last list"
            );
        }
        let (is_last, next) = (page.done, page.next_cursor.clone());
        self.take(cx, page)?;
        if is_last {
            self.listing = false;
        } else if next.is_empty() || next == self.cursor {
            self.cursor.clear();
            return Ok(Step::Failed(SourceError::Malformed("a page that leads nowhere".to_owned())));
        } else {
            self.cursor = next;
        }
        self.ask(cx)
    }

    /// Takes what a page says.
    pub(super) fn take(&mut self, cx: &mut Cx<'_>, page: ConversationPage) -> Result<(), StoreError> {
        for channel in page.deletes.iter().filter(|channel| !channel.is_command()) {
            // Of one that only has messages on their way to the server, the server knows nothing.
            if let Some(tail) = self.tails.get(channel).copied()
                && load(cx, channel)?.is_some()
            {
                hide_to(cx, channel, tail)?;
            }
        }
        self.unresolved.extend(page.unresolved.into_iter().filter(|channel| !channel.is_command()));
        for listed in page.conversations.into_iter().filter(|listed| !listed.channel.is_command()) {
            self.merge(cx, listed)?;
        }
        Ok(())
    }

    fn merge(&mut self, cx: &mut Cx<'_>, listed: ListedConversation) -> Result<(), StoreError> {
        let ListedConversation { channel, last_message, read_to, unread, deleted_to, timestamp } = listed;
        let Some(message) = last_message.filter(|message| is_in_log(message.message_seq)) else {
            // It has nothing to show; how far it was read counts where it is known.
            return if load(cx, &channel)?.is_some() {
                raise(cx, &channel, MessageSeq::ZERO, read_to.min(deleted_to), timestamp)
            } else {
                Ok(())
            };
        };
        let last_seq = message.message_seq;
        // The server also counts what the user wrote, and what he could not see, as read.
        let reckoned = MessageSeq::new(last_seq.get().saturating_sub(unread));
        let read_to = read_to.max(deleted_to).max(reckoned).min(last_seq);
        notice_new_log(cx, &channel, last_seq, message.message_id)?;
        let known = cx.core.logs.get(&mut *cx.tx, &channel)?.tail;
        if self.tails.get(&channel).is_some_and(|tail| known < *tail) {
            // All of it is news.
            self.tails.remove(&channel);
        }
        let tail = self.tails.get(&channel).copied().unwrap_or_default();
        match self.pull(cx, &channel, tail, last_seq) {
            Some(request) => self.news.push_back(News { request, last_message: message }),
            None => self.told(cx, &channel, vec![message], None)?,
        }
        raise(cx, &channel, last_seq, read_to, timestamp)?;
        if !deleted_to.is_zero() {
            hide_to(cx, &channel, deleted_to.min(last_seq))?;
        }
        Ok(())
    }

    /// What to pull of a conversation with news: what is new, or if that is much, the newest of it. Nothing where the
    /// newest message, which the list brought, is all.
    fn pull(
        &self,
        cx: &Cx<'_>,
        channel: &ChannelId,
        tail: MessageSeq,
        last_seq: MessageSeq,
    ) -> Option<PullRequest> {
        let limit = cx.core.config.sync_message_count;
        let news = last_seq.get().saturating_sub(tail.get());
        if news <= 1 {
            return None;
        }
        let (uid, channel, end) = (cx.core.config.uid.clone(), channel.clone(), MessageSeq::ZERO);
        let (start, direction) = if tail.is_zero() || news > u64::from(limit) {
            (MessageSeq::ZERO, Direction::Older)
        } else {
            (MessageSeq::new(tail.get() + 1), Direction::Newer)
        };
        Some(PullRequest { uid, channel, start, end, direction, limit })
    }

    pub(super) fn pulled(
        &mut self,
        cx: &mut Cx<'_>,
        result: Result<Vec<PulledMessages>, SourceError>,
    ) -> Result<Step, StoreError> {
        let count = self.asked;
        let answers = match result {
            Ok(answers) if answers.len() == count => answers,
            Ok(answers) => {
                let what = format!("{} answers to {count} pulls", answers.len());
                return Ok(Step::Failed(SourceError::Malformed(what)));
            }
            Err(SourceError::NotSupported | SourceError::Refused { .. }) if count > 1 => {
                // One channel that it does not give fails all (docs/servers.md T65).
                self.singly = count;
                return self.ask(cx);
            }
            // What the list said of it is all there is to know for now.
            Err(SourceError::NotSupported | SourceError::Refused { .. }) => vec![PulledMessages::default()],
            Err(error) => return Ok(Step::Failed(error)),
        };
        self.singly = self.singly.saturating_sub(count);
        for answer in answers {
            let Some(News { request, last_message }) = self.news.pop_front() else { break };
            let mut messages = answer.messages;
            messages.retain(|message| message.message_seq >= request.start && is_in_log(message.message_seq));
            messages.sort_by_key(|message| message.message_seq);
            let highest = messages.last().map(|message| message.message_seq);
            let lowest = match request.direction {
                Direction::Newer => Some(request.start),
                Direction::Older => messages.first().map(|message| message.message_seq),
            };
            let covered = lowest.zip(highest).and_then(|(lowest, highest)| SeqRange::new(lowest, highest));
            messages.push(last_message);
            self.told(cx, &request.channel, messages, covered)?;
        }
        self.ask(cx)
    }

    /// Tells of the newest messages of a conversation, of which the last is the newest of all. `covered` is what came
    /// without a hole.
    fn told(
        &mut self,
        cx: &mut Cx<'_>,
        channel: &ChannelId,
        mut messages: Vec<PulledMessage>,
        covered: Option<SeqRange>,
    ) -> Result<(), StoreError> {
        messages.dedup_by_key(|message| message.message_seq);
        let tail = self.tails.get(channel).copied().unwrap_or_default();
        let news = messages.iter().filter(|message| message.message_seq > tail).count();
        self.conversations += usize::from(news > 0);
        self.messages += news;
        let last = messages.last().map(|message| message.message_seq);
        take_in_all(cx, channel, messages, How::Told(Origin::Sync))?;
        cx.cover(channel, covered)?;
        // Only now: a tail that was raised before its messages came would be no news to the next list.
        cx.cover(channel, last.and_then(SeqRange::single))?;
        cx.core.logs.verify_head(channel);
        Ok(())
    }
}
