//! The list of conversations as v3 gives it: page by page, with holes, and with deletes that are none.

use wk_sync::store::model::{ChannelId, MessageSeq, UnixMillis};
use wk_sync::{
    ConversationPage, ListRequest, ListedConversation, PullRequest, PulledMessages, RetryRequest, SourceError,
};

use super::Server;
use crate::common::Flavour;
use crate::letters::{channel_of, channels_of, log_of, members};
use crate::weather::Luck as _;

impl Server {
    pub(super) fn list(&mut self, request: &ListRequest) -> Result<ConversationPage, SourceError> {
        if self.is_v2() {
            return Err(SourceError::NotSupported);
        }
        let uid = request.uid.as_str();
        let from: usize = if request.cursor.is_empty() { 0 } else { request.cursor.parse().unwrap() };
        let mine = self.logs.iter().filter(|(log, _)| members(log).iter().any(|member| member == uid));
        let logs: Vec<ChannelId> = mine.map(|(log, _)| log.clone()).collect();
        let to = logs.len().min(from + self.list_page.min(request.limit as usize));
        let mut page = ConversationPage {
            next_cursor: to.to_string(),
            done: to == logs.len(),
            coverage: u64::try_from(self.unix_ms()).unwrap(),
            ..ConversationPage::default()
        };
        if from == 0 {
            // Channels that never had a message are among the deleted ones (docs/servers.md T64).
            let unused = channels_of(uid).into_iter().filter(|channel| !logs.contains(&log_of(uid, channel)));
            page.deletes = unused.collect();
        }
        for log in &logs[from.min(to)..to] {
            if !self.is_listed(&self.logs[log]) {
                self.tally.add("channel listed late");
            } else if self.luck.chance(self.weather.sync_omits) {
                self.tally.add("sync left a channel out");
                page.unresolved.push(channel_of(uid, log));
            } else {
                page.conversations.extend(self.listed(uid, log));
            }
        }
        Ok(page)
    }

    pub(super) fn retry(&self, request: &RetryRequest) -> ConversationPage {
        let uid = request.uid.as_str();
        let listed = request.channels.iter().filter_map(|channel| self.listed(uid, &log_of(uid, channel)));
        ConversationPage { conversations: listed.collect(), done: true, ..ConversationPage::default() }
    }

    /// One refused channel spoils the whole batch.
    pub(super) fn pull_batch(&self, requests: &[PullRequest]) -> Result<Vec<PulledMessages>, SourceError> {
        assert!((1..=200).contains(&requests.len()), "{} pulls in one batch", requests.len());
        requests.iter().map(|request| self.pull(request)).collect()
    }

    fn listed(&self, uid: &str, log: &ChannelId) -> Option<ListedConversation> {
        let messages = self.logs.get(log).filter(|log| self.is_listed(log))?;
        let last = messages.get(messages.last())?;
        let read_to = self.read_to.get(&(uid.to_owned(), log.clone())).copied().unwrap_or(0);
        let seen = read_to.max(messages.last_by(uid));
        Some(ListedConversation {
            channel: channel_of(uid, log),
            last_message: Some(last.pulled(Flavour::V3)),
            read_to: MessageSeq::new(read_to),
            unread: messages.last().saturating_sub(seen),
            deleted_to: MessageSeq::ZERO,
            timestamp: UnixMillis::new(last.at_ms),
        })
    }
}
