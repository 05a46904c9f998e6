//! Uploads that come before a send: what a message names is uploaded first, and the final payload comes from there.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use wk_store::StoreError;
use wk_store::model::{ChannelId, ClientSeq, Instant, Message, MessageStatus, PayloadHead};

use crate::engine::jobs::Purpose;
use crate::engine::{Cx, JobId, Output, Question, Reply, Ticket};
use crate::error::QueryError;
use crate::event::Event;
use crate::outbox::Outbox;
use crate::outbox::queue::Progress;
use crate::source::{SourceError, UploadRequest};

/// The most uploads at once.
const WINDOW: usize = 3;
/// How often an upload that could not reach its server is tried, in however many processes.
const ATTEMPTS: u32 = 6;
/// The wait after the first failure; it doubles with each.
const RETRY: Duration = Duration::from_secs(2);

/// The entries whose payload is not final.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// Not before these moments, the oldest message first.
    waiting: BTreeSet<(Instant, ClientSeq, ChannelId)>,
    under_way: HashMap<ClientSeq, JobId>,
    /// The user does not want them to go on for now. Only the queue knows of them besides.
    paused: HashSet<ClientSeq>,
}

impl Uploads {
    pub(super) fn begin(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        self.waiting.insert((Instant::default(), client_seq, channel.clone()));
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let may_begin = self.under_way.len() < WINDOW;
        self.waiting.first().filter(|_| may_begin).map(|(at, _, _)| *at)
    }

    /// Nobody wants it any more; gives the question that is with the data source.
    pub(super) fn forget(&mut self, client_seq: ClientSeq) -> Option<JobId> {
        self.waiting.retain(|(_, of, _)| *of != client_seq);
        self.paused.remove(&client_seq);
        self.under_way.remove(&client_seq)
    }

    /// It does not go on for now; gives the question that is with the data source.
    fn pause(&mut self, client_seq: ClientSeq) -> Option<JobId> {
        let job = self.forget(client_seq);
        self.paused.insert(client_seq);
        job
    }

    fn go_on(&mut self, channel: &ChannelId, client_seq: ClientSeq) {
        if self.paused.remove(&client_seq) {
            self.begin(channel, client_seq);
        }
    }
}

impl Outbox {
    /// Begins what may begin. It needs no session: an upload goes its own way.
    pub(super) fn upload(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        while self.uploads.deadline().is_some_and(|at| at <= cx.now.instant) {
            let Some((_, client_seq, channel)) = self.uploads.waiting.pop_first() else { break };
            let Some(message) = cx.tx.message(client_seq)? else {
                self.forget(cx, &channel, client_seq)?;
                continue;
            };
            let request = UploadRequest { uid: cx.core.config.uid.clone(), message };
            let purpose = Purpose::Upload { channel, client_seq };
            let job = cx.ask_within(purpose, Question::Upload(request), cx.core.config.upload_timeout);
            self.uploads.under_way.insert(client_seq, job);
        }
        Ok(())
    }

    /// The user pauses an upload, or lets it go on. What is paused holds up no other upload.
    pub(crate) fn pause_upload(
        &mut self,
        cx: &mut Cx<'_>,
        ticket: Ticket,
        client_seq: ClientSeq,
        paused: bool,
    ) -> Result<(), StoreError> {
        let message = cx.tx.message(client_seq)?;
        let is_uploading = |message: &Message| {
            let item = self.queue.get(&message.channel, client_seq);
            item.is_some_and(|item| item.progress == Progress::Uploading)
        };
        let Some(message) = message.filter(is_uploading) else {
            cx.reply(ticket, Reply::Done(Err(QueryError::NotWaiting)));
            return Ok(());
        };
        if paused {
            let job = self.uploads.pause(client_seq);
            abandon(cx, job);
        } else {
            self.uploads.go_on(&message.channel, client_seq);
        }
        cx.reply(ticket, Reply::Done(Ok(())));
        Ok(())
    }

    /// The data source has uploaded what a message names, or has not.
    pub(crate) fn uploaded(
        &mut self,
        cx: &mut Cx<'_>,
        channel: &ChannelId,
        client_seq: ClientSeq,
        result: Result<Bytes, SourceError>,
    ) -> Result<(), StoreError> {
        self.uploads.under_way.remove(&client_seq);
        let uploading = self.queue.get(channel, client_seq).map(|item| item.progress);
        let (Some(Progress::Uploading), Some(mut message)) = (uploading, cx.tx.message(client_seq)?) else {
            return self.forget(cx, channel, client_seq);
        };
        let limit = cx.core.config.max_payload;
        let again = match result {
            Ok(payload) if payload.is_empty() || payload.len() > limit => {
                tracing::error!(%client_seq, len = payload.len(), limit, "an uploaded message has an impossible payload");
                None
            }
            Ok(payload) => {
                message.content_type = PayloadHead::read(&payload).content_type;
                message.payload = payload;
                cx.tx.update_message(&message)?;
                cx.emit(Event::Refreshed(message));
                self.uploads.forget(client_seq);
                self.queue.uploaded(channel, client_seq);
                self.fresh.insert(client_seq, channel.clone());
                return Ok(());
            }
            Err(error) => {
                tracing::warn!(%error, %client_seq, "what a message names was not uploaded");
                let may_pass = matches!(error, SourceError::Unreachable(_) | SourceError::TimedOut);
                let failures = self.queue.not_uploaded(channel, client_seq);
                self.fresh.insert(client_seq, channel.clone());
                (may_pass && failures < ATTEMPTS).then(|| RETRY * 2_u32.saturating_pow(failures - 1))
            }
        };
        match again {
            Some(delay) => {
                self.uploads.waiting.insert((cx.after(delay), client_seq, channel.clone()));
                Ok(())
            }
            None => self.give_up(cx, message, MessageStatus::NotUploaded),
        }
    }

    /// Takes an entry out, with everything that is under way for it.
    pub(super) fn forget(
        &mut self,
        cx: &mut Cx<'_>,
        channel: &ChannelId,
        client_seq: ClientSeq,
    ) -> Result<(), StoreError> {
        let job = self.uploads.forget(client_seq);
        abandon(cx, job);
        cx.tx.remove_outbox(client_seq)?;
        self.queue.remove(channel, client_seq);
        Ok(())
    }
}

/// The answer to a question is no longer wanted.
fn abandon(cx: &mut Cx<'_>, job: Option<JobId>) {
    if let Some(job) = job
        && cx.core.jobs.close(job).is_some()
    {
        cx.core.out.push_back(Output::Abandon(job));
    }
}
