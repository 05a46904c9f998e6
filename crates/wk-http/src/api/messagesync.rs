//! `POST /channel/messagesync`: a stretch of a channel's history.

use serde::{Deserialize, Serialize};
use wk_sync::store::model::{Direction, MessageSeq};
use wk_sync::{PullRequest, PulledMessages, SourceError};

use crate::HttpSource;
use crate::exchange::refused;
use crate::wire::{ChannelBody, MessageBody, check_id, clamp_count, into_messages, nullable};

#[derive(Serialize)]
struct Question<'a> {
    login_uid: &'a str,
    #[serde(flatten)]
    stretch: Stretch<'a>,
}

/// Which messages: a question of its own here, one of many in a batch.
#[derive(Serialize)]
pub(super) struct Stretch<'a> {
    #[serde(flatten)]
    channel: ChannelBody<'a>,
    start_message_seq: u64,
    end_message_seq: u64,
    limit: u32,
    pull_mode: u8,
}

impl<'a> Stretch<'a> {
    pub(super) fn new(request: &'a PullRequest) -> Result<Self, SourceError> {
        let newest = request.start == MessageSeq::ZERO;
        if newest && request.end != MessageSeq::ZERO {
            // v2 answers with nothing, v3 with the newest page: neither is a stretch.
            return Err(refused("a pull with an end needs a start"));
        }
        Ok(Self {
            channel: ChannelBody::new(&request.channel)?,
            start_message_seq: request.start.get(),
            end_message_seq: request.end.get(),
            limit: clamp_count(request.limit),
            pull_mode: match request.direction {
                // Upwards from 0 would be the newest page on v2 and the oldest on v3 (docs/servers.md T34).
                Direction::Newer if !newest => 1,
                _ => 0,
            },
        })
    }
}

/// The start and end of the answer are the question's own, and say nothing about what is covered.
#[derive(Deserialize)]
struct Answer {
    more: u8,
    #[serde(deserialize_with = "nullable")]
    messages: Vec<MessageBody>,
}

pub(crate) async fn pull(source: &HttpSource, request: &PullRequest) -> Result<PulledMessages, SourceError> {
    check_id("uid", request.uid.as_str())?;
    let question = Question { login_uid: request.uid.as_str(), stretch: Stretch::new(request)? };
    let answer: Answer = source.ask("channel/messagesync", &question).await?;
    Ok(PulledMessages { messages: into_messages(answer.messages)?, more: answer.more != 0 })
}
