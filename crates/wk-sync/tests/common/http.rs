//! The HTTP side of the model server: pulls, conversation sync, search by number, read positions.

use std::collections::VecDeque;

use bytes::Bytes;
use wk_sync::store::model::{ClientMsgNo, Direction, MessageSeq, PageQuery, UnixMillis, Version};
use wk_sync::{
    Answer, FindRequest, PullRequest, PulledMessage, PulledMessages, Question, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest,
};

use super::log::{Log, NO_FLAGS, Stored};
use super::server::{Flavour, Server};

impl Server {
    pub fn answer(&mut self, question: &Question) -> Answer {
        let failure = if self.broken { Some(unreachable()) } else { self.failures.pop_front() };
        match question {
            Question::Pull(request) => {
                self.pulls.push(request.clone());
                Answer::Pulled(failure.map_or_else(|| Ok(self.pull(request)), Err))
            }
            Question::Sync(request) => {
                self.syncs.push(request.clone());
                Answer::Synced(failure.map_or_else(|| Ok(self.sync(request)), Err))
            }
            Question::Find(request) => {
                self.finds.push(request.clone());
                Answer::Found(failure.map_or_else(|| Ok(self.find(request)), Err))
            }
            Question::SetUnread(request) => {
                self.unreads.push(request.clone());
                Answer::UnreadSet(failure.map_or_else(
                    || {
                        self.set_unread(request);
                        Ok(())
                    },
                    Err,
                ))
            }
            Question::Upload(request) => {
                self.uploads.push(request.clone());
                Answer::Uploaded(failure.map_or_else(|| Ok(uploaded(&request.message.payload)), Err))
            }
            Question::List(request) => {
                self.listing.lists.push(request.clone());
                Answer::Listed(failure.map_or_else(|| self.list(request), Err))
            }
            Question::Retry(request) => {
                self.listing.retries.push(request.clone());
                Answer::Listed(failure.map_or_else(|| Ok(self.page_of(&request.channels)), Err))
            }
            Question::PullBatch(requests) => {
                self.listing.batches.push(requests.clone());
                Answer::PulledBatch(failure.map_or_else(|| self.pull_batch(requests), Err))
            }
            Question::Fetch(request) => {
                self.fetches.push(request.clone());
                let mut scripted =
                    || self.listing.topics.get_mut(&request.topic).and_then(VecDeque::pop_front);
                Answer::Fetched(failure.map_or_else(|| scripted().ok_or(SourceError::NotSupported), Err))
            }
            Question::Report(request) => {
                self.reports.push(request.report.clone());
                Answer::Reported(failure.map_or(Ok(Version::ZERO), Err))
            }
            Question::Commands(request) => {
                self.listing.command_questions += 1;
                let limit = usize::try_from(request.limit).unwrap();
                let commands = || self.listing.commands.iter().take(limit).cloned().collect();
                Answer::Commands(failure.map_or_else(|| Ok(commands()), Err))
            }
            Question::CommandsTaken(taken) => {
                if failure.is_none() {
                    self.listing.commands.clear();
                    self.listing.commands_taken.push(taken.clone());
                }
                Answer::CommandsTaken(failure.map_or(Ok(()), Err))
            }
            other => panic!("the model server does not know {other:?}"),
        }
    }

    /// docs/servers.md §5: selection, the flavours' `more`, and what each flavour loses.
    pub(super) fn pull(&self, request: &PullRequest) -> PulledMessages {
        let (start, end) = (request.start.get(), request.end.get());
        assert!((1..=PageQuery::MAX_LIMIT).contains(&request.limit), "limit: {request:?}");
        assert!(start > 0 || end == 0, "start 0 with an end: {request:?}");
        assert!(start > 0 || request.direction == Direction::Older, "v3 would begin at 1: {request:?}");
        assert!(request.direction == Direction::Newer || end == 0 || end < start, "empty: {request:?}");
        assert!(request.direction == Direction::Older || end == 0 || start < end, "empty: {request:?}");
        let Some(log) = self.logs.get(&request.channel) else { return PulledMessages::default() };
        let limit = usize::try_from(request.limit.min(self.max_limit)).unwrap();
        match self.flavour {
            Flavour::V2 => pull_v2(log, request, limit),
            Flavour::V3 => pull_v3(log, request, limit),
        }
    }

    fn sync(&self, request: &SyncRequest) -> Vec<SyncedConversation> {
        let count = usize::try_from(request.message_count).unwrap();
        let channels = self.logs.iter().filter(|(channel, _)| !channel.is_command());
        let synced = channels.filter_map(|(channel, log)| {
            let known = request.tails.iter().find(|(known, _)| known == channel);
            let known = known.map_or(0, |(_, tail)| tail.get());
            let shown = |message: &&Stored| message.seq > known && log.shows(message.seq);
            let newest: Vec<&Stored> = log.messages.iter().filter(shown).rev().take(count).collect();
            let own = log.messages.iter().rev().find(|message| message.from == self.uid);
            let read_to = log.read_to.max(own.map_or(0, |message| message.seq));
            Some(SyncedConversation {
                channel: channel.clone(),
                last_seq: MessageSeq::new(log.last()),
                read_to: MessageSeq::new(read_to),
                timestamp: UnixMillis::new(newest.first()?.at_ms),
                recents: newest.iter().map(|message| message.pulled(self.flavour)).collect(),
            })
        });
        synced.collect()
    }

    fn find(&self, request: &FindRequest) -> Vec<PulledMessage> {
        let Some(log) = self.logs.get(&request.channel) else { return Vec::new() };
        let asked = |message: &&Stored| {
            message.from == self.uid
                && request.client_msg_nos.contains(&ClientMsgNo::from(message.client_msg_no.as_str()))
        };
        log.messages.iter().filter(asked).map(|message| message.pulled(self.flavour)).collect()
    }

    fn set_unread(&mut self, request: &UnreadRequest) {
        if let Some(log) = self.logs.get_mut(&request.channel) {
            log.read_to = log.read_to.max(log.last().saturating_sub(request.unread.into()));
        }
    }
}

/// The final payload of a draft: the file has a name at the server now.
pub fn uploaded(draft: &[u8]) -> Bytes {
    String::from_utf8(draft.to_vec()).unwrap().replace("file:", "https:").into()
}

pub fn unreachable() -> SourceError {
    SourceError::Unreachable("the cable is cut".to_owned())
}

/// v2: an arithmetic window, and `more` is only "as many as asked". The lowest message of a page loses its flags.
fn pull_v2(log: &Log, request: &PullRequest, limit: usize) -> PulledMessages {
    let (start, end, last) = (request.start.get(), request.end.get(), log.last());
    let width = limit as u64;
    let (first, last) = match request.direction {
        _ if start == 0 => ((last + 1).saturating_sub(width).max(1), last),
        Direction::Older => ((start + 1).saturating_sub(width).max(end + 1), start.min(last)),
        Direction::Newer => (start, if end == 0 { last } else { last.min(end - 1) }),
    };
    let asked = log.messages.iter().filter(|message| (first..=last).contains(&message.seq));
    let mut messages: Vec<_> = asked.take(limit).map(|message| message.pulled(Flavour::V2)).collect();
    if let Some(lowest) = messages.first_mut() {
        lowest.header = NO_FLAGS;
    }
    PulledMessages { more: messages.len() == limit, messages }
}

/// v3: exact, above the floor; commands are taken out after the limit was applied.
fn pull_v3(log: &Log, request: &PullRequest, limit: usize) -> PulledMessages {
    let (start, end) = (request.start.get(), request.end.get());
    let above_floor = log.messages.iter().filter(|message| message.seq > log.floor);
    let mut asked: Vec<&Stored> = match request.direction {
        Direction::Older => above_floor
            .filter(|message| end < message.seq && (start == 0 || message.seq <= start))
            .rev()
            .take(limit + 1)
            .collect(),
        Direction::Newer => above_floor
            .filter(|message| start <= message.seq && (end == 0 || message.seq < end))
            .take(limit + 1)
            .collect(),
    };
    let more = asked.len() > limit;
    asked.truncate(limit);
    asked.sort_unstable_by_key(|message| message.seq);
    let shown = asked.into_iter().filter(|message| !message.absent);
    PulledMessages { messages: shown.map(|message| message.pulled(Flavour::V3)).collect(), more }
}
