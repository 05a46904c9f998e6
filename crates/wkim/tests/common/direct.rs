//! A data source that looks into the development server without a network, for tests on virtual time.

use std::sync::Arc;

use wk_devserver::{DevServer, LoggedMessage};
use wk_sync::{
    DataSource, FindRequest, PullRequest, PulledMessage, PulledMessages, SourceError, SyncRequest,
    SyncedConversation, UnreadRequest,
};
use wkim::{ChannelId, Direction, MessageSeq, UnixMillis};

/// Knows these channels of its user and no others.
pub(crate) struct Direct {
    pub(crate) server: Arc<DevServer>,
    pub(crate) channels: Vec<ChannelId>,
}

fn pulled(message: LoggedMessage) -> PulledMessage {
    PulledMessage {
        message_id: message.id,
        message_seq: message.seq,
        client_msg_no: message.client_msg_no.into(),
        from_uid: message.from,
        timestamp: UnixMillis::new(i64::from(message.timestamp) * 1000),
        header: Default::default(),
        setting: Default::default(),
        topic: String::new(),
        expire: 0,
        payload: message.payload,
    }
}

#[async_trait::async_trait]
impl DataSource for Direct {
    async fn pull_messages(&self, request: &PullRequest) -> Result<PulledMessages, SourceError> {
        let mut log = self.server.messages(&request.channel, &request.uid);
        let limit = usize::try_from(request.limit).unwrap();
        let (start, end) = (request.start, request.end);
        if request.direction == Direction::Newer {
            log.retain(|message| message.seq >= start && (end.is_zero() || message.seq < end));
        } else {
            log.retain(|message| (start.is_zero() || message.seq <= start) && message.seq > end);
            log.reverse();
        }
        let more = log.len() > limit;
        log.truncate(limit);
        Ok(PulledMessages { messages: log.into_iter().map(pulled).collect(), more })
    }

    async fn sync_conversations(
        &self,
        request: &SyncRequest,
    ) -> Result<Vec<SyncedConversation>, SourceError> {
        let known = |channel: &ChannelId| {
            request.tails.iter().find(|(known, _)| known == channel).map_or(MessageSeq::ZERO, |(_, seq)| *seq)
        };
        let news = self.channels.iter().filter_map(|channel| {
            let log = self.server.messages(channel, &request.uid);
            let last = log.last().filter(|last| last.seq > known(channel))?.clone();
            let from = log.len().saturating_sub(usize::try_from(request.message_count).unwrap());
            Some(SyncedConversation {
                channel: channel.clone(),
                last_seq: last.seq,
                read_to: MessageSeq::ZERO,
                timestamp: pulled(last).timestamp,
                recents: log.into_iter().skip(from).map(pulled).collect(),
            })
        });
        Ok(news.collect())
    }

    async fn find_messages(&self, request: &FindRequest) -> Result<Vec<PulledMessage>, SourceError> {
        let log = self.server.messages(&request.channel, &request.uid).into_iter();
        let wanted = |message: &LoggedMessage| {
            message.from == request.uid
                && request.client_msg_nos.iter().any(|number| number.as_str() == message.client_msg_no)
        };
        Ok(log.filter(wanted).map(pulled).collect())
    }

    async fn set_unread(&self, _: &UnreadRequest) -> Result<(), SourceError> {
        Ok(())
    }
}
