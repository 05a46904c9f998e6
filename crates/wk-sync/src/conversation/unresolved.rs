//! Conversations that the list could not tell of, because their node is lost: asked again until it can, without hurry.

use wk_store::model::{ChannelId, Instant};

use crate::engine::jobs::Purpose;
use crate::engine::retry::Retry;
use crate::engine::{Cx, Question};
use crate::list_source::{ConversationPage, RetryRequest};
use crate::source::SourceError;

/// How many one question may name.
const AT_ONCE: usize = 200;

/// The conversations that nothing is known of in this session.
#[derive(Debug, Default)]
pub(super) struct Unresolved {
    channels: Vec<ChannelId>,
    /// How many of them the question under way is about.
    asked: usize,
    retry: Retry<2, 120>,
}

impl Unresolved {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.retry.at()
    }

    pub(super) fn add(&mut self, cx: &Cx<'_>, channels: Vec<ChannelId>) {
        for channel in channels {
            if !self.channels.contains(&channel) {
                self.channels.push(channel);
            }
        }
        if self.asked == 0 && self.retry.at().is_none() && !self.channels.is_empty() {
            self.retry.failed(cx.now.instant);
        }
    }

    pub(super) fn timeout(&mut self, cx: &mut Cx<'_>) {
        let Some(session) = cx.core.online else { return };
        if !self.retry.is_due(cx.now.instant) {
            return;
        }
        self.retry.asked();
        self.asked = self.channels.len().min(AT_ONCE);
        let channels = self.channels.iter().take(AT_ONCE).cloned().collect();
        let request = RetryRequest { uid: cx.core.config.uid.clone(), channels };
        cx.ask(Purpose::ListRetry { session }, Question::Retry(request));
    }

    /// The page that tells of some of them. What it does not tell of is asked again, what it still calls unresolved too.
    pub(super) fn answered(
        &mut self,
        cx: &Cx<'_>,
        result: Result<ConversationPage, SourceError>,
    ) -> Option<ConversationPage> {
        let asked: Vec<ChannelId> = self.channels.drain(..self.asked.min(self.channels.len())).collect();
        self.asked = 0;
        match result {
            Ok(page) => {
                self.add(cx, Vec::new());
                Some(page)
            }
            // Nobody will ever tell.
            Err(SourceError::NotSupported | SourceError::Refused { .. }) => None,
            Err(error) => {
                tracing::warn!(%error, "conversations that were unresolved could not be asked");
                self.add(cx, asked);
                None
            }
        }
    }
}
