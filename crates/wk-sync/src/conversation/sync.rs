//! The one conversation sync after a connect: the newest messages of each conversation that has news.

use std::time::Duration;

use wk_store::StoreError;
use wk_store::model::{Instant, MessageSeq, SeqRange};

use crate::conversation::merge::{How, raise, take_in};
use crate::conversation::read::tell_read_positions;
use crate::engine::jobs::Purpose;
use crate::engine::{Cx, Question};
use crate::event::{Event, Origin};
use crate::record::{Fact, is_possible};
use crate::source::{SourceError, SyncRequest, SyncedConversation};

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(60);

/// Asks once per session, and again after a failure. Nothing waits for it: messages are sent and received meanwhile.
#[derive(Debug, Default)]
pub(crate) struct ConversationSync {
    retry: Option<Instant>,
    delay: Duration,
}

impl ConversationSync {
    pub(crate) fn start(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        self.retry = None;
        let Some(session) = cx.core.online else { return Ok(()) };
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
        self.retry = None;
        self.delay = Duration::ZERO;
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.retry
    }

    pub(crate) fn timeout(&mut self, cx: &mut Cx<'_>) -> Result<(), StoreError> {
        match self.retry {
            Some(at) if at <= cx.now.instant => self.start(cx),
            _ => Ok(()),
        }
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
                    self.delay = (self.delay * 2).clamp(FIRST_RETRY, LAST_RETRY);
                    self.retry = Some(cx.after(self.delay));
                }
                return Ok(());
            }
        };
        self.delay = Duration::ZERO;
        let (count, mut messages) = (conversations.len(), 0);
        for conversation in conversations.into_iter().filter(|it| !it.channel.is_command()) {
            messages += conversation.recents.len();
            // What is true of an older session is still true, but says nothing of the heads now.
            merge(cx, conversation, current)?;
        }
        cx.emit(Event::Synced { conversations: count, messages });
        if current { done(cx) } else { Ok(()) }
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
    recents.retain(|message| !message.message_seq.is_zero() && is_possible(message.message_seq));
    recents.sort_unstable_by_key(|message| message.message_seq);
    // The newest messages come without a hole. Whether anything lies below the lowest, the server does not say
    // (it hides what the user deleted), so only what came is covered.
    let range = match (recents.first(), recents.last()) {
        (Some(first), Some(last)) => SeqRange::new(first.message_seq, last.message_seq),
        _ => None,
    };
    for message in recents {
        take_in(cx, Fact::pulled(&channel, message), How::Told(Origin::Sync))?;
    }
    cx.cover(&channel, range)?;
    cx.core.logs.raise_tail(&mut *cx.tx, &channel, synced.last_seq)?;
    if current && synced.last_seq > MessageSeq::ZERO {
        cx.core.logs.verify_head(&channel);
    }
    // v2 may say 4,294,967,295 (docs/servers.md T43), which would hide every message to come.
    raise(cx, &channel, synced.last_seq, synced.read_to.min(synced.last_seq), synced.timestamp)
}
