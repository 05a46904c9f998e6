//! The list of conversations of the model server, as v3 gives it (docs/servers.md §6).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use wk_sync::store::model::{ChannelId, MessageSeq, UnixMillis};
use wk_sync::{
    CommandsTaken, ConversationPage, Fetched, ListRequest, ListedConversation, PullRequest, PulledCommand,
    PulledMessages, RetryRequest, SourceError, Topic,
};

use super::server::{Flavour, Server};

/// What the model server says of topics, one page after the other; where there is nothing, it does not have the topic.
pub type Topics = BTreeMap<Topic, VecDeque<Fetched>>;

/// What the list of the model server has.
#[derive(Debug, Default)]
pub struct Listing {
    pub topics: Topics,
    /// It has one; otherwise it is not supported.
    pub offered: bool,
    /// The most members of a page: v3's limit counts what it looks at.
    pub page: usize,
    /// Pages of nothing before the first that has something.
    pub empty_pages: usize,
    /// What it says was deleted.
    pub deletes: Vec<ChannelId>,
    /// What it cannot tell of now.
    pub unresolved: BTreeSet<ChannelId>,
    /// What it refuses to pull, and with it every batch.
    pub refused: BTreeSet<ChannelId>,
    pub reset_required: bool,
    /// Commands that the user has not had.
    pub commands: Vec<PulledCommand>,
    pub command_questions: usize,
    pub commands_taken: Vec<CommandsTaken>,
    /// It names the same page for ever.
    pub stuck: bool,
    pub lists: Vec<ListRequest>,
    pub retries: Vec<RetryRequest>,
    pub batches: Vec<Vec<PullRequest>>,
}

impl Server {
    pub(super) fn list(&self, request: &ListRequest) -> Result<ConversationPage, SourceError> {
        let listing = &self.listing;
        if !listing.offered {
            return Err(SourceError::NotSupported);
        }
        assert!((1..=200).contains(&request.limit), "{request:?}");
        let from: usize = if request.cursor.is_empty() { 0 } else { request.cursor.parse().unwrap() };
        let size = if listing.page == 0 { request.limit as usize } else { listing.page };
        let all: Vec<ChannelId> = self.logs.keys().filter(|channel| !channel.is_command()).cloned().collect();
        let skipped = from.saturating_sub(listing.empty_pages * size);
        let is_empty = from < listing.empty_pages * size;
        let rows =
            if is_empty { &[][..] } else { &all[skipped.min(all.len())..(skipped + size).min(all.len())] };
        let mut page = self.page_of(rows);
        page.done = !is_empty && skipped + size >= all.len() && !listing.stuck;
        page.next_cursor = if listing.stuck { request.cursor.clone() } else { (from + size).to_string() };
        if from == 0 {
            page.coverage = u64::try_from(self.unix_ms).unwrap();
            page.deletes.clone_from(&listing.deletes);
            page.reset_required = listing.reset_required;
        }
        Ok(page)
    }

    pub(super) fn page_of(&self, channels: &[ChannelId]) -> ConversationPage {
        let mut page = ConversationPage { done: true, ..ConversationPage::default() };
        for channel in channels {
            if self.listing.unresolved.contains(channel) {
                page.unresolved.push(channel.clone());
                continue;
            }
            let Some(log) = self.logs.get(channel) else { continue };
            let Some(last) = log.messages.iter().rev().find(|message| log.shows(message.seq)) else {
                continue;
            };
            let own = log.messages.iter().rev().find(|message| message.from == self.uid);
            let seen = log.read_to.max(log.floor).max(own.map_or(0, |message| message.seq));
            page.conversations.push(ListedConversation {
                channel: channel.clone(),
                last_message: Some(last.pulled(Flavour::V3)),
                read_to: MessageSeq::new(log.read_to),
                unread: log.last().saturating_sub(seen),
                deleted_to: MessageSeq::new(log.floor),
                timestamp: UnixMillis::new(last.at_ms),
            });
        }
        page
    }

    pub(super) fn pull_batch(&self, requests: &[PullRequest]) -> Result<Vec<PulledMessages>, SourceError> {
        assert!((1..=200).contains(&requests.len()));
        if requests.iter().any(|request| self.listing.refused.contains(&request.channel)) {
            return Err(SourceError::Refused { status: 400, message: "channel not found".into() });
        }
        Ok(requests.iter().map(|request| self.pull(request)).collect())
    }
}
