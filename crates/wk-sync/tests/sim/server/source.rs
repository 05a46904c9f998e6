//! The server's HTTP side: pulls, conversation sync, search by number, read positions.

use bytes::Bytes;
use wk_sync::store::model::{ChannelId, ClientMsgNo, Direction, MessageSeq, PageQuery, UnixMillis};
use wk_sync::{
    Answer, FindRequest, PullRequest, PulledMessage, PulledMessages, Question, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest, UploadRequest,
};

use super::{Log, Server};
use crate::common::log::NO_FLAGS;
use crate::common::{Flavour, Stored};
use crate::letters::{channel_of, log_of, members};
use crate::weather::Luck as _;

/// How long after its first message a person's channel can be read (v3, docs/servers.md T46).
const MEMBERSHIP_MS: i64 = 900;

impl Server {
    /// The answer to a question of a user.
    pub fn ask(&mut self, question: &Question) -> Answer {
        match question {
            Question::Pull(request) => Answer::Pulled(self.pull(request)),
            Question::Sync(request) => Answer::Synced(Ok(self.sync(request))),
            Question::Find(request) => Answer::Found(Ok(self.find(request))),
            Question::SetUnread(request) => Answer::UnreadSet(self.set_unread(request)),
            Question::List(request) => Answer::Listed(self.list(request)),
            Question::Retry(request) => Answer::Listed(Ok(self.retry(request))),
            Question::PullBatch(requests) => Answer::PulledBatch(self.pull_batch(requests)),
            Question::Fetch(request) => Answer::Fetched(self.fetch(request)),
            Question::Report(request) => Answer::Reported(self.report(request)),
            Question::Upload(request) => Answer::Uploaded(self.upload(request)),
            Question::Commands(request) => Answer::Commands(Ok(self.commands(request))),
            Question::CommandsTaken(taken) => {
                self.commands_taken(taken.uid.as_str());
                Answer::CommandsTaken(Ok(()))
            }
            other => panic!("the server does not know {other:?}"),
        }
    }

    pub(super) fn pull(&self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        let (start, end) = (request.start.get(), request.end.get());
        assert!((1..=PageQuery::MAX_LIMIT).contains(&request.limit), "limit: {request:?}");
        assert!(start > 0 || end == 0, "start 0 with an end: {request:?}");
        assert!(start > 0 || request.direction == Direction::Older, "v3 would begin at 1: {request:?}");
        assert!(request.direction == Direction::Newer || end == 0 || end < start, "empty: {request:?}");
        assert!(request.direction == Direction::Older || end == 0 || start < end, "empty: {request:?}");
        let log = self.logs.get(&log_of(request.uid.as_str(), &request.channel));
        let limit = u64::from(request.limit);
        Ok(match (self.flavour, log) {
            (Flavour::V2, Some(log)) => pull_v2(log, request, limit),
            (Flavour::V2, None) => PulledMessages::default(),
            (Flavour::V3, Some(log)) if self.is_readable(&request.channel, log) => {
                pull_v3(log, request, limit)
            }
            (Flavour::V3, _) => {
                return Err(SourceError::Refused { status: 400, message: "channel not found".to_owned() });
            }
        })
    }

    fn is_readable(&self, channel: &ChannelId, log: &Log) -> bool {
        let person = channel.channel_type() == wk_sync::store::model::ChannelType::PERSON;
        !person || self.is_listed(log)
    }

    /// Whether a channel's first message is old enough for v3 to know of it (docs/servers.md T65).
    pub(super) fn is_listed(&self, log: &Log) -> bool {
        log.get(1).is_some_and(|first| self.unix_ms() - first.at_ms > MEMBERSHIP_MS)
    }

    fn upload(&mut self, request: &UploadRequest) -> Result<Bytes, SourceError> {
        if self.whims.chance(self.weather.refuse) {
            return Err(SourceError::Refused { status: 413, message: "too large".to_owned() });
        }
        Ok(self.letters.upload(&request.message.payload))
    }

    fn sync(&mut self, request: &SyncRequest) -> Vec<SyncedConversation> {
        let uid = request.uid.as_str().to_owned();
        let mine: Vec<_> = self.logs.keys().filter(|log| members(log).contains(&uid)).cloned().collect();
        let mut synced = Vec::new();
        for log in mine {
            let channel = channel_of(&uid, &log);
            if self.luck.chance(self.weather.sync_omits) {
                self.tally.add("sync left a channel out");
                continue;
            }
            let known = request.tails.iter().find(|(known, _)| *known == channel);
            let known = known.map_or(0, |(_, tail)| tail.get());
            let messages = &self.logs[&log];
            let last = messages.last();
            let first = (last + 1).saturating_sub(request.message_count.into()).max(known + 1);
            let recents: Vec<Stored> = messages.range(first..=last).collect();
            let Some(newest) = recents.last() else { continue };
            let told = self.read_to.get(&(uid.clone(), log.clone())).copied().unwrap_or(0);
            synced.push(SyncedConversation {
                channel,
                last_seq: MessageSeq::new(last),
                read_to: MessageSeq::new(told.max(messages.last_by(&uid))),
                timestamp: UnixMillis::new(newest.at_ms),
                recents: recents.iter().rev().map(|message| message.pulled(self.flavour)).collect(),
            });
        }
        synced
    }

    fn find(&self, request: &FindRequest) -> Vec<PulledMessage> {
        let uid = request.uid.as_str();
        let Some(log) = self.logs.get(&log_of(uid, &request.channel)) else { return Vec::new() };
        let numbers = request.client_msg_nos.iter().map(ClientMsgNo::as_str);
        numbers
            .flat_map(|number| log.numbered(uid, number))
            .map(|message| message.pulled(self.flavour))
            .collect()
    }

    fn set_unread(&mut self, request: &UnreadRequest) -> Result<(), SourceError> {
        let uid = request.uid.as_str();
        let log = log_of(uid, &request.channel);
        let known = self.logs.get(&log).is_some_and(|log| self.is_readable(&request.channel, log));
        if !self.is_v2() && !known {
            self.tally.add("read position came too early");
            return Err(SourceError::Refused { status: 400, message: "channel not found".to_owned() });
        }
        let last = self.logs.get(&log).map_or(0, Log::last);
        let told = self.read_to.entry((uid.to_owned(), log)).or_default();
        *told = (*told).max(last.saturating_sub(request.unread.into()));
        Ok(())
    }
}

/// v2: an arithmetic window, and `more` is only "as many as asked". The lowest message of a page loses its flags.
fn pull_v2(log: &Log, request: &PullRequest, limit: u64) -> PulledMessages {
    let (start, end, last) = (request.start.get(), request.end.get(), log.last());
    let (first, last) = match request.direction {
        _ if start == 0 => ((last + 1).saturating_sub(limit).max(1), last),
        Direction::Older => ((start + 1).saturating_sub(limit).max(end + 1), start.min(last)),
        Direction::Newer => {
            let last = if end == 0 { last } else { last.min(end - 1) };
            (start, last.min(start + limit - 1))
        }
    };
    let mut messages: Vec<_> = log.range(first..=last).map(|message| message.pulled(Flavour::V2)).collect();
    if let Some(lowest) = messages.first_mut() {
        lowest.header = NO_FLAGS;
    }
    PulledMessages { more: messages.len() as u64 == limit, messages }
}

/// v3: exact.
fn pull_v3(log: &Log, request: &PullRequest, limit: u64) -> PulledMessages {
    let (start, end, last) = (request.start.get(), request.end.get(), log.last());
    let (low, high) = match request.direction {
        Direction::Older => (end + 1, if start == 0 { last } else { start.min(last) }),
        Direction::Newer => (start, if end == 0 { last } else { last.min(end - 1) }),
    };
    let more = high >= low && high - low >= limit;
    let (first, last) = match request.direction {
        Direction::Older if more => (high + 1 - limit, high),
        Direction::Newer if more => (low, low + limit - 1),
        _ => (low, high),
    };
    let messages = log.range(first..=last).map(|message| message.pulled(Flavour::V3)).collect();
    PulledMessages { messages, more }
}
